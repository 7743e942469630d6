"""Accuracy of the answers, of each network and of each version; and how often the two networks disagreed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

import numpy as np

from functions.domain.answer import LEARNERS, Learner
from functions.domain.monitoring.labelled_answers import MODELS, LabelledAnswer, ModelRole, VersionScore
from functions.domain.monitoring.proportion import Proportion

VersionScores = Mapping[tuple[str, Learner], VersionScore]  # by version
NO_SCORES: VersionScores = MappingProxyType({})
NOTHING = VersionScore(0, 0, 0, 0)


@dataclass(frozen=True)
class Disagreement:
    """How often the two learned networks differed; then ``right`` counts the right one by learner, ``neither`` the rest."""

    differed: Proportion
    right: dict[Learner, int]
    neither: int


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of the combined ``answer``, and of each learner's original and learned versions."""

    answer: Proportion
    models: dict[ModelRole, Proportion]
    disagreement: Disagreement


@dataclass(frozen=True)
class VersionAccuracy:
    """The accuracy of a version while it was live, and of its learner's original on the same drawings."""

    version: str
    learner: Learner
    answers: Proportion
    original: Proportion


def accuracy(answers: Sequence[LabelledAnswer]) -> Accuracy:
    """Return the accuracy of some answers."""
    return accuracies(answers, [0])[0] if answers else Accuracy(Proportion(), {}, Disagreement(Proportion(), {}, 0))


def accuracies(answers: Sequence[LabelledAnswer], starts: Sequence[int]) -> list[Accuracy]:
    """Return the accuracy of the answers from each of ``starts``, in ascending order, to the next."""
    flags = np.frombuffer(b"".join(map(attrgetter("flags"), answers)), np.uint8).reshape(len(answers), -1)
    return [_accuracy(counts) for counts in np.add.reduceat(flags, starts, dtype=np.int64).tolist()]


def version_scores(
    answers: Iterable[LabelledAnswer], before: VersionScores = NO_SCORES, lost: Iterable[LabelledAnswer] = ()
) -> VersionScores:
    """Return the scores of all live versions ``before``, with some answers more and the ``lost`` ones less."""
    scores = dict(before)
    for sign, some in ((1, answers), (-1, lost)):
        for answer in some:
            for key, score in answer.scores.items():
                old = scores.get(key, NOTHING)
                scores[key] = VersionScore(*(number + sign * more for number, more in zip(old, score, strict=True)))
    return {key: score for key, score in scores.items() if score.answers}


def by_version(scores: VersionScores, versions: Container[str]) -> dict[str, VersionAccuracy]:
    """Return the accuracy of some ``versions`` while they were live, by their ids."""
    return {
        version: VersionAccuracy(version, learner, Proportion(*score[:2]), Proportion(*score[2:]))
        for (version, learner), score in scores.items()
        if version in versions
    }


def _accuracy(counts: list[int]) -> Accuracy:
    count, right, *rest = counts
    answered, rights, (both, differed), of_learner = rest[:4], rest[4:8], rest[8:10], rest[10:]
    right_alone = {learner: number for learner, number in zip(sorted(LEARNERS), of_learner, strict=True) if number}
    return Accuracy(
        answer=Proportion(right, count),
        models={model: Proportion(good, all_) for model, good, all_ in zip(MODELS, rights, answered, strict=True) if all_},
        # Two different labels are never both right.
        disagreement=Disagreement(Proportion(differed, both), right_alone, differed - sum(of_learner)),
    )
