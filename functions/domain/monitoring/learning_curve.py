"""The learning curve: the accuracy of answers against the number of samples that the answering versions had learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain.answer import Learner
from functions.domain.monitoring.labelled_answers import VersionScore
from functions.domain.monitoring.proportion import Proportion
from functions.domain.monitoring.windows import window_size


@dataclass(frozen=True)
class CurvePoint:
    """The accuracy of versions that had learned ``fewest`` to ``most`` samples, with the ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float
    answers: Proportion


def learning_curve(scores: Mapping[VersionScore, int], learner: Learner, learned: Mapping[str, int]) -> list[CurvePoint]:
    """Return the curve of a learner's live versions, in the order of the samples that they had learned.

    ``learned`` is the number of samples by version; answers of other versions are left out. Answers of versions with equal
    numbers stay together. Groups are joined until a point has enough answers; a small rest joins the last point.
    """
    known: dict[int, list[int]] = {}  # (right answers, answers) by number of samples
    for score, count in scores.items():
        if score.learner == learner and score.version in learned:
            equal = known.setdefault(learned[score.version], [0, 0])
            equal[0] += count * score.right
            equal[1] += count
    size = window_size(sum(count for _, count in known.values()))
    groups: list[list[tuple[int, int, int]]] = []
    enough = True
    for number, (right, count) in sorted(known.items()):
        if enough:
            groups.append([])
        groups[-1].append((number, right, count))
        enough = sum(count for *_, count in groups[-1]) >= size
    if len(groups) > 1 and not enough:
        rest = groups.pop()
        groups[-1] += rest
    return [_point(group) for group in groups]


def _point(group: list[tuple[int, int, int]]) -> CurvePoint:
    answers = Proportion(sum(right for _, right, _ in group), sum(count for *_, count in group))
    mean = round(sum(number * count for number, _, count in group) / answers.count, 1)
    return CurvePoint(group[0][0], group[-1][0], mean, answers)
