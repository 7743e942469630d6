"""The verb *report*: somebody says that a drawing does not belong into the dataset.

A report changes nothing about the sample, so nobody can hide a drawing. It only brings the sample before the owner.
"""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from functions.domain.webhooks import Event
from functions.errors import UnknownSample
from functions.records import webhooks
from functions.records.database import Database
from functions.records.reports import add_report
from functions.records.samples import find_sample


def report(database: Database, sample_id: str, reporter: str) -> None:
    """Report a sample; a repeated report, and one about a sample that waits for the owner anyway, change nothing.

    Raises:
        UnknownSample: there is no such sample, or it was withdrawn.
    """
    try:
        with database.writing() as session:
            sample = find_sample(session, sample_id)
            if sample.status == "withdrawn":
                raise UnknownSample("This sample was withdrawn.")
            if sample.status == "accepted" and add_report(session, sample, reporter):
                webhooks.tell(session, Event.SAMPLE_WAITING, sample.set_name, sample=sample.id, status="reported")
    except IntegrityError:
        return  # the same report twice at once
