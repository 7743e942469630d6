"""The figures of a version on a page, from the metrics that it was published with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.domain.symbols import SymbolSet
from functions.records.tables import Version
from functions.verbs.metrics import holdout_metrics
from functions.web.pages.reliability_diagram import DiagramPoint, reliability_points


@dataclass(frozen=True)
class VersionFigures:
    """A version as a page shows it: shares are 0..1, and None where nothing was measured.

    ``accuracy``, ``ece`` and ``false_rejects`` are measured on the ``count`` symbols of the hold-out, ``rejected`` on its
    scribbles. ``not_learned`` are labels of the set that this version does not know.
    """

    id: str
    learner: str
    original: bool
    live: bool
    created: datetime
    labels: int
    not_learned: tuple[str, ...]
    accuracy: float | None
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
        count=int(holdout.get("count", 0)),
        ece=holdout.get("ece"),
        false_rejects=holdout.get("false_rejects"),
        rejected=holdout.get("rejected"),
        points=reliability_points(version.metrics.get("reliability", [])),
    )
