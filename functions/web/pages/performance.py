"""The performance section of the page of the models: charts with the figures behind them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

from functions.domain.answer import LEARNERS, Learner
from functions.domain.monitoring import (
    CurvePoint,
    Disagreement,
    LabelledAnswer,
    Outcomes,
    Proportion,
    Window,
    accuracy,
    by_count,
    confusion,
    window_size,
)
from functions.domain.trust import SampleStatus
from functions.verbs.metrics import SetMetrics, VersionProgress
from functions.web.pages.charts import Chart, Mark, chart, evenly
from functions.web.pages.confusion import ConfusedPair, Matrix, matrix, most_confused
from functions.web.pages.plots import Plot, merged, plot

Found = TypeVar("Found")

NEEDED = 20  # labelled answers; fewer make no chart
STATUSES: dict[str, tuple[SampleStatus, ...]] = {
    "accepted": ("accepted",),
    "waiting": ("pending", "quarantined"),
    "rejected": ("rejected",),
    "withdrawn": ("withdrawn",),
}


@dataclass(frozen=True)
class RecentAccuracy:
    """The accuracy of a learner's versions on the newest labelled answers; ``original`` is None if it did not answer."""

    learner: Learner
    learned: Proportion
    original: Proportion | None


@dataclass(frozen=True)
class AccuracyChart:
    """The accuracy of a learner on new drawings, window by window (prequential)."""

    learner: Learner
    chart: Chart
    plot: Plot
    rows: tuple[tuple[Window, Proportion, Proportion], ...]  # window, learned, original


@dataclass(frozen=True)
class RetentionChart:
    """The accuracy of a learner's versions on the hold-out, oldest first."""

    learner: Learner
    chart: Chart
    plot: Plot
    rows: tuple[VersionProgress, ...]
    oldest: VersionProgress
    live: VersionProgress
    failed: int


@dataclass(frozen=True)
class LearningCurveChart:
    """The accuracy of a learner against the samples learned; ``holdout`` has (samples learned, accuracy).

    A single point makes no curve: a page tells it in a sentence.
    """

    learner: Learner
    chart: Chart
    plot: Plot
    points: tuple[CurvePoint, ...]
    holdout: tuple[tuple[int, float], ...]
    most: int


@dataclass(frozen=True)
class DisagreementChart:
    """How often the two networks disagreed: recently, and window by window."""

    recent: Disagreement
    chart: Chart
    plot: Plot
    rows: tuple[Window, ...]


@dataclass(frozen=True)
class Performance:
    """The content of the section; a part with too few answers is None or empty.

    ``statuses`` has the latest corrections by status: accepted, waiting, rejected, withdrawn.
    """

    labelled: int
    needed: int
    window_size: int
    recent: tuple[RecentAccuracy, ...]
    prequential: tuple[AccuracyChart, ...]
    retention: tuple[RetentionChart, ...]
    learning_curves: tuple[LearningCurveChart, ...]
    disagreement: DisagreementChart | None
    confused: tuple[ConfusedPair, ...]
    matrix: Matrix | None
    outcomes: Outcomes
    statuses: dict[str, int]


def performance(metrics: SetMetrics, labels: Sequence[str]) -> Performance:
    """Return the content of the section from a set's metrics."""
    size = window_size(len(metrics.labelled))
    windows = by_count(metrics.labelled, size) if len(metrics.labelled) >= NEEDED else []
    counted = confusion(metrics.labelled)
    return Performance(
        labelled=len(metrics.labelled),
        needed=NEEDED,
        window_size=size,
        recent=tuple(_recent(metrics.recent)),
        prequential=_present(_prequential(learner, windows) for learner in LEARNERS),
        retention=_present(_retention(learner, metrics.progress) for learner in LEARNERS),
        learning_curves=_present(_learning_curve(learner, metrics) for learner in LEARNERS) if windows else (),
        disagreement=_disagreement(metrics.recent, windows),
        confused=most_confused(counted),
        matrix=matrix(counted, labels) if metrics.labelled else None,
        outcomes=metrics.outcomes,
        statuses={name: sum(metrics.outcomes.by_status.get(status, 0) for status in group) for name, group in STATUSES.items()},
    )


