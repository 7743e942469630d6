"""The metrics of a set, for the API and for the page of the models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS, Learner
from functions.domain.monitoring import (
    CurvePoint,
    LabelledAnswer,
    Outcomes,
    VersionAccuracy,
    by_version,
    learning_curve,
    wilson_interval,
)
from functions.records.metrics import LabelledAnswers, activations, correction_outcomes, learned_counts
from functions.records.tables import Activation, Version

RECENT = 200  # answers: they give accuracy to a few percent, and cover a few days of a busy platform
MOST_VERSIONS = 200  # the newest


@dataclass(frozen=True)
class HoldoutAccuracy:
    """The accuracy of a version on the hold-out, 0..1, with its 95 % interval; older versions have no ``count``."""

    accuracy: float
    count: int | None = None

    @property
    def low(self) -> float | None:
        """The lower end of the interval, None without a count."""
        return round(wilson_interval(self.accuracy, self.count)[0], 6) if self.count else None

    @property
    def high(self) -> float | None:
        """The upper end of the interval, None without a count."""
        return round(wilson_interval(self.accuracy, self.count)[1], 6) if self.count else None


@dataclass(frozen=True)
class VersionProgress:
    """A version with its results.

    ``activated`` is the time of its last activation; ``learned`` the number of samples that it and its ancestors learned;
    ``while_live`` the accuracy of its answers.
    """

    version: Version
    live: bool
    activated: datetime | None
    learned: int | None
    holdout: HoldoutAccuracy | None
    while_live: VersionAccuracy | None

    @property
    def passed(self) -> bool:
        """Tell whether the version passed the gate, or was activated nevertheless."""
        return bool(self.version.gate.get("accepted")) or self.activated is not None


@dataclass(frozen=True)
class SetMetrics:
    """All metrics of a set: ``labelled`` answers oldest first, ``progress`` and ``activations`` newest first."""

    labelled: Sequence[LabelledAnswer]
    progress: Sequence[VersionProgress]
    activations: Sequence[Activation]
    curves: Mapping[Learner, Sequence[CurvePoint]]
    outcomes: Outcomes

    @property
    def recent(self) -> Sequence[LabelledAnswer]:
        """The newest labelled answers."""
        return self.labelled[-RECENT:]


def set_metrics(session: Session, set_name: str, answers: LabelledAnswers) -> SetMetrics:
    """Gather the metrics of a set; a set without samples has empty metrics."""
    labelled = answers.newest(session, set_name)
    versions = registry.versions(session, set_name, limit=MOST_VERSIONS)
    live = {version.id for version in registry.live(session, set_name).values()}
    activated = activations(session, set_name)
    while_live = by_version(labelled)
    learned = learned_counts(session, {*while_live, *(version.id for version in versions)})
    return SetMetrics(
        labelled=labelled,
        progress=_progress(versions, live, activated, while_live, learned),
        activations=activated,
        curves={learner: learning_curve(labelled, learner, learned) for learner in LEARNERS},
        outcomes=correction_outcomes(session, set_name),
    )


def _progress(
    versions: Sequence[Version],
    live: Collection[str],
    activated: Sequence[Activation],
    while_live: Mapping[str, VersionAccuracy],
    learned: Mapping[str, int],
) -> list[VersionProgress]:
    began = {row.version_id: row.created for row in reversed(activated)}  # the newest activation of a version wins
    return [
        VersionProgress(
            version=version,
            live=version.id in live,
            activated=began.get(version.id),
            learned=learned.get(version.id),
            holdout=_holdout(version),
            while_live=while_live.get(version.id),
        )
        for version in versions
    ]


def _holdout(version: Version) -> HoldoutAccuracy | None:
    figures = holdout_metrics(version.metrics)
    accuracy, count = figures.get("accuracy"), figures.get("count")
    return None if accuracy is None else HoldoutAccuracy(float(accuracy), int(count) if count else None)


def holdout_metrics(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metrics on the hold-out; a fine-tuned version keeps its parent's beside them, as ``before``."""
    holdout = metrics.get("holdout")
    if not isinstance(holdout, Mapping):
        return {}
    after = holdout.get("after", holdout)
    return after if isinstance(after, Mapping) else {}
