"""Which side of the dataset people and their samples are on. Each question goes down an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.tables import Sample, SideRow, Token
from functions.records.training_samples import UNSEEN

Side = Literal["teach", "choose", "judge"]

AT_ONCE = 500  # ids in one statement
QUIETLY = {"synchronize_session": False}


class Undivided(NamedTuple):
    """An accepted sample whose side nobody has decided."""

    sample: str
    contributor: str
    source: str


def undivided(session: Session, set_name: str, limit: int) -> list[Undivided]:
    """Return the newest ``limit`` accepted samples without a side, newest first."""
    question = select(Sample.id, Sample.contributor_id, Sample.source).where(Sample.set_name == set_name, UNSEEN)
    rows = session.execute(question.where(Sample.side.is_(None)).order_by(Sample.id.desc()).limit(limit))
    return [Undivided(*row) for row in rows]


def sides_of(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, Side]:
    """Return the sides of those of some contributors that have one."""
    asked, found = list(dict.fromkeys(contributors)), dict[str, Side]()
    for start in range(0, len(asked), AT_ONCE):
        theirs = SideRow.contributor_id.in_(asked[start : start + AT_ONCE])
        rows = session.execute(select(SideRow.contributor_id, SideRow.side).where(SideRow.set_name == set_name, theirs))
        found.update({contributor: cast(Side, side) for contributor, side in rows})
    return found


def with_tokens(session: Session, contributors: Collection[str]) -> set[str]:
    """Return those of some contributors that have an owner's token; there are few tokens."""
    return set(session.scalars(select(Token.contributor_id))) & set(contributors)


def how_many(session: Session, set_name: str, most: int) -> int:
    """Return how many contributors of a set have a side; ``most`` where there are more."""
    some = select(SideRow.contributor_id).where(SideRow.set_name == set_name).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def keep_sides(session: Session, set_name: str, sides: Mapping[str, Side]) -> None:
    """Write down the sides of contributors that have none yet."""
    if sides:
        rows = [{"set_name": set_name, "contributor_id": contributor, "side": side} for contributor, side in sides.items()]
        session.execute(insert(SideRow), rows)


def mark(session: Session, side: str, samples: Sequence[str]) -> None:
    """Note the side of some samples."""
    for start in range(0, len(samples), AT_ONCE):
        some = Sample.id.in_(samples[start : start + AT_ONCE])
        session.execute(update(Sample).where(some).values(side=side), execution_options=QUIETLY)
