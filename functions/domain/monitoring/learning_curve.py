"""The learning curve: how good answers are, against how many samples the versions had learned that gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from functions.domain.answer import Learner
from functions.domain.monitoring.labelled_answers import LabelledAnswer
from functions.domain.monitoring.proportion import Proportion, proportion_of
from functions.domain.monitoring.windows import window_size


@dataclass(frozen=True)
class CurvePoint:
    """How often versions were right that had learned from ``fewest`` to ``most`` samples, ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float
    answers: Proportion


def learning_curve(some: Sequence[LabelledAnswer], learner: Learner, taught: Mapping[str, int]) -> list[CurvePoint]:
    """Return the curve of a learner's answering versions, those that learned least first.

    ``taught`` says how many samples a version learned; answers of other versions are left out. Answers of versions that
    learned equally many stay together; the others are put together until a point has enough, and the rest joins the last.
    """
    known = [
        (taught[said.version], one.right((learner, "learned")))
        for one in some
        if (said := one.said.get((learner, "learned"))) is not None and said.version in taught
    ]
    size = window_size(len(known))
    groups: list[list[tuple[int, bool]]] = []
    for _, equal in groupby(sorted(known, key=lambda one: one[0]), lambda one: one[0]):
        if not groups or len(groups[-1]) >= size:
            groups.append([])
        groups[-1] += equal
    if len(groups) > 1 and len(groups[-1]) < size:
        rest = groups.pop()
        groups[-1] += rest
    return [_point(group) for group in groups]


def _point(gathered: list[tuple[int, bool]]) -> CurvePoint:
    numbers = [number for number, _ in gathered]
    mean = round(sum(numbers) / len(numbers), 1)
    return CurvePoint(min(numbers), max(numbers), mean, proportion_of(right for _, right in gathered))
