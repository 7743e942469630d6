"""The verb *moderate*: the owner decides about a sample that waits."""

from __future__ import annotations

from functions import jobs
from functions.errors import Conflict
from functions.records.database import Database
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow
from functions.store import objects, outbox


def moderate(database: Database, wake: jobs.Wake, sample_id: str, *, accept: bool, learn_after: float = 2.0) -> None:
    """Accept a sample, so that it may teach, or reject it; the facts beside its picture follow.

    Raises:
        UnknownSample: no sample ever had that id.
        Conflict: it was withdrawn.
    """
    with database.writing() as session:
        sample = find_sample(session, sample_id, lock=True)
        if sample.status == "withdrawn":
            raise Conflict("This sample was withdrawn.")
        sample.status = "accepted" if accept else "rejected"
        sample.reason = f"{sample.status} by the owner"
        row = session.get_one(DrawingRow, sample.drawing_id)
        key = objects.facts_key(sample.set_name, sample.label, sample.id)
        outbox.send(session, key, objects.facts(sample, row), "application/json")
        if accept:
            jobs.request(session, sample.set_name, "learn", learn_after)
    wake.outbox()
    if accept:
        wake.runs(learn_after)
