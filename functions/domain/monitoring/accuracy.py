"""How often answers were right: the one answer, each network's, each version's; and how often the two networks differed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.domain.answer import Learner
from functions.domain.monitoring.judged import Judged, Voice
from functions.domain.monitoring.proportion import Share, share_of


@dataclass(frozen=True)
class Disagreement:
    """How often the two learned networks ``differed``, and who was right then: ``right`` by learner, or ``neither``."""

    differed: Share
    right: dict[Learner, int]
    neither: int


@dataclass(frozen=True)
class Worth:
    """How often answers were right: the one ``answer``, and each learner's original and learned versions."""

    answer: Share
    models: dict[Voice, Share]
    disagreement: Disagreement


@dataclass(frozen=True)
class Answering:
    """How often a version that gave the answer was right, and how often its learner's original would have been: same drawings."""

    version: str
    learner: Learner
    answers: Share
    original: Share


def worth(some: Sequence[Judged]) -> Worth:
    """Return how good some answers were."""
    voices = sorted({voice for one in some for voice in one.said})
    return Worth(
        answer=share_of(one.answered == one.true for one in some),
        models={voice: share_of(one.right(voice) for one in some if voice in one.said) for voice in voices},
        disagreement=_disagreement(some),
    )


def by_version(some: Iterable[Judged]) -> dict[str, Answering]:
    """Return how good each version was while it answered, by its id; the order is that of their first answers in ``some``."""
    grouped: dict[tuple[str, Learner], list[Judged]] = {}
    for one in some:
        for (learner, role), said in one.said.items():
            if role == "learned":
                grouped.setdefault((said.version, learner), []).append(one)
    return {
        version: Answering(
            version=version,
            learner=learner,
            answers=share_of(one.right((learner, "learned")) for one in group),
            original=share_of(one.right((learner, "original")) for one in group if (learner, "original") in one.said),
        )
        for (version, learner), group in grouped.items()
    }


def _disagreement(some: Sequence[Judged]) -> Disagreement:
    both = [(one, learned) for one in some if len(learned := one.learned()) == 2]
    differing = [(one, learned) for one, learned in both if len({said.label for said in learned.values()}) == 2]
    right = Counter(learner for one, learned in differing for learner, said in learned.items() if said.label == one.true)
    neither = len(differing) - right.total()  # no two of them are right: they differ
    return Disagreement(Share(len(differing), len(both)), dict(sorted(right.items())), neither)
