"""The objects of drawings and samples: a picture and the facts beside it, promised to the store through the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from functions.records import facts, outbox
from functions.records.tables import DrawingRow, Prediction, Sample


def send_drawing(session: Session, drawing: DrawingRow, png: bytes, prediction: Prediction) -> None:
    """Promise the picture and the facts of a drawing that has no label yet."""
    outbox.send(session, facts.drawing_key(drawing.set_name, drawing.id), png, "image/png")
    body = facts.drawing_facts(drawing, prediction)
    outbox.send(session, facts.drawing_facts_key(drawing.set_name, drawing.id), body, "application/json")


def send_sample(session: Session, sample: Sample, drawing: DrawingRow, png: bytes) -> None:
    """Promise the picture and the facts of a sample."""
    outbox.send(session, facts.picture_key(sample.set_name, sample.label, sample.id), png, "image/png")
    send_facts(session, sample, drawing)


def send_facts(session: Session, sample: Sample, drawing: DrawingRow) -> None:
    """Promise the facts of a sample whose picture was sent before."""
    key = facts.facts_key(sample.set_name, sample.label, sample.id)
    outbox.send(session, key, facts.facts(sample, drawing), "application/json")


def keys_of_drawing(drawing: DrawingRow) -> Iterable[str]:
    """Return the keys of a drawing that has no label yet."""
    return facts.drawing_key(drawing.set_name, drawing.id), facts.drawing_facts_key(drawing.set_name, drawing.id)


def keys_of_sample(sample: Sample) -> Iterable[str]:
    """Return the keys of a sample."""
    place = (sample.set_name, sample.label, sample.id)
    return facts.picture_key(*place), facts.facts_key(*place)
