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
from functions.records.metrics import Corrections, CorrectionsCache, activations, learned_counts
from functions.records.tables import Activation, Version

RECENT = 200  # answers: they give accuracy to a few percent, and cover a few days of a busy platform
MOST_VERSIONS = 60  # the newest: an answer stays short, and `versions` lists the rest


@dataclass(frozen=True)
class HoldoutAccuracy:
    """The accuracy of a version on the hold-out, 0..1, with its 95 % interval; older versions have no ``count``.

    ``as_one`` is the accuracy with look-alikes as one, None where the set declares none or it was not measured.
    """

    accuracy: float
    count: int | None = None
    as_one: float | None = None

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


@dataclass(frozen=True)
class _History:
    """The newest versions and activations of a set; a version never changes, and activations are only added."""

    versions: Sequence[Version]
    live: Collection[str]
    activations: Sequence[Activation]


class MetricsCache:
    """The metrics of each set, cached as long as the rows behind them stay the same."""

    def __init__(self) -> None:
        self.corrections = CorrectionsCache()
        self._histories: dict[str, tuple[object, _History]] = {}
        self._learned: dict[str, int] = {}
        self._asked: set[str] = set()
        self._metrics: dict[str, tuple[Corrections, _History, SetMetrics]] = {}

    def of_set(self, session: Session, set_name: str) -> SetMetrics:
        """Gather the metrics of a set; a set without samples has empty metrics."""
        corrections, history = self.corrections.newest(session, set_name), self._history(session, set_name)
        kept = self._metrics.get(set_name)
        if kept is None or kept[0] is not corrections or kept[1] is not history:
            kept = corrections, history, self._gather(session, set_name, corrections, history)
            self._metrics[set_name] = kept
        return kept[2]

    def _gather(self, session: Session, set_name: str, corrections: Corrections, history: _History) -> SetMetrics:
        scores = corrections.scores
        ids = {version.id for version in history.versions}
        learned = self._learned_counts(session, ids | {version for version, _ in scores})
        return SetMetrics(
            labelled=corrections.labelled,
            progress=_progress(history, by_version(scores, ids), learned),
            activations=history.activations,
            curves={learner: learning_curve(scores, learner, learned) for learner in LEARNERS},
            outcomes=corrections.outcomes,
        )

    def _history(self, session: Session, set_name: str) -> _History:
        key = registry.newest_ids(session, set_name, MOST_VERSIONS), registry.latest_activation(session)
        kept = self._histories.get(set_name)
        if kept is None or kept[0] != key:
            live = {version.id for version in registry.live(session, set_name).values()}
            versions = registry.versions(session, set_name, limit=MOST_VERSIONS)
            kept = key, _History(versions, live, activations(session, set_name))
            self._histories[set_name] = kept
        return kept[1]

    def _learned_counts(self, session: Session, versions: set[str]) -> dict[str, int]:
        if unknown := versions - self._asked:
            self._learned |= learned_counts(session, unknown)
            self._asked |= unknown
        return self._learned


def _progress(history: _History, while_live: Mapping[str, VersionAccuracy], learned: Mapping[str, int]) -> list[VersionProgress]:
    began = {row.version_id: row.created for row in reversed(history.activations)}  # a version's newest activation wins
    return [
        VersionProgress(
            version=version,
            live=version.id in history.live,
            activated=began.get(version.id),
            learned=learned.get(version.id),
            holdout=_holdout(version),
            while_live=while_live.get(version.id),
        )
        for version in history.versions
    ]


def _holdout(version: Version) -> HoldoutAccuracy | None:
    figures = holdout_metrics(version.metrics)
    accuracy, count = figures.get("accuracy"), figures.get("count")
    if accuracy is None:
        return None
    return HoldoutAccuracy(float(accuracy), int(count) if count else None, figures.get("alike_as_one"))


def holdout_metrics(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metrics on the hold-out; a fine-tuned version keeps its parent's beside them, as ``before``."""
    holdout = metrics.get("holdout")
    if not isinstance(holdout, Mapping):
        return {}
    after = holdout.get("after", holdout)
    return after if isinstance(after, Mapping) else {}
