"""What became of corrections, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.domain.trust import SampleStatus
from functions.domain.trust.reason_codes import Kind, kind


@dataclass(frozen=True)
class Outcome:
    """How many corrections have a status for one kind of reason."""

    status: SampleStatus
    reason: Kind
    count: int


@dataclass(frozen=True)
class Outcomes:
    """What became of the latest corrections: how many in all, of each status, and for each kind of reason, most first."""

    count: int
    by_status: Mapping[SampleStatus, int]
    reasons: tuple[Outcome, ...]


def outcomes(counted: Iterable[tuple[SampleStatus, str, int]]) -> Outcomes:
    """Put together how many corrections have a status and a reason in words."""
    by_status: Counter[SampleStatus] = Counter()
    by_kind: Counter[tuple[SampleStatus, Kind]] = Counter()
    for status, reason, count in counted:
        by_status[status] += count
        by_kind[status, kind(reason)] += count
    reasons = [Outcome(status, reason, count) for (status, reason), count in by_kind.items()]
    reasons.sort(key=lambda one: (-one.count, one.status, one.reason))
    return Outcomes(by_status.total(), dict(by_status), tuple(reasons))
