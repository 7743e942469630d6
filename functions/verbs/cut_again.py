"""The verb *cut again*: glyphs of a reading that were cut wrongly become the right ones.

The old glyphs are withdrawn, with whatever labels they had: nobody drew them. The new ones are drawings with predictions of their
own and have no label: a wrong cut says nothing about the networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.dataset.pictures import picture_here
from functions.dataset.predicted import Examples
from functions.dataset.readings import Reading, ReadingNetworks, answer_glyph, find_reading, glyphs_to_keep, place_of, store
from functions.domain.drawing import from_json, from_png
from functions.domain.reading import Ask, Box, cut_in_two, kept_glyphs
from functions.domain.reading.cut_by_boxes import cut_by_boxes
from functions.domain.reading.kept_glyphs import PartOfLine
from functions.domain.reading.pieces import Glyph
from functions.domain.trust.reason_codes import Reason
from functions.errors import Conflict, MissingObject, UnknownPrediction
from functions.records.database import Database
from functions.records.drawings import is_wiped, read_strokes
from functions.records.idempotency import RequestKey
from functions.records.tables import DrawingRow, Prediction, Sample
from functions.records.withdrawals import samples_of, wipe
from functions.store import Store, names

CUT_AGAIN = Reason("corrected_again", {})  # such samples say nothing about the networks
WITHDRAWN = "A drawing of this reading was withdrawn, so it cannot be cut again."


@dataclass(frozen=True)
class NewCut:
    """What is wrong with the cut of a set's reading: its glyphs ``predictions`` are one, or, if there is only one, are several.

    These are the best two, or have ``boxes`` in the line like these.
    """

    set_name: str
    predictions: tuple[str, ...]
    key: RequestKey | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class _Kept:
    """A glyph as it was kept, with its picture if it has no strokes; ``keys`` are where only the store may have it."""

    prediction: Prediction
    drawing: DrawingRow
    png: bytes | None
    keys: tuple[str, ...]


def cut_again(
    database: Database, store_: Store, runtime: ReadingNetworks, new: NewCut, examples: Examples | None = None
) -> Reading:
    """Withdraw wrongly cut glyphs, and store the right ones, of their author, with the networks' answers; return these.

    Raises:
        UnknownPrediction: the set has no kept prediction with one of the ids.
        Conflict: they are no glyphs of one reading, or were withdrawn, or a glyph is too small to be several.
        KeyReused: the key was used for another request.
        MissingObject, StoreUnavailable: only the store has an uploaded picture, and does not give it now.
    """
    with database.reading() as session:
        if (earlier := find_reading(session, new.key)) is not None:
            return earlier
        kept = [_kept(session, new.set_name, one) for one in new.predictions]
    kept = [_fetched(store_, one) for one in kept]  # without a connection to the database, of which there are few
    reading, author = _of_one_reading(kept)
    part = _together(kept)
    with runtime.cnn(new.set_name) as ask:
        glyphs = [part.in_line(glyph) for glyph in _glyphs(part, ask, into_one=len(kept) > 1, boxes=new.boxes)]
    answered = [answer_glyph(runtime, new.set_name, glyph, examples) for glyph in glyphs]
    rows = glyphs_to_keep(answered, author, reading)
    return store(database, answered, rows, new.key, lambda session: _withdraw(session, new.predictions))


def _kept(session: Session, set_name: str, prediction_id: str) -> _Kept:
    prediction = session.get(Prediction, prediction_id)
    if prediction is None or prediction.set_name != set_name:
        raise UnknownPrediction("There is no kept prediction with that id.")
    drawing = session.get_one(DrawingRow, prediction.drawing_id)
    if is_wiped(drawing):
        raise Conflict(WITHDRAWN)
    if drawing.strokes is not None:
        return _Kept(prediction, drawing, None, ())
    keys = _keys(session, prediction, drawing)
    found = (picture_here(session, key, drawing) for key in keys)
    png = next((one for one in found if one is not None), None)
    return _Kept(prediction, drawing, png, keys if png is None else ())


def _keys(session: Session, prediction: Prediction, drawing: DrawingRow) -> tuple[str, ...]:
    """Return where the picture of an upload may be: by itself, or under its label."""
    alone = names.drawing_key(prediction.set_name, drawing.id)
    labelled = select(Sample).where(Sample.drawing_id == drawing.id, Sample.status != "withdrawn").order_by(Sample.id.desc())
    sample = session.scalar(labelled.limit(1))
    return (alone,) if sample is None else (alone, names.picture_key(sample.set_name, sample.label, sample.id))


def _fetched(store_: Store, kept: _Kept) -> _Kept:
    """Return a glyph with its picture from the store if only the store has it."""
    if not kept.keys:
        return kept
    for key in kept.keys:
        with suppress(MissingObject):
            return replace(kept, png=store_.get(key))
    raise MissingObject("The picture of this drawing is being moved; try again in a moment.")


def _of_one_reading(kept: Sequence[_Kept]) -> tuple[str, str]:
    """Return the reading and its author, or raise Conflict."""
    found = {(one.prediction.opinions.get("reading", {}).get("id"), one.prediction.contributor_id) for one in kept}
    (reading, author), *others = found
    if others or reading is None or len({one.prediction.id for one in kept}) < len(kept):
        raise Conflict("Only different symbols of one reading can be cut again.")
    return reading, author


def _together(kept: Sequence[_Kept]) -> PartOfLine:
    strokes = [(one.drawing.strokes, place_of(one.prediction)) for one in kept]
    written = [(from_json(read_strokes(packed)), place) for packed, place in strokes if packed is not None]
    if len(written) == len(kept):
        return kept_glyphs.of_strokes(written)
    return kept_glyphs.of_pictures([(from_png(one.png).ink, place_of(one.prediction)) for one in kept if one.png is not None])


def _glyphs(part: PartOfLine, ask: Ask, *, into_one: bool, boxes: Sequence[Box]) -> list[Glyph]:
    if into_one:
        return [part.writing.glyph(tuple(range(len(part.writing.pieces))))]
    if boxes:
        return cut_by_boxes(part.writing, [part.from_line(box) for box in boxes])
    return cut_in_two(part.writing, ask).glyphs()


def _withdraw(session: Session, predictions: Sequence[str]) -> None:
    """Withdraw the old glyphs, locked in the order of all verbs: predictions, drawings, samples."""
    rows = [session.get_one(Prediction, one, with_for_update=True) for one in sorted(predictions)]
    found = sorted(row.drawing_id for row in rows)
    drawings = [session.get_one(DrawingRow, one, with_for_update=True, populate_existing=True) for one in found]
    if any(map(is_wiped, drawings)):
        raise Conflict(WITHDRAWN)
    wipe(session, drawings, samples_of(session, drawings), CUT_AGAIN)
