"""The statuses of the latest corrections, and the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.domain.trust import SampleStatus
from functions.domain.trust.reason_codes import Kind, kind


@dataclass(frozen=True)
class Outcome:
    """The number of corrections with one status and one kind of reason."""

    status: SampleStatus
    reason: Kind
    count: int


@dataclass(frozen=True)
class Outcomes:
    """The latest corrections: their number, the number of each status, and of each kind of reason, most frequent first."""

    count: int
    by_status: Mapping[SampleStatus, int]
    reasons: tuple[Outcome, ...]


def outcomes(counted: Iterable[tuple[SampleStatus, str, int]]) -> Outcomes:
    """Group the counted corrections by status and kind of reason."""
    by_status: Counter[SampleStatus] = Counter()
    by_kind: Counter[tuple[SampleStatus, Kind]] = Counter()
    for status, reason, count in counted:
        by_status[status] += count
        by_kind[status, kind(reason)] += count
    reasons = [Outcome(status, reason, count) for (status, reason), count in by_kind.items()]
    reasons.sort(key=lambda outcome: (-outcome.count, outcome.status, outcome.reason))
    return Outcomes(by_status.total(), dict(by_status), tuple(reasons))
