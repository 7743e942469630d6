"""Accuracy of the answers, of each network and of each version; and how often the two networks disagreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.domain.answer import Learner
from functions.domain.monitoring.labelled_answers import LabelledAnswer, ModelRole
from functions.domain.monitoring.proportion import Proportion, proportion_of


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
    models = sorted({model for answer in answers for model in answer.by_model})
    return Accuracy(
        answer=proportion_of(answer.answered == answer.true for answer in answers),
        models={
            model: proportion_of(answer.is_right(model) for answer in answers if model in answer.by_model) for model in models
        },
        disagreement=_disagreement(answers),
    )


def by_version(answers: Iterable[LabelledAnswer]) -> dict[str, VersionAccuracy]:
    """Return the accuracy of each version while it was live, by its id, in the order of the first answers."""
    grouped: dict[tuple[str, Learner], list[LabelledAnswer]] = {}
    for answer in answers:
        for learner, learned in answer.learned().items():
            grouped.setdefault((learned.version, learner), []).append(answer)
    return {
        version: VersionAccuracy(
            version=version,
            learner=learner,
            answers=proportion_of(answer.is_right((learner, "learned")) for answer in group),
            original=proportion_of(
                answer.is_right((learner, "original")) for answer in group if (learner, "original") in answer.by_model
            ),
        )
        for (version, learner), group in grouped.items()
    }


def _disagreement(answers: Sequence[LabelledAnswer]) -> Disagreement:
    both = [(answer, learned) for answer in answers if len(learned := answer.learned()) == 2]
    differing = [(answer, learned) for answer, learned in both if len({model.label for model in learned.values()}) == 2]
    right = Counter(learner for answer, learned in differing for learner, model in learned.items() if model.label == answer.true)
    neither = len(differing) - right.total()  # two different labels are never both right
    return Disagreement(Proportion(len(differing), len(both)), dict(sorted(right.items())), neither)
