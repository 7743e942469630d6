"""From a version's figures to the diagram that shows whether its probabilities mean what they say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

Z = 1.96  # standard deviations on both sides of which 95 % lie


@dataclass(frozen=True)
class Point:
    """The answers of one bin: how sure they were, how often right, with its 95 % interval, all 0..1; ``share`` of all answers."""

    confidence: float
    accuracy: float
    low: float
    high: float
    count: int
    share: float


def reliability_points(bins: Sequence[Mapping[str, Any]]) -> tuple[Point, ...]:
    """Return a reliability diagram's points from the bins that a version's metrics keep; empty bins have none."""
    whole = sum(int(each["count"]) for each in bins)
    points = []
    for each in bins:
        if count := int(each["count"]):
            low, high = interval(float(each["accuracy"]), count)
            points.append(Point(float(each["confidence"]), float(each["accuracy"]), low, high, count, count / whole))
    return tuple(points)


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was counted among ``count`` (Wilson 1927); a bin may hold only a few answers."""
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    width = Z / (1 + Z * Z / count) * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return max(0.0, middle - width), min(1.0, middle + width)
