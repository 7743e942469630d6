"""From a version's figures to the diagram that shows whether its probabilities mean what they say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.domain.monitoring import interval


@dataclass(frozen=True)
class DiagramPoint:
    """The answers of one bin: how sure they were, how often right, with its 95 % interval, all 0..1; ``share`` of all answers."""

    confidence: float
    accuracy: float
    low: float
    high: float
    count: int
    share: float


def reliability_points(bins: Sequence[Mapping[str, Any]]) -> tuple[DiagramPoint, ...]:
    """Return a reliability diagram's points from the bins that a version's metrics keep; empty bins have none."""
    whole = sum(int(each["count"]) for each in bins)
    points = []
    for each in bins:
        if count := int(each["count"]):
            low, high = interval(float(each["accuracy"]), count)
            points.append(DiagramPoint(float(each["confidence"]), float(each["accuracy"]), low, high, count, count / whole))
    return tuple(points)
