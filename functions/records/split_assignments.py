"""Which side of the dataset people and their samples are on. Each question goes down an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.tables import Sample, SplitRow, Token
from functions.records.training_samples import UNSEEN

Side = Literal["teach", "choose", "judge"]

AT_ONCE = 500  # ids in one statement
QUIETLY = {"synchronize_session": False}


class Unassigned(NamedTuple):
    """An accepted sample whose side nobody has decided."""

    sample: str
    contributor: str
    source: str


def unassigned(session: Session, set_name: str, limit: int) -> list[Unassigned]:
    """Return the newest ``limit`` accepted samples without a side, newest first."""
    question = select(Sample.id, Sample.contributor_id, Sample.source).where(Sample.set_name == set_name, UNSEEN)
    rows = session.execute(question.where(Sample.side.is_(None)).order_by(Sample.id.desc()).limit(limit))
    return [Unassigned(*row) for row in rows]


def splits_of(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, Side]:
    """Return the sides of those of some contributors that have one."""
    asked, found = list(dict.fromkeys(contributors)), dict[str, Side]()
    for start in range(0, len(asked), AT_ONCE):
        theirs = SplitRow.contributor_id.in_(asked[start : start + AT_ONCE])
        rows = session.execute(select(SplitRow.contributor_id, SplitRow.side).where(SplitRow.set_name == set_name, theirs))
        found.update({contributor: cast(Side, side) for contributor, side in rows})
    return found


def with_tokens(session: Session, contributors: Collection[str]) -> set[str]:
    """Return those of some contributors that have an owner's token; there are few tokens."""
    return set(session.scalars(select(Token.contributor_id))) & set(contributors)


def how_many(session: Session, set_name: str, most: int) -> int:
    """Return how many contributors of a set have a side; ``most`` where there are more."""
    some = select(SplitRow.contributor_id).where(SplitRow.set_name == set_name).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def keep_splits(session: Session, set_name: str, sides: Mapping[str, Side]) -> None:
    """Write down the sides of contributors that have none yet."""
    if sides:
        rows = [{"set_name": set_name, "contributor_id": contributor, "side": side} for contributor, side in sides.items()]
        session.execute(insert(SplitRow), rows)


def mark(session: Session, side: str, samples: Sequence[str]) -> None:
    """Note the side of some samples."""
    for start in range(0, len(samples), AT_ONCE):
        some = Sample.id.in_(samples[start : start + AT_ONCE])
        session.execute(update(Sample).where(some).values(side=side), execution_options=QUIETLY)
