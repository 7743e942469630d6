"""Who teaches and who judges: the collected samples are divided by a hash of who drew them, so that nobody is on both sides.

Where anybody's drawings were on both, a version could pass the gate by knowing a hand by heart. So most people's drawings teach;
some people's only judge, and some people's only choose how much of a lesson is kept and which of two trainings goes on.

- The hash decides when a contributor's first drawing of a set is about to teach, and that is kept: nobody ever changes sides.
- The first ``FIRST`` people of a set all teach, and so does whoever had taught before there were sides. A laptop with three
  people learns from all three. What comes with an owner's token always teaches, too: it is how datasets are brought in.
- The hash is of the contributor alone, so whoever only judges in one set does so in every other (unless among its first people).
- Of those who do not teach only drawings that were labelled before any network answered choose and judge. A correction says where
  the version that answered was wrong, one pressed "right" where it was right: both would favour one of two versions. They are
  kept ``aside``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from functions import jobs
from functions.records import split_assignments as records
from functions.records.database import Database
from functions.records.locks import locked
from functions.records.split_assignments import Side
from functions.records.tables import Sample, SymbolSetRow

SampleSide = Side | Literal["aside"]

FIRST = 20  # people: of fewer, one in ten is nobody for certain, or the only one who draws a 4 as they do
AT_ONCE = 2_000  # samples in one transaction: some hundredths of a second, in which others wait


class SplitShares(NamedTuple):
    """Which shares (0..1) of the contributors choose and judge."""

    choose: float
    judge: float


SHIPPED = SplitShares(0.05, 0.1)  # squares that ship choose and judge as well
OWN = SplitShares(3 / 16, 3 / 16)  # nothing else does: as many as of a set's first people's samples (``records.lessons``)


def hashed_split(contributor: str, shares: SplitShares) -> Side:
    """Return the side that the hash of a contributor falls on: the same for ever, and nobody can choose it."""
    point = int.from_bytes(hashlib.sha256(contributor.encode()).digest()[:8]) / 2**64
    if point < shares.judge:
        return "judge"
    return "choose" if point >= 1 - shares.choose else "teach"  # from both ends, so that larger shares hold the same people


def assign_splits(database: Database, claim: jobs.Lease, limit: int, *, at_once: int = AT_ONCE) -> None:
    """Give the newest ``limit`` accepted samples of the run's set that have none their side, some in each transaction.

    No run looks for those that never teach from then on.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    for start in range(0, limit, at_once):
        if _divide(database, claim, min(at_once, limit - start)) < at_once:
            return


def splits_of(session: Session, set_name: str, people: Sequence[str]) -> dict[str, Side]:
    """Return the sides of ``people``, who came in this order; those who had none have one for ever from now on."""
    known = records.splits_of(session, set_name, people)
    if all(one in known for one in people):
        return known
    locked(session, "sides")  # a run and a correction may come across the same person, or both across the twentieth
    known = records.splits_of(session, set_name, people)
    fresh = [one for one in dict.fromkeys(people) if one not in known]
    teach = {*fresh[: FIRST - records.how_many(session, set_name, FIRST)], *records.with_tokens(session, fresh)}
    shares = _shares(session, set_name)
    found: dict[str, Side] = {one: "teach" if one in teach else hashed_split(one, shares) for one in fresh}
    records.keep_splits(session, set_name, found)
    return known | found


def expected_split(session: Session, set_name: str, contributor: str) -> Side:
    """Return the side of a contributor, or the one that would be theirs if it were decided now."""
    known = records.splits_of(session, set_name, [contributor])
    if contributor in known:
        return known[contributor]
    if records.how_many(session, set_name, FIRST) < FIRST or records.with_tokens(session, [contributor]):
        return "teach"
    return hashed_split(contributor, _shares(session, set_name))


def assign_split(session: Session, sample: Sample) -> None:
    """Give a sample its split, and its contributor one where that has none yet."""
    author = sample.contributor_id
    of_contributor = splits_of(session, sample.set_name, [author])[author]
    sample.side = split_of_sample(of_contributor, sample.source)


def split_of_sample(of_contributor: Side, source: str) -> SampleSide:
    """Return what one drawing of a contributor is for."""
    return of_contributor if of_contributor == "teach" or source == "contribution" else "aside"


def _shares(session: Session, set_name: str) -> SplitShares:
    return SHIPPED if session.get_one(SymbolSetRow, set_name).origin == "shipped" else OWN


def _divide(database: Database, claim: jobs.Lease, limit: int) -> int:
    with database.writing() as session:
        jobs.hold(session, claim)
        samples = records.unassigned(session, claim.set_name, limit)
        known = splits_of(session, claim.set_name, [one.contributor for one in reversed(samples)])
        marked: dict[SampleSide, list[str]] = {}
        for one in samples:
            marked.setdefault(split_of_sample(known[one.contributor], one.source), []).append(one.sample)
        for side, ids in marked.items():
            records.mark(session, side, ids)
        return len(samples)
