"""The reliability diagram of a version: confidence against accuracy, bin by bin. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.domain.monitoring import wilson_interval


@dataclass(frozen=True)
class DiagramPoint:
    """One bin of answers: mean confidence, accuracy with its 95 % interval, and ``share`` of all answers, all 0..1."""

    confidence: float
    accuracy: float
    low: float
    high: float
    count: int
    share: float


def reliability_points(bins: Sequence[Mapping[str, Any]]) -> tuple[DiagramPoint, ...]:
    """Return the points of the bins in a version's metrics; an empty bin has no point."""
    total = sum(int(bin["count"]) for bin in bins)
    points = []
    for bin in bins:
        if count := int(bin["count"]):
            low, high = wilson_interval(float(bin["accuracy"]), count)
            points.append(DiagramPoint(float(bin["confidence"]), float(bin["accuracy"]), low, high, count, count / total))
    return tuple(points)
