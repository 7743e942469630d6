"""How often answers were right: the one answer, each network's, each version's; and how often the two networks differed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.domain.answer import Learner
from functions.domain.monitoring.labelled_answers import LabelledAnswer, Voice
from functions.domain.monitoring.proportion import Proportion, proportion_of


@dataclass(frozen=True)
class Disagreement:
    """How often the two learned networks ``differed``, and who was right then: ``right`` by learner, or ``neither``."""

    differed: Proportion
    right: dict[Learner, int]
    neither: int


@dataclass(frozen=True)
class Accuracy:
    """How often answers were right: the one ``answer``, and each learner's original and learned versions."""

    answer: Proportion
    models: dict[Voice, Proportion]
    disagreement: Disagreement


@dataclass(frozen=True)
class LiveVersion:
    """How often a version that gave the answer was right, and how often its learner's original would have been: same drawings."""

    version: str
    learner: Learner
    answers: Proportion
    original: Proportion


def accuracy(some: Sequence[LabelledAnswer]) -> Accuracy:
    """Return how good some answers were."""
    voices = sorted({voice for one in some for voice in one.said})
    return Accuracy(
        answer=proportion_of(one.answered == one.true for one in some),
        models={voice: proportion_of(one.right(voice) for one in some if voice in one.said) for voice in voices},
        disagreement=_disagreement(some),
    )


def by_version(some: Iterable[LabelledAnswer]) -> dict[str, LiveVersion]:
    """Return how good each version was while it answered, by its id; the order is that of their first answers in ``some``."""
    grouped: dict[tuple[str, Learner], list[LabelledAnswer]] = {}
    for one in some:
        for (learner, role), said in one.said.items():
            if role == "learned":
                grouped.setdefault((said.version, learner), []).append(one)
    return {
        version: LiveVersion(
            version=version,
            learner=learner,
            answers=proportion_of(one.right((learner, "learned")) for one in group),
            original=proportion_of(one.right((learner, "original")) for one in group if (learner, "original") in one.said),
        )
        for (version, learner), group in grouped.items()
    }


def _disagreement(some: Sequence[LabelledAnswer]) -> Disagreement:
    both = [(one, learned) for one in some if len(learned := one.learned()) == 2]
    differing = [(one, learned) for one, learned in both if len({said.label for said in learned.values()}) == 2]
    right = Counter(learner for one, learned in differing for learner, said in learned.items() if said.label == one.true)
    neither = len(differing) - right.total()  # no two of them are right: they differ
    return Disagreement(Proportion(len(differing), len(both)), dict(sorted(right.items())), neither)
