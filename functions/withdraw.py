"""The verb *withdraw*: a sample's author takes it back."""

from __future__ import annotations

from functions.records.database import Database
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow
from functions.records.traces import wipe_trace
from functions.store import objects, outbox
from functions.wake import Wake


def withdraw(database: Database, wake: Wake, sample_id: str) -> None:
    """Leave only a tombstone of a sample: its strokes and square are wiped, its objects go from the store.

    Withdrawing twice is the same as once. A sample that a later correction replaced is withdrawn already; its drawing
    belongs to the later sample, whose own receipt takes it back.

    Raises:
        UnknownSample: no sample ever had that id.
    """
    with database.writing() as session:
        sample = find_sample(session, sample_id, lock=True)
        if sample.status == "withdrawn":
            return
        sample.status = "withdrawn"
        sample.reason = "taken back by its author or the owner"
        drawing = session.get_one(DrawingRow, sample.drawing_id)
        drawing.strokes = None
        drawing.square = b""
        wipe_trace(session, sample.id)  # the hash of a picture tells something of it
        outbox.remove(session, objects.picture_key(sample.set_name, sample.label, sample.id))
        outbox.remove(session, objects.facts_key(sample.set_name, sample.label, sample.id))
    wake.outbox()
