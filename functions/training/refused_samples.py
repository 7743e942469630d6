"""Samples that a learner was trained on without success: the gate refused its version.

They are tried again when more samples come, because a larger training set may pass. The number of tries among a learner's newest
versions is bounded: drawings that no version can learn would otherwise keep all later ones out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.jobs import FULL, QUICK
from functions.learners.gate.reasons import is_overtaken
from functions.records.snapshots import in_snapshots
from functions.records.tables import Version

MOST_TRIES = 3
NEWEST = 12  # versions of a learner that are looked at: a sample is tried in consecutive runs


@dataclass(frozen=True)
class RefusedSamples:
    """Ids of samples that a learner has not learned: those to try ``again``, and those that it was tried with often enough."""

    again: frozenset[str] = frozenset()
    given_up: frozenset[str] = frozenset()


NOTHING_REFUSED = RefusedSamples()


def refused_samples(session: Session, set_name: str, learner: str) -> RefusedSamples:
    """Return the samples of a learner's refused versions which no later version of that learner has learned.

    Only quick runs count, and only those after the last full run that passed: it has trained on all samples.
    """
    newest = select(Version).where(Version.set_name == set_name, Version.learner == learner, Version.original.is_(False))
    versions = list(session.scalars(newest.order_by(Version.created.desc(), Version.id.desc()).limit(NEWEST)))
    recent = takewhile(lambda one: one.card.get("kind") != FULL or not one.gate.get("accepted"), versions)
    quick = [one for one in recent if one.card.get("kind") == QUICK and one.snapshot_id and not is_overtaken(one.gate)]
    if all(one.gate.get("accepted") for one in quick):
        return NOTHING_REFUSED
    of_snapshot = in_snapshots(session, {str(one.snapshot_id) for one in quick})
    tries: Counter[str] = Counter()
    learned: set[str] = set()
    for one in quick:
        if one.gate.get("accepted"):
            learned.update(of_snapshot[str(one.snapshot_id)])
        else:
            tries.update(of_snapshot[str(one.snapshot_id)])
    left = {sample: count for sample, count in tries.items() if sample not in learned}
    return RefusedSamples(
        frozenset(sample for sample, count in left.items() if count < MOST_TRIES),
        frozenset(sample for sample, count in left.items() if count >= MOST_TRIES),
    )
