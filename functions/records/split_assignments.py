"""The split of contributors and of their samples. Each query uses an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.database import IDS_PER_STATEMENT
from functions.records.tables import Sample, SplitRow, Token
from functions.records.training_samples import UNSEEN

Split = Literal["train", "validation", "test"]

QUIETLY = {"synchronize_session": False}


class Unassigned(NamedTuple):
    """An accepted sample without a split."""

    sample: str
    contributor: str
    source: str


def unassigned(session: Session, set_name: str, limit: int) -> list[Unassigned]:
    """Return the newest ``limit`` accepted samples without a split, newest first."""
    question = select(Sample.id, Sample.contributor_id, Sample.source).where(Sample.set_name == set_name, UNSEEN)
    rows = session.execute(question.where(Sample.split.is_(None)).order_by(Sample.id.desc()).limit(limit))
    return [Unassigned(*row) for row in rows]


def splits_of(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, Split]:
    """Return the splits of those contributors that have one."""
    asked, found = list(dict.fromkeys(contributors)), dict[str, Split]()
    for start in range(0, len(asked), IDS_PER_STATEMENT):
        theirs = SplitRow.contributor_id.in_(asked[start : start + IDS_PER_STATEMENT])
        rows = session.execute(select(SplitRow.contributor_id, SplitRow.split).where(SplitRow.set_name == set_name, theirs))
        found.update({contributor: cast(Split, split) for contributor, split in rows})
    return found


def with_tokens(session: Session, contributors: Collection[str]) -> set[str]:
    """Return those of some contributors that have an owner's token; there are few tokens."""
    return set(session.scalars(select(Token.contributor_id))) & set(contributors)


def how_many(session: Session, set_name: str, most: int) -> int:
    """Return how many contributors of a set have a split; ``most`` where there are more."""
    some = select(SplitRow.contributor_id).where(SplitRow.set_name == set_name).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def keep_splits(session: Session, set_name: str, splits: Mapping[str, Split]) -> None:
    """Write down the splits of contributors that have none yet."""
    if splits:
        rows = [{"set_name": set_name, "contributor_id": contributor, "split": split} for contributor, split in splits.items()]
        session.execute(insert(SplitRow), rows)


def mark(session: Session, split: str, samples: Sequence[str]) -> None:
    """Write down the split of some samples."""
    for start in range(0, len(samples), IDS_PER_STATEMENT):
        some = Sample.id.in_(samples[start : start + IDS_PER_STATEMENT])
        session.execute(update(Sample).where(some).values(split=split), execution_options=QUIETLY)
