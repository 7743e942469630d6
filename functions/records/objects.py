"""The objects of symbol sets, drawings and samples, sent to the store through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions.records import facts, outbox
from functions.records.outbox import Object
from functions.records.tables import DrawingRow, Prediction, Sample, SymbolSetRow
from functions.store import names

JSON = "application/json"


@dataclass(frozen=True)
class Expected:
    """The objects that the store must have for a row: the SHA-256 of their bytes, by key."""

    id: str
    sha256: Mapping[str, str]


def send_set(session: Session, row: SymbolSetRow) -> None:
    """Send the facts of a symbol set."""
    session.flush()  # gives the row its defaults
    outbox.send(session, Object(names.set_key(row.name), facts.set_facts(row), JSON))


def of_drawing(drawing: DrawingRow, png: bytes, prediction: Prediction) -> tuple[Object, Object]:
    """Return the picture and the facts of a drawing that has no label yet."""
    picture, facts_key = keys_of_drawing(drawing)
    return Object(picture, png, "image/png"), Object(facts_key, facts.drawing_facts(drawing, prediction), JSON)


def send_sample(session: Session, sample: Sample, drawing: DrawingRow, png: bytes) -> None:
    """Send the picture and the facts of a sample."""
    picture, facts_key = keys_of_sample(sample)
    outbox.send_new(
        session, Object(picture, png, "image/png"), Object(facts_key, facts_of_sample(session, sample, drawing), JSON)
    )


def send_facts(session: Session, sample: Sample, drawing: DrawingRow) -> None:
    """Send the facts of a sample whose picture was sent before."""
    outbox.send(session, Object(keys_of_sample(sample)[1], facts_of_sample(session, sample, drawing), JSON))


def facts_of_sample(session: Session, sample: Sample, drawing: DrawingRow) -> bytes:
    """Return the facts of a sample, with the prediction that it corrects."""
    corrects = sample.prediction_id
    return facts.facts(sample, drawing, None if corrects is None else session.get_one(Prediction, corrects))


def keys_of_drawing(drawing: DrawingRow) -> tuple[str, str]:
    """Return the keys of the picture and the facts of a drawing that has no label yet."""
    return names.drawing_key(drawing.set_name, drawing.id), names.drawing_facts_key(drawing.set_name, drawing.id)


def keys_of_sample(sample: Sample) -> tuple[str, str]:
    """Return the keys of the picture and the facts of a sample."""
    place = (sample.set_name, sample.label, sample.id)
    return names.picture_key(*place), names.facts_key(*place)
