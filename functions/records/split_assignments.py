"""The split of contributors and of their samples. Each query uses an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, cast

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.database import batches
from functions.records.snapshots import QUIETLY
from functions.records.tables import Sample, SplitCount, SplitRow, Token
from functions.records.training_samples import UNSEEN

Split = Literal["train", "validation", "test"]


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
    """Return the splits by contributor; contributors without a split are left out."""
    question = select(SplitRow.contributor_id, SplitRow.split).where(SplitRow.set_name == set_name)
    found: dict[str, Split] = {}
    for some in batches(list(dict.fromkeys(contributors))):
        rows = session.execute(question.where(SplitRow.contributor_id.in_(some)))
        found.update({contributor: cast(Split, split) for contributor, split in rows})
    return found


def with_tokens(session: Session, contributors: Collection[str]) -> set[str]:
    """Return the contributors, of ``contributors``, that have an owner's token; there are few tokens."""
    return set(session.scalars(select(Token.contributor_id))) & set(contributors)


def how_many(session: Session, set_name: str, most: int) -> int:
    """Return how many contributors of a set have a split, but count no further than ``most``."""
    some = select(SplitRow.contributor_id).where(SplitRow.set_name == set_name).limit(most)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def learned_from(session: Session, set_name: str) -> int:
    """Return how many contributors the networks of a set learn from: those whose split is ``train``."""
    return (
        session.scalar(select(SplitCount.contributors).where(SplitCount.set_name == set_name, SplitCount.split == "train")) or 0
    )


def keep_splits(session: Session, set_name: str, splits: Mapping[str, Split]) -> None:
    """Store the splits of contributors that have none yet."""
    if splits:
        rows = [{"set_name": set_name, "contributor_id": contributor, "split": split} for contributor, split in splits.items()]
        session.execute(insert(SplitRow), rows)


def mark(session: Session, split: str, samples: Sequence[str]) -> None:
    """Store the split of some samples."""
    for some in batches(samples):
        session.execute(update(Sample).where(Sample.id.in_(some)).values(split=split), execution_options=QUIETLY)
