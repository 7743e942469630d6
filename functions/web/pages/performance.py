"""What the page of the models tells of what is watched: charts with the figures behind them. Pure."""

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
from functions.domain.trust.reason_codes import Kind
from functions.verbs.metrics import Progress, SetMetrics
from functions.web.pages.charts import Chart, Mark, chart, evenly
from functions.web.pages.confusion import Matrix, Mix, matrix, mixed_up

Told = TypeVar("Told")

FEW = 20  # judged answers; fewer make no curve
HELD: tuple[SampleStatus, ...] = ("pending", "quarantined")


@dataclass(frozen=True)
class Lately:
    """How many of the last answers each version of a learner had right; ``original`` is None where it said nothing."""

    learner: Learner
    learned: Proportion
    original: Proportion | None


@dataclass(frozen=True)
class Before:
    """Whether a learner was right before it learned: block by block."""

    learner: Learner
    chart: Chart
    rows: tuple[tuple[Window, Proportion, Proportion], ...]  # the block; learned, original


@dataclass(frozen=True)
class Kept:
    """How much of what was kept apart each version of a learner gets right, oldest first."""

    learner: Learner
    chart: Chart
    rows: tuple[Progress, ...]
    first: Progress
    now: Progress
    refused: int


@dataclass(frozen=True)
class Curve:
    """How good a learner's answers were, against how many samples it had learned; ``holdout`` has (taught, accuracy)."""

    learner: Learner
    chart: Chart
    points: tuple[CurvePoint, ...]
    holdout: tuple[tuple[int, float], ...]
    most: int


@dataclass(frozen=True)
class Differing:
    """How often the two networks differed: lately, and block by block."""

    lately: Disagreement
    chart: Chart
    rows: tuple[Window, ...]


@dataclass(frozen=True)
class Became:
    """What became of the latest corrections."""

    count: int
    accepted: int
    held: int
    refused: int
    withdrawn: int
    reasons: tuple[tuple[SampleStatus, Kind, int], ...]


@dataclass(frozen=True)
class PerformanceStory:
    """Everything the page tells; what there is too little for is None or empty."""

    judged: int
    few: int  # from how many on there are curves
    size: int  # of a block
    lately: tuple[Lately, ...]
    before: tuple[Before, ...]
    kept: tuple[Kept, ...]
    curves: tuple[Curve, ...]
    differing: Differing | None
    mixed_up: tuple[Mix, ...]
    matrix: Matrix | None
    became: Became


def story(watched: SetMetrics, labels: Sequence[str]) -> PerformanceStory:
    """Return what the page tells of what is watched."""
    size = window_size(len(watched.judged))
    blocks = by_count(watched.judged, size) if len(watched.judged) >= FEW else []
    counted = confusion(watched.judged)
    return PerformanceStory(
        judged=len(watched.judged),
        few=FEW,
        size=size,
        lately=tuple(_lately(watched.recent)),
        before=_there(_before(learner, blocks) for learner in LEARNERS),
        kept=_there(_kept(learner, watched.progress) for learner in LEARNERS),
        curves=_there(_curve(learner, watched) for learner in LEARNERS) if blocks else (),
        differing=_differing(watched.recent, blocks),
        mixed_up=mixed_up(counted),
        matrix=matrix(counted, labels) if watched.judged else None,
        became=_became(watched.outcomes),
    )


def _there(some: Iterable[Told | None]) -> tuple[Told, ...]:
    return tuple(one for one in some if one is not None)


def _lately(recent: Sequence[LabelledAnswer]) -> list[Lately]:
    models = accuracy(recent).models
    return [
        Lately(learner, models[learner, "learned"], models.get((learner, "original")))
        for learner in LEARNERS
        if (learner, "learned") in models
    ]


def _before(learner: Learner, blocks: Sequence[Window]) -> Before | None:
    rows = [
        (block, models[learner, "learned"], models.get((learner, "original"), Proportion()))
        for block in blocks
        if (learner, "learned") in (models := block.accuracy.models)
    ]
    if not rows:
        return None
    main = [_mark(evenly(place, len(rows)), learned) for place, (_, learned, _) in enumerate(rows)]
    other = [_mark(evenly(place, len(rows)), original) for place, (_, _, original) in enumerate(rows) if original.count]
    return Before(learner, chart(main, other), tuple(rows))


def _kept(learner: Learner, progress: Sequence[Progress]) -> Kept | None:
    measured = [(one, one.holdout) for one in reversed(progress) if one.version.learner == learner and one.holdout is not None]
    rows = [one for one, _ in measured]
    live = [one for one in rows if one.live]
    if len(rows) < 2 or not live:
        return None
    marks = [
        Mark(evenly(place, len(rows)), holdout.accuracy, holdout.low, holdout.high, hollow=not one.passed, strong=one.live)
        for place, (one, holdout) in enumerate(measured)
    ]
    refused = sum(not one.passed for one in rows)
    return Kept(learner, chart(marks), tuple(rows), rows[0], live[-1], refused)


def _curve(learner: Learner, watched: SetMetrics) -> Curve | None:
    points = tuple(watched.curves.get(learner, ()))
    holdout = tuple(
        (one.taught, one.holdout.accuracy)
        for one in sorted(watched.progress, key=lambda one: one.taught or 0)
        if one.version.learner == learner and one.taught is not None and one.holdout is not None and one.passed
    )
    most = max([point.most for point in points] + [taught for taught, _ in holdout], default=0)
    if not points or not most:
        return None
    main = [_mark(sqrt(point.mean / most), point.answers) for point in points]
    other = [Mark(sqrt(taught / most), accuracy) for taught, accuracy in holdout]
    return Curve(learner, chart(main, other), points, holdout, most)


def _differing(recent: Sequence[LabelledAnswer], blocks: Sequence[Window]) -> Differing | None:
    rows = [block for block in blocks if block.accuracy.disagreement.differed.count]
    if not rows:
        return None
    marks = [_mark(evenly(place, len(rows)), block.accuracy.disagreement.differed) for place, block in enumerate(rows)]
    return Differing(accuracy(recent).disagreement, chart(marks, from_zero=True), tuple(rows))


def _became(outcomes: Outcomes) -> Became:
    by_status = outcomes.by_status
    return Became(
        count=outcomes.count,
        accepted=by_status.get("accepted", 0),
        held=sum(by_status.get(status, 0) for status in HELD),
        refused=by_status.get("rejected", 0),
        withdrawn=by_status.get("withdrawn", 0),
        reasons=tuple((one.status, one.reason, one.count) for one in outcomes.reasons),
    )


def _mark(x: float, share: Proportion) -> Mark:
    return Mark(x, share.share or 0.0, share.low, share.high)
