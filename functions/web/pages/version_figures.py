"""The figures and the reliability diagram of a version, from its stored metrics. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.domain.monitoring import wilson_interval
from functions.domain.symbols import SymbolSet
from functions.records.tables import Version
from functions.verbs.metrics import holdout_metrics


@dataclass(frozen=True)
class DiagramPoint:
    """One bin of answers: mean confidence, accuracy with its 95 % interval, and ``share`` of all answers, all 0..1."""

    confidence: float
    accuracy: float
    low: float
    high: float
    count: int
    share: float


@dataclass(frozen=True)
class VersionFigures:
    """A version as a page shows it: shares are 0..1, and None where nothing was measured.

    ``accuracy``, ``as_one`` (with look-alikes as one), ``ece`` and ``false_rejects`` are measured on the ``count`` symbols of the
    hold-out, ``rejected`` on its scribbles. ``not_learned`` are labels of the set that this version does not know.
    """

    id: str
    learner: str
    original: bool
    live: bool
    created: datetime
    labels: int
    not_learned: tuple[str, ...]
    accuracy: float | None
    as_one: float | None
    count: int
    ece: float | None
    false_rejects: float | None
    rejected: float | None
    points: tuple[DiagramPoint, ...]


def version_figures(version: Version, symbols: SymbolSet, live: bool) -> VersionFigures:
    """Return the figures of a version; older versions have fewer."""
    holdout = holdout_metrics(version.metrics)
    return VersionFigures(
        id=version.id,
        learner=version.learner,
        original=version.original,
        live=live,
        created=version.created,
        labels=len(version.labels),
        not_learned=tuple(label for label in symbols.labels if label not in version.labels),
        accuracy=holdout.get("accuracy"),
        as_one=holdout.get("alike_as_one"),
        count=int(holdout.get("count", 0)),
        ece=holdout.get("ece"),
        false_rejects=holdout.get("false_rejects"),
        rejected=holdout.get("rejected"),
        points=reliability_points(version.metrics.get("reliability", [])),
    )


def reliability_points(bins: Sequence[Mapping[str, Any]]) -> tuple[DiagramPoint, ...]:
    """Return the points of the bins in a version's metrics; an empty bin has no point."""
    total = sum(int(bin["count"]) for bin in bins)
    points = []
    for bin in bins:
        if count := int(bin["count"]):
            low, high = wilson_interval(float(bin["accuracy"]), count)
            points.append(DiagramPoint(float(bin["confidence"]), float(bin["accuracy"]), low, high, count, count / total))
    return tuple(points)
