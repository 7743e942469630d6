"""What a page tells of a version, out of the metrics it was published with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.domain.symbols import SymbolSet
from functions.records.tables import Version
from functions.verbs.metrics import judged_on_holdout
from functions.web.pages.reliability_diagram import DiagramPoint, reliability_points


@dataclass(frozen=True)
class Figures:
    """A version as the page shows it: shares are 0..1, and None where nobody measured.

    ``accuracy``, ``ece`` and ``false_rejects`` are of the ``count`` symbols of the hold-out, ``rejected`` of what is none there.
    ``unknown`` are labels of the set that this version has not learned.
    """

    id: str
    learner: str
    original: bool
    live: bool
    created: datetime
    labels: int
    unknown: tuple[str, ...]
    accuracy: float | None
    count: int
    ece: float | None
    false_rejects: float | None
    rejected: float | None
    points: tuple[DiagramPoint, ...]


def figures(version: Version, symbols: SymbolSet, live: bool) -> Figures:
    """Return what is known of a version; older ones have fewer figures."""
    holdout = judged_on_holdout(version.metrics)
    return Figures(
        id=version.id,
        learner=version.learner,
        original=version.original,
        live=live,
        created=version.created,
        labels=len(version.labels),
        unknown=tuple(label for label in symbols.labels if label not in version.labels),
        accuracy=holdout.get("accuracy"),
        count=int(holdout.get("count", 0)),
        ece=holdout.get("ece"),
        false_rejects=holdout.get("false_rejects"),
        rejected=holdout.get("rejected"),
        points=reliability_points(version.metrics.get("reliability", [])),
    )
