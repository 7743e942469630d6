"""A contributor's own labelled drawings, whatever trust made of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.drawing import Square
from functions.records.drawings import is_wiped, square_of
from functions.records.tables import DrawingRow, Sample

LOOKED_AT = 500  # newest samples of a contributor, of any set and taken back or not: a millisecond, however many there are


@dataclass(frozen=True)
class OwnSample:
    """What a contributor said of a drawing; a label of None says that it is not a symbol. An id's label never changes."""

    id: str
    label: str | None
    drawing: str


def own_samples(session: Session, set_name: str, contributor: str, limit: int) -> tuple[OwnSample, ...]:
    """Return up to ``limit`` samples of a contributor in a set that are not taken back, newest first; one walk down an index."""
    newest = (
        select(Sample.id, Sample.label, Sample.drawing_id, Sample.set_name, Sample.status)
        .where(Sample.contributor_id == contributor)
        .order_by(Sample.created.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    of_set = select(newest.c.id, newest.c.label, newest.c.drawing_id).where(
        newest.c.set_name == set_name, newest.c.status != "withdrawn"
    )
    return tuple(OwnSample(*row) for row in session.execute(of_set.order_by(newest.c.id.desc()).limit(limit)))


def squares_of(session: Session, samples: Collection[OwnSample]) -> dict[str, Square]:
    """Return the squares (28, 28) of some samples' drawings by the sample's id, but for those that were just taken back."""
    rows = session.scalars(select(DrawingRow).where(DrawingRow.id.in_([sample.drawing for sample in samples])))
    squares = {row.id: square_of(row) for row in rows if not is_wiped(row)}
    return {sample.id: squares[sample.drawing] for sample in samples if sample.drawing in squares}
