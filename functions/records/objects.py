"""The objects of symbol sets, drawings and samples, sent to the store through the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from functions.records import facts, outbox
from functions.records.tables import DrawingRow, Prediction, Sample, SymbolSetRow
from functions.store import names


def send_set(session: Session, row: SymbolSetRow) -> None:
    """Send the facts of a symbol set."""
    session.flush()  # gives the row its defaults
    outbox.send(session, names.set_key(row.name), facts.set_facts(row), "application/json")


def send_drawing(session: Session, drawing: DrawingRow, png: bytes, prediction: Prediction) -> None:
    """Send the picture and the facts of a drawing that has no label yet."""
    outbox.send(session, names.drawing_key(drawing.set_name, drawing.id), png, "image/png")
    body = facts.drawing_facts(drawing, prediction)
    outbox.send(session, names.drawing_facts_key(drawing.set_name, drawing.id), body, "application/json")


def send_sample(session: Session, sample: Sample, drawing: DrawingRow, png: bytes) -> None:
    """Send the picture and the facts of a sample."""
    outbox.send(session, names.picture_key(sample.set_name, sample.label, sample.id), png, "image/png")
    send_facts(session, sample, drawing)


def send_facts(session: Session, sample: Sample, drawing: DrawingRow) -> None:
    """Send the facts of a sample whose picture was sent before."""
    key = names.facts_key(sample.set_name, sample.label, sample.id)
    outbox.send(session, key, facts.facts(sample, drawing), "application/json")


def keys_of_drawing(drawing: DrawingRow) -> Iterable[str]:
    """Return the keys of a drawing that has no label yet."""
    return names.drawing_key(drawing.set_name, drawing.id), names.drawing_facts_key(drawing.set_name, drawing.id)


def keys_of_sample(sample: Sample) -> Iterable[str]:
    """Return the keys of a sample."""
    place = (sample.set_name, sample.label, sample.id)
    return names.picture_key(*place), names.facts_key(*place)
