"""A contributor's own labelled drawings, whatever their status."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from functions.domain.drawing import Square
from functions.records.drawings import is_wiped, square_of
from functions.records.tables import DrawingRow, Sample

NEWEST_SAMPLES = 500  # newest samples of a contributor, of any set and status: a millisecond, however many there are


@dataclass(frozen=True)
class OwnSample:
    """A contributor's label for a drawing; None means "not a symbol". The label of an id never changes."""

    id: str
    label: str | None
    drawing: str


# Built once: each prediction for a visitor runs it, and building the statement takes longer than running it.
_NEWEST = (
    select(Sample.id, Sample.label, Sample.drawing_id, Sample.set_name, Sample.status)
    .where(Sample.contributor_id == bindparam("contributor"))
    .order_by(Sample.created.desc())
    .limit(NEWEST_SAMPLES)
    .subquery()
)
_OWN = (
    select(_NEWEST.c.id, _NEWEST.c.label, _NEWEST.c.drawing_id)
    .where(_NEWEST.c.set_name == bindparam("set_name"), _NEWEST.c.status != "withdrawn")
    .order_by(_NEWEST.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def own_samples(session: Session, set_name: str, contributor: str, limit: int) -> tuple[OwnSample, ...]:
    """Return up to ``limit`` samples of a contributor in a set that are not withdrawn, newest first, by one index scan."""
    asked = {"contributor": contributor, "set_name": set_name, "most": limit}
    return tuple(OwnSample(*row) for row in session.execute(_OWN, asked))


def squares_of(session: Session, samples: Collection[OwnSample]) -> dict[str, Square]:
    """Return the squares (28, 28) by the ids of their samples; drawings that were just withdrawn are left out."""
    rows = session.scalars(select(DrawingRow).where(DrawingRow.id.in_([sample.drawing for sample in samples])))
    squares = {row.id: square_of(row) for row in rows if not is_wiped(row)}
    return {sample.id: squares[sample.drawing] for sample in samples if sample.drawing in squares}
