"""What the object store must have for each kept drawing, and how it is sent again from the row."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.dataset.pictures import remade
from functions.records import facts, objects, outbox
from functions.records.drawings import is_wiped
from functions.records.objects import Expected
from functions.records.tables import DrawingRow, Prediction, Sample
from functions.records.withdrawals import HAS_SQUARE

Source = Literal["exact", "strokes", "square"]
ANSWERED = timedelta(minutes=1)  # a prediction's id is made in the request of its drawing, milliseconds later


def expected_drawings(session: Session, after: str, limit: int) -> list[Expected]:
    """Return what the store must have for up to ``limit`` drawings with ids greater than ``after``, in the order of ids."""
    page = select(DrawingRow).where(DrawingRow.id > after, HAS_SQUARE).order_by(DrawingRow.id).limit(limit)
    drawings = list(session.scalars(page))
    samples = _samples_of(session, [drawing.id for drawing in drawings])
    return [Expected(drawing.id, _sha256(session, drawing, samples.get(drawing.id))) for drawing in drawings]


@dataclass(frozen=True)
class SentAgain:
    """The number of ``objects`` that are sent, and where the ``picture`` comes from: None if it is not sent.

    ``lost`` tells that the picture is missing and cannot be made again to the byte.
    """

    objects: int = 0
    picture: Source | None = None
    lost: bool = False


def send_drawing_again(session: Session, drawing_id: str, wrong: Collection[str], *, remake: bool) -> SentAgain:
    """Send those of the ``wrong`` objects of a drawing that are still wanted.

    A picture that is not the earlier one to the byte is sent only with ``remake``. Then the row gets its SHA-256, and the facts
    are sent as well.
    """
    # Locked first, as everywhere, and read anew: the drawing may be withdrawn or corrected meanwhile.
    drawing = session.get(DrawingRow, drawing_id, with_for_update=True, populate_existing=True)
    if drawing is None or is_wiped(drawing):
        return SentAgain()
    sample = _samples_of(session, [drawing_id]).get(drawing_id)
    picture, facts_key = _keys(drawing, sample)
    if not {picture, facts_key} & set(wrong) or outbox.under_way(session, (picture, facts_key)):
        return SentAgain()
    made = remade(drawing) if picture in wrong else None
    lost = made is not None and made.source != "exact"
    sent = []
    if made is not None and (remake or not lost):
        drawing.png_sha256 = hashlib.sha256(made.png).hexdigest()
        session.flush()
        sent.append(outbox.Object(picture, made.png, "image/png"))
    if facts_key in wrong or (lost and remake):
        sent.append(outbox.Object(facts_key, _facts(session, drawing, sample), objects.JSON))
    if sent:
        outbox.send(session, *sent)
    return SentAgain(len(sent), made.source if made is not None and (remake or not lost) else None, lost)


def _samples_of(session: Session, drawings: Sequence[str]) -> dict[str, Sample]:
    """Return the sample of each drawing that has one."""
    theirs = select(Sample).where(Sample.drawing_id.in_(drawings), Sample.status != "withdrawn").order_by(Sample.id)
    return {sample.drawing_id: sample for sample in session.scalars(theirs.execution_options(populate_existing=True))}


def _sha256(session: Session, drawing: DrawingRow, sample: Sample | None) -> Mapping[str, str]:
    picture, facts_key = _keys(drawing, sample)
    return {picture: drawing.png_sha256, facts_key: hashlib.sha256(_facts(session, drawing, sample)).hexdigest()}


def _keys(drawing: DrawingRow, sample: Sample | None) -> tuple[str, str]:
    return objects.keys_of_drawing(drawing) if sample is None else objects.keys_of_sample(sample)


def _facts(session: Session, drawing: DrawingRow, sample: Sample | None) -> bytes:
    if sample is not None:
        return objects.facts_of_sample(session, sample, drawing)
    # By the time in their ids: predictions have no index of their drawings.
    first = int(drawing.id[:12], 16) if len(drawing.id) == 32 else 0
    last = f"{first + int(ANSWERED / timedelta(milliseconds=1)):012x}"
    about = select(Prediction).where(Prediction.id >= drawing.id[:12], Prediction.id < last, Prediction.drawing_id == drawing.id)
    return facts.drawing_facts(drawing, session.scalar(about.limit(1)))
