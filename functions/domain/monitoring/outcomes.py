"""The statuses of the latest corrections, and the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.domain.trust import SampleStatus
from functions.domain.trust.reason_codes import ReasonCode


@dataclass(frozen=True)
class Outcome:
    """The number of corrections with one status and one reason, which is a code."""

    status: SampleStatus
    reason: ReasonCode
    count: int


@dataclass(frozen=True)
class Outcomes:
    """The latest corrections: their number, the number of each status, and of each reason, most frequent first."""

    count: int
    by_status: Mapping[SampleStatus, int]
    reasons: tuple[Outcome, ...]


def outcomes(counted: Iterable[tuple[SampleStatus, ReasonCode, int]]) -> Outcomes:
    """Group corrections that were counted by status and reason."""
    reasons = sorted((Outcome(*one) for one in counted), key=lambda outcome: (-outcome.count, outcome.status, outcome.reason))
    by_status: Counter[SampleStatus] = Counter()
    for outcome in reasons:
        by_status[outcome.status] += outcome.count
    return Outcomes(by_status.total(), dict(by_status), tuple(reasons))
