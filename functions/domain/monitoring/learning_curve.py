"""The learning curve: the accuracy of answers against the number of samples that the answering versions had learned."""

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
    """The accuracy of versions that had learned ``fewest`` to ``most`` samples, with the ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float
    answers: Proportion


def learning_curve(answers: Sequence[LabelledAnswer], learner: Learner, learned: Mapping[str, int]) -> list[CurvePoint]:
    """Return the curve of a learner's live versions, in the order of the samples that they had learned.

    ``learned`` is the number of samples by version; answers of other versions are left out. Answers of versions with equal
    numbers stay together. Groups are joined until a point has enough answers; a small rest joins the last point.
    """
    known = [
        (learned[model.version], answer.is_right((learner, "learned")))
        for answer in answers
        if (model := answer.by_model.get((learner, "learned"))) is not None and model.version in learned
    ]
    size = window_size(len(known))
    groups: list[list[tuple[int, bool]]] = []
    for _, equal in groupby(sorted(known, key=lambda pair: pair[0]), lambda pair: pair[0]):
        if not groups or len(groups[-1]) >= size:
            groups.append([])
        groups[-1] += equal
    if len(groups) > 1 and len(groups[-1]) < size:
        rest = groups.pop()
        groups[-1] += rest
    return [_point(group) for group in groups]


def _point(group: list[tuple[int, bool]]) -> CurvePoint:
    numbers = [number for number, _ in group]
    mean = round(sum(numbers) / len(numbers), 1)
    return CurvePoint(min(numbers), max(numbers), mean, proportion_of(right for _, right in group))