def _present(parts: Iterable[Found | None]) -> tuple[Found, ...]:
    return tuple(part for part in parts if part is not None)


def _recent(answers: Sequence[LabelledAnswer]) -> list[RecentAccuracy]:
    models = accuracy(answers).models
    return [
        RecentAccuracy(learner, models[learner, "learned"], models.get((learner, "original")))
        for learner in LEARNERS
        if (learner, "learned") in models
    ]


def _prequential(learner: Learner, windows: Sequence[Window]) -> AccuracyChart | None:
    rows = [
        (window, models[learner, "learned"], models.get((learner, "original"), Proportion()))
        for window in windows
        if (learner, "learned") in (models := window.accuracy.models)
    ]
    if not rows:
        return None
    main = [_mark(evenly(place, len(rows)), learned) for place, (_, learned, _) in enumerate(rows)]
    originals = [_mark(evenly(place, len(rows)), original) for place, (_, _, original) in enumerate(rows)]
    others = [mark if original.count else None for mark, (_, _, original) in zip(originals, rows, strict=True)]
    drawn = chart(main, [mark for mark in others if mark])
    ends = [window.end.timestamp() for window, _, _ in rows]
    return AccuracyChart(learner, drawn, plot("window", ends, drawn.axis, main, others), tuple(rows))


def _retention(learner: Learner, progress: Sequence[VersionProgress]) -> RetentionChart | None:
    measured = [(row, row.holdout) for row in reversed(progress) if row.version.learner == learner and row.holdout is not None]
    rows = [row for row, _ in measured]
    live = [row for row in rows if row.live]
    if len(rows) < 2 or not live:
        return None
    marks = [
        Mark(evenly(place, len(rows)), holdout.accuracy, holdout.low, holdout.high, hollow=not row.passed, strong=row.live)
        for place, (row, holdout) in enumerate(measured)
    ]
    failed = sum(not row.passed for row in rows)
    drawn = chart(marks)
    created = plot("version", [row.version.created.timestamp() for row in rows], drawn.axis, marks)
    return RetentionChart(learner, drawn, created, tuple(rows), rows[0], live[-1], failed)


def _learning_curve(learner: Learner, metrics: SetMetrics) -> LearningCurveChart | None:
    points = tuple(metrics.curves.get(learner, ()))
    holdout = tuple(
        (row.learned, row.holdout.accuracy)
        for row in sorted(metrics.progress, key=lambda row: row.learned or 0)
        if row.version.learner == learner and row.learned is not None and row.holdout is not None and row.passed
    )
    most = max([point.most for point in points] + [learned for learned, _ in holdout], default=0)
    if not points or not most:
        return None
    main = [_mark(sqrt(point.mean / most), point.answers) for point in points]
    other = [Mark(sqrt(learned / most), accuracy) for learned, accuracy in holdout]
    drawn = chart(main, other)
    on_new = [(point.mean, mark) for point, mark in zip(points, main, strict=True)]
    on_holdout = [(float(learned), mark) for (learned, _), mark in zip(holdout, other, strict=True)]
    places, lines = merged(on_new, on_holdout)
    return LearningCurveChart(learner, drawn, plot("learned", places, drawn.axis, *lines), points, holdout, most)


def _disagreement(recent: Sequence[LabelledAnswer], windows: Sequence[Window]) -> DisagreementChart | None:
    rows = [window for window in windows if window.accuracy.disagreement.differed.count]
    if not rows:
        return None
    marks = [_mark(evenly(place, len(rows)), window.accuracy.disagreement.differed) for place, window in enumerate(rows)]
    drawn = chart(marks, from_zero=True)
    shown = plot("window", [window.end.timestamp() for window in rows], drawn.axis, marks)
    return DisagreementChart(accuracy(recent).disagreement, drawn, shown, tuple(rows))


def _mark(x: float, proportion: Proportion) -> Mark:
    return Mark(x, proportion.share or 0.0, proportion.low, proportion.high)
