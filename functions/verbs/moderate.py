"""The verb *moderate*: the owner decides about waiting samples."""

from __future__ import annotations

from sqlalchemy.orm import Session

from functions import jobs
from functions.errors import Conflict
from functions.records import objects
from functions.records.database import Database
from functions.records.samples import find_sample, waiting_of
from functions.records.tables import DrawingRow, Sample

SAMPLES_PER_TRANSACTION = 200  # some hundredths of a second, in which other writers wait


def moderate(database: Database, sample_id: str, *, accept: bool, learn_after: float = 0.5) -> None:
    """Accept or reject a sample and send its new facts; raise UnknownSample, or Conflict for a withdrawn sample."""
    with database.writing() as session:
        sample = find_sample(session, sample_id, lock=True)
        if sample.status == "withdrawn":
            raise Conflict("This sample was withdrawn.")
        _decide(session, sample, accept, learn_after)


def moderate_all(database: Database, *, set_name: str, contributor: str, accept: bool, learn_after: float = 0.5) -> int:
    """Accept or reject all waiting (pending or quarantined) samples of a contributor in a set; return their number."""
    decided = 0
    while True:
        with database.writing() as session:
            some = waiting_of(session, set_name, contributor, SAMPLES_PER_TRANSACTION)
            for sample in some:
                _decide(session, sample, accept, learn_after)
        decided += len(some)
        if len(some) < SAMPLES_PER_TRANSACTION:
            return decided


def _decide(session: Session, sample: Sample, accept: bool, learn_after: float) -> None:
    sample.status = "accepted" if accept else "rejected"
    sample.reason, sample.reason_figures = "owner", {"action": sample.status}
    row = session.get_one(DrawingRow, sample.drawing_id)
    objects.send_facts(session, sample, row)
    if accept:
        jobs.request(session, sample.set_name, jobs.QUICK, learn_after)
