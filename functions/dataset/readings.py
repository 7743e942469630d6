"""The glyphs of a reading: answered one by one, kept as drawings of their own, and found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions.dataset.predicted import Examples, LiveNetworks, Predicted, ToKeep, answer, keep, shown_again, to_keep
from functions.domain.answer import ModelPrediction
from functions.domain.reading import Ask
from functions.domain.reading.pieces import Box, Glyph, Place
from functions.records.database import Database
from functions.records.drawings import is_wiped, square_of
from functions.records.idempotency import RequestKey, find_subject, keep_key
from functions.records.tables import DrawingRow, Prediction, new_id

SAME_REQUEST = 60_000  # milliseconds within which the glyphs of one request got their ids


class ReadingNetworks(LiveNetworks, Protocol):
    """The part of the live models that a reading needs."""

    def cnn(self, set_name: str) -> AbstractContextManager[Ask]:
        """Lend the learned CNN of a set."""


@dataclass(frozen=True)
class ReadGlyph:
    """A glyph of a reading: its ``label``, its ``box`` (left, top, right, bottom), the numbers of its strokes, its prediction."""

    label: str
    box: Box
    strokes: tuple[int, ...]
    prediction: Predicted


@dataclass(frozen=True)
class Reading:
    """The glyphs of a line, from left to right; it is not ``new`` where an earlier equal request stored them."""

    glyphs: tuple[ReadGlyph, ...]
    new: bool = True

    @property
    def text(self) -> str:
        """The labels in a row."""
        return "".join(glyph.label for glyph in self.glyphs)


@dataclass(frozen=True, eq=False)
class AnsweredGlyph:
    """A glyph with what the networks say to it; ``kept_as`` is its prediction, if it is kept already.

    One that is ``settled`` lies where its author has kept other glyphs, so it is not kept.
    """

    glyph: Glyph
    predicted: Predicted
    label: str
    kept_as: str | None = None
    settled: bool = False

    @property
    def is_new(self) -> bool:
        """Tell whether the glyph is to be kept."""
        return self.kept_as is None and not self.settled

    def shown(self, prediction_id: str | None = None) -> ReadGlyph:
        """Return the glyph for an answer."""
        strokes = tuple(dict.fromkeys(self.glyph.place.strokes))
        return ReadGlyph(self.label, self.glyph.box, strokes, replace(self.predicted, id=prediction_id))


def answer_glyph(runtime: LiveNetworks, set_name: str, glyph: Glyph, examples: Examples | None) -> AnsweredGlyph:
    """Ask both networks about a glyph.

    In a line its label is the CNN's, by which the line was cut: where the networks differ, the CNN is right more often
    (``python -m benchmarks.readings``). The visitor's own drawings come before it. Also a glyph that the
    networks reject has a label.
    """
    predicted = answer(runtime, set_name, glyph.drawing, examples)
    label = predicted.answer.label if predicted.adapted else None
    return AnsweredGlyph(glyph, predicted, label or _cnn_label(predicted.model_predictions))


def glyphs_to_keep(answered: Sequence[AnsweredGlyph], contributor: str, reading: str | None = None) -> list[ToKeep]:
    """Make the rows of the glyphs that are not kept already; those of an earlier ``reading`` stay together with it."""
    reading, request = reading or new_id(), new_id()
    beside = {str(number): one.kept_as for number, one in enumerate(answered) if one.kept_as is not None}
    return [
        to_keep(one.predicted, one.glyph.drawing, contributor, _facts(one, reading, request, number) | {"beside": beside})
        for number, one in enumerate(answered)
        if one.is_new
    ]


def store(
    database: Database,
    answered: Sequence[AnsweredGlyph],
    kept: Sequence[ToKeep],
    key: RequestKey | None,
    before: Callable[[Session], None] = lambda _: None,
) -> Reading:
    """Store glyphs in one transaction, after what is to be done ``before``; return those of an earlier equal request instead.

    ``kept`` are the rows of those among ``answered`` that are not kept already. Where all are, nothing is stored.
    """
    if not kept:
        return Reading(tuple(one.shown(one.kept_as) for one in answered), new=False)
    try:
        with database.writing() as session:
            if (earlier := find_reading(session, key)) is not None:
                return earlier
            before(session)
            for one in kept:
                keep(session, one)
            keep_key(session, key, kept[0].prediction.id)
    except IntegrityError:
        # Two equal requests at once: the other one has stored the unique key, so its glyphs answer this request too.
        with database.reading() as session:
            if (earlier := find_reading(session, key)) is None:
                raise
            return earlier
    ids = iter([row.prediction.id for row in kept])
    return Reading(tuple(one.shown(next(ids) if one.is_new else one.kept_as) for one in answered))


def find_reading(session: Session, key: RequestKey | None) -> Reading | None:
    """Return the glyphs that an earlier equal request stored, None if there was no such request. Raises KeyReused."""
    first = find_subject(session, key)
    return None if first is None else Reading(tuple(_glyphs_of_request(session, first)), new=False)


def place_of(prediction: Prediction) -> Place:
    """Return the place of a kept glyph in its line."""
    kept = prediction.opinions["reading"]["place"]
    return Place(kept["left"], kept["top"], kept["scale"], tuple(kept["strokes"]))


def _glyphs_of_request(session: Session, first: str) -> list[ReadGlyph]:
    """Return the glyphs of the request that kept the prediction ``first``, as they were shown."""
    row = session.get_one(Prediction, first)
    last = f"{int(first[:12], 16) + SAME_REQUEST:012x}"  # an id begins with its time
    near = select(Prediction).where(Prediction.id >= first[:12], Prediction.id < last)
    rows = session.scalars(near.where(Prediction.contributor_id == row.contributor_id))
    together = [one for one in rows if one.opinions.get("reading", {}).get("request") == row.opinions["reading"]["request"]]
    places = {int(one.opinions["reading"]["number"]): one for one in together}
    beside = row.opinions["reading"].get("beside", {})  # rows of earlier releases have none
    places |= {int(number): session.get_one(Prediction, kept) for number, kept in beside.items()}
    return [_shown(session, places[number]) for number in sorted(places)]


def _shown(session: Session, row: Prediction) -> ReadGlyph:
    kept, drawing = row.opinions["reading"], session.get_one(DrawingRow, row.drawing_id)
    predicted = shown_again(row, None if is_wiped(drawing) else square_of(drawing))
    left, top, right, bottom = kept["box"]
    return ReadGlyph(kept["label"], (left, top, right, bottom), tuple(dict.fromkeys(kept["place"]["strokes"])), predicted)


def _facts(one: AnsweredGlyph, reading: str, request: str, number: int) -> dict[str, Any]:
    place = asdict(one.glyph.place) | {"strokes": list(one.glyph.place.strokes)}
    return {"id": reading, "request": request, "number": number, "label": one.label, "box": list(one.glyph.box), "place": place}


def _cnn_label(predictions: Sequence[ModelPrediction]) -> str:
    learned = {one.learner: one for one in predictions if one.role == "learned"}
    return (learned.get("cnn") or next(iter(learned.values()))).top[0].label
