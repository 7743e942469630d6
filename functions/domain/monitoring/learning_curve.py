"""The learning curve: the accuracy of answers against the number of samples that the answering versions had learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain.answer import Learner
from functions.domain.monitoring.accuracy import VersionScores
from functions.domain.monitoring.proportion import Proportion
from functions.domain.monitoring.windows import window_size


@dataclass(frozen=True)
class CurvePoint:
    """The accuracy of versions that had learned ``fewest`` to ``most`` samples, with the ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float
    answers: Proportion


def learning_curve(scores: VersionScores, learner: Learner, learned: Mapping[str, int]) -> list[CurvePoint]:
    """Return the curve of a learner's live versions, in the order of the samples that they had learned.

    ``learned`` is the number of samples by version; answers of other versions are left out. Answers of versions with equal
    numbers stay together. Groups are joined until a point has enough answers; a small rest joins the last point.
    """
    known: dict[int, list[int]] = {}  # [right answers, answers] by number of samples
    for (version, of_learner), score in scores.items():
        if of_learner == learner and version in learned:
            equal = known.setdefault(learned[version], [0, 0])
            equal[0] += score.right
            equal[1] += score.answers
    size = window_size(sum(count for _, count in known.values()))
    groups: list[list[int]] = []  # [fewest samples, most, their sum over the answers, right answers, answers]
    for number, (right, count) in sorted(known.items()):
        if not groups or groups[-1][-1] >= size:
            groups.append([number, 0, 0, 0, 0])
        _join(groups[-1], [number, number, number * count, right, count])
    if len(groups) > 1 and groups[-1][-1] < size:
        rest = groups.pop()
        _join(groups[-1], rest)
    return [CurvePoint(low, high, round(total / count, 1), Proportion(right, count)) for low, high, total, right, count in groups]


def _join(group: list[int], more: list[int]) -> None:
    group[1] = more[1]
    for place in (2, 3, 4):
        group[place] += more[place]
