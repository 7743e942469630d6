"""A line that goes on after some of its symbols were kept: these are found again, and not kept twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.dataset.readings import AnsweredGlyph
from functions.domain.reading.pieces import Box
from functions.records.drawings import is_wiped
from functions.records.tables import DrawingRow, Prediction

SAME = 0.02  # of a glyph's longer side: a symbol that was kept and the same symbol, read again, differ by less
MOST = 1_000  # newest predictions of a contributor among which a line is looked for: a line is written within minutes


@dataclass(frozen=True)
class EarlierReading:
    """A reading of the same contributor: its ``id``, the rows of its ``symbols``, none withdrawn, and its ``settled`` strokes.

    The last belong to symbols that their author has looked at, corrected or cut: nothing else is kept there.
    """

    id: str
    symbols: tuple[Prediction, ...]
    settled: frozenset[int]


def earlier_reading(session: Session, set_name: str, contributor: str, predictions: Sequence[str]) -> EarlierReading | None:
    """Return the reading of kept symbols that their author looked at; None if the contributor has none with them in the set."""
    looked_at = [row for one in predictions if (row := session.get(Prediction, one)) is not None and "reading" in row.opinions]
    own = [row for row in looked_at if (row.set_name, row.contributor_id) == (set_name, contributor)]
    if not own:
        return None
    reading = str(own[0].opinions["reading"]["id"])
    newest = select(Prediction).where(Prediction.contributor_id == contributor).order_by(Prediction.id.desc()).limit(MOST)
    rows = [one for one in session.scalars(newest) if one.opinions.get("reading", {}).get("id") == reading]
    kept = tuple(one for one in rows if not is_wiped(session.get_one(DrawingRow, one.drawing_id)))
    settled = frozenset(number for one in kept if one.id in predictions for number in _strokes(one))
    return EarlierReading(reading, kept, settled)


def found_again(answered: Sequence[AnsweredGlyph], earlier: EarlierReading) -> list[AnsweredGlyph]:
    """Return the glyphs, those that are kept already with the id of their prediction, and those of settled strokes as settled."""
    return [_found(one, earlier) for one in answered]


def _found(one: AnsweredGlyph, earlier: EarlierReading) -> AnsweredGlyph:
    same = next((row.id for row in earlier.symbols if _is_same(one, row)), None)
    strokes = one.glyph.place.strokes  # a picture has none
    return replace(one, kept_as=same, settled=same is None and bool(strokes) and earlier.settled.issuperset(strokes))


def _is_same(one: AnsweredGlyph, row: Prediction) -> bool:
    return _strokes(row) == one.glyph.place.strokes and _alike(one.glyph.box, row.opinions["reading"]["box"])


def _strokes(row: Prediction) -> tuple[int, ...]:
    return tuple(row.opinions["reading"]["place"]["strokes"])


def _alike(box: Box, other: Sequence[float]) -> bool:
    longer = max(box[2] - box[0], box[3] - box[1], 1.0)
    return all(abs(side - before) <= SAME * longer for side, before in zip(box, other, strict=True))
