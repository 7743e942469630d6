"""Splits: the collected samples are divided into train, validation and test by a hash of the contributor.

If drawings of one person were in both train and test, a version could pass the gate because it knows that person's handwriting.
Most contributors are therefore in train, some only in validation and some only in test.

- A contributor gets a split when the first drawing for a set could be trained on. The split is stored and never changes.
- The first ``FIRST`` contributors of a set are in train, so that a laptop with three people learns from all three. Contributors
  that were trained on before there were splits are in train too, and owners' tokens, because datasets are imported with these.
- The hash depends on the contributor alone: a test contributor of one set is in test in every set (unless among the first).
- Of validation and test contributors, only drawings that were labelled before a network answered are used. A correction tells
  where the answering version was wrong, and "right" where it was right: both would favour one of two versions. Such samples
  are ``unused``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy.orm import Session

from functions import jobs
from functions.records import split_assignments as records
from functions.records.database import Database, locked
from functions.records.split_assignments import Split
from functions.records.tables import SymbolSetRow

SampleSplit = Split | Literal["unused"]

FIRST = 20  # contributors: of fewer, a tenth may be nobody, or the only one who draws a 4 in some way
SAMPLES_PER_TRANSACTION = 2_000  # some hundredths of a second, in which other writers wait


class SplitShares(NamedTuple):
    """The shares (0..1) of the contributors in validation and test."""

    validation: float
    test: float


SHIPPED = SplitShares(0.05, 0.1)  # shipped squares are used for both as well
OWN = SplitShares(3 / 16, 3 / 16)  # nothing ships: the same shares as by sample ids (``records.training_samples``)


def hashed_split(contributor: str, shares: SplitShares) -> Split:
    """Return the split of a contributor by hash: always the same, and a contributor cannot choose it."""
    point = int.from_bytes(hashlib.sha256(contributor.encode()).digest()[:8]) / 2**64
    if point < shares.test:
        return "test"
    # From both ends, so that larger shares contain the same contributors.
    return "validation" if point >= 1 - shares.validation else "train"


def assign_splits(database: Database, claim: jobs.Lease, limit: int, *, at_once: int = SAMPLES_PER_TRANSACTION) -> None:
    """Assign splits to the newest ``limit`` accepted samples of the run's set without one, ``at_once`` in each transaction.

    Later runs do not consider the samples outside train. Raises LeaseLost if another worker has taken the run over.
    """
    for start in range(0, limit, at_once):
        if _divide(database, claim, min(at_once, limit - start)) < at_once:
            return


def splits_of(session: Session, set_name: str, people: Sequence[str]) -> dict[str, Split]:
    """Return the splits of contributors, in the order of their first drawings; new contributors get a split for ever."""
    known = records.splits_of(session, set_name, people)
    if all(one in known for one in people):
        return known
    locked(session, "sides")  # a run and a correction may both meet the same new contributor, or the twentieth
    known = records.splits_of(session, set_name, people)
    fresh = [one for one in dict.fromkeys(people) if one not in known]
    train = {*fresh[: FIRST - records.how_many(session, set_name, FIRST)], *records.with_tokens(session, fresh)}
    shares = _shares(session, set_name)
    found: dict[str, Split] = {one: "train" if one in train else hashed_split(one, shares) for one in fresh}
    records.keep_splits(session, set_name, found)
    return known | found


def expected_split(session: Session, set_name: str, contributor: str) -> Split:
    """Return the split of a contributor; of a new contributor, the split that it would get now."""
    known = records.splits_of(session, set_name, [contributor])
    if contributor in known:
        return known[contributor]
    if records.how_many(session, set_name, FIRST) < FIRST or records.with_tokens(session, [contributor]):
        return "train"
    return hashed_split(contributor, _shares(session, set_name))


def split_of_new(session: Session, set_name: str, contributor: str, source: str) -> SampleSplit:
    """Return the split of a new sample; its contributor gets a split if it has none."""
    return split_of_sample(splits_of(session, set_name, [contributor])[contributor], source)


def split_of_sample(of_contributor: Split, source: str) -> SampleSplit:
    """Return the split of one sample of a contributor."""
    return of_contributor if of_contributor == "train" or source == "contribution" else "unused"


def _shares(session: Session, set_name: str) -> SplitShares:
    return SHIPPED if session.get_one(SymbolSetRow, set_name).origin == "shipped" else OWN


def _divide(database: Database, claim: jobs.Lease, limit: int) -> int:
    with database.writing() as session:
        jobs.hold(session, claim)
        samples = records.unassigned(session, claim.set_name, limit)
        known = splits_of(session, claim.set_name, [one.contributor for one in reversed(samples)])
        marked: dict[SampleSplit, list[str]] = {}
        for one in samples:
            marked.setdefault(split_of_sample(known[one.contributor], one.source), []).append(one.sample)
        for split, ids in marked.items():
            records.mark(session, split, ids)
        return len(samples)
