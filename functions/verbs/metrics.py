"""What there is to watch of a set, gathered once for the API and for the page of the models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS, Learner
from functions.domain.monitoring import CurvePoint, LabelledAnswer, LiveVersion, Outcomes, by_version, interval, learning_curve
from functions.records.metrics import activations, correction_outcomes, judged_answers, taught
from functions.records.tables import Activation, Version

RECENT = 200  # answers that "lately" means: enough for two percent, and given within a few days where people come at all
OVER_VERSIONS = 200  # versions whose way is told, the newest


@dataclass(frozen=True)
class Holdout:
    """How much of what was kept apart a version gets right, 0..1; 95 % interval ``low`` to ``high``, if it was counted."""

    accuracy: float
    count: int | None = None

    @property
    def low(self) -> float | None:
        """The lower end of the interval."""
        return round(interval(self.accuracy, self.count)[0], 6) if self.count else None

    @property
    def high(self) -> float | None:
        """The upper end of the interval."""
        return round(interval(self.accuracy, self.count)[1], 6) if self.count else None


@dataclass(frozen=True)
class Progress:
    """A version on its way; ``activated`` is when it last began to answer, ``answering`` how good its answers were."""

    version: Version
    live: bool
    activated: datetime | None
    taught: int | None
    holdout: Holdout | None
    answering: LiveVersion | None

    @property
    def passed(self) -> bool:
        """Tell whether the gate let it in, or it answered all the same."""
        return bool(self.version.gate.get("accepted")) or self.activated is not None


@dataclass(frozen=True)
class SetMetrics:
    """Everything there is to watch: ``judged`` answers oldest first, ``progress`` and ``activations`` newest first."""

    judged: Sequence[LabelledAnswer]
    progress: Sequence[Progress]
    activations: Sequence[Activation]
    curves: Mapping[Learner, Sequence[CurvePoint]]
    outcomes: Outcomes

    @property
    def recent(self) -> Sequence[LabelledAnswer]:
        """The answers that were judged lately."""
        return self.judged[-RECENT:]


def set_metrics(session: Session, set_name: str) -> SetMetrics:
    """Gather what there is to watch of a set; an empty one has nothing, which is no error."""
    judged = judged_answers(session, set_name)
    versions = registry.versions(session, set_name, limit=OVER_VERSIONS)
    live = {one.id for one in registry.live(session, set_name).values()}
    activated = activations(session, set_name)
    answering = by_version(judged)
    learned = taught(session, {*answering, *(version.id for version in versions)})
    return SetMetrics(
        judged=judged,
        progress=_progress(versions, live, activated, answering, learned),
        activations=activated,
        curves={learner: learning_curve(judged, learner, learned) for learner in LEARNERS},
        outcomes=correction_outcomes(session, set_name),
    )


def _progress(
    versions: Sequence[Version],
    live: Collection[str],
    activated: Sequence[Activation],
    answering: Mapping[str, LiveVersion],
    learned: Mapping[str, int],
) -> list[Progress]:
    began = {row.version_id: row.created for row in reversed(activated)}  # the newest one of a version is left
    return [
        Progress(
            version=version,
            live=version.id in live,
            activated=began.get(version.id),
            taught=learned.get(version.id),
            holdout=_holdout(version),
            answering=answering.get(version.id),
        )
        for version in versions
    ]


def _holdout(version: Version) -> Holdout | None:
    figures = judged_on_holdout(version.metrics)
    accuracy, count = figures.get("accuracy"), figures.get("count")
    return None if accuracy is None else Holdout(float(accuracy), int(count) if count else None)


def judged_on_holdout(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the hold-out's figures: a lesson keeps those from before it beside those from after it."""
    holdout = metrics.get("holdout")
    if not isinstance(holdout, Mapping):
        return {}
    after = holdout.get("after", holdout)
    return after if isinstance(after, Mapping) else {}
