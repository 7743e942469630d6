"""Two versions' answers to the same squares: paired, so that only those speak on which they differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.squares import Classes

SUREST = 1e-7  # a probability below that says more about rounding than about belief

Right = NDArray[np.bool_]  # (n,), which answers are right
Groups = Sequence[Sequence[str]]  # labels that a drawing alone may not tell apart, such as 0 and O


@dataclass(frozen=True)
class PairedAnswers:
    """Which of two versions' answers to the same squares are right, (n,) each: paired, so only where they differ matters."""

    before: Right
    after: Right

    @property
    def count(self) -> int:
        """How many squares there are."""
        return len(self.before)

    @property
    def lost(self) -> int:
        """How many were right and are wrong now."""
        return int(self.moved[0].sum())

    @property
    def won(self) -> int:
        """How many were wrong and are right now."""
        return int(self.moved[1].sum())

    @property
    def shares(self) -> dict[str, float]:
        """Which share was right ``before`` and is ``after``; nothing of no squares."""
        return {"before": float(self.before.mean()), "after": float(self.after.mean())} if self.count else {}

    @property
    def moved(self) -> tuple[Right, Right]:
        """Which of them were lost, and which won, (n,) each."""
        return self.before & ~self.after, ~self.before & self.after

    def of(self, which: slice | NDArray[np.bool_]) -> PairedAnswers:
        """Return the same of some of the squares."""
        return PairedAnswers(self.before[which], self.after[which])

    def figures(self) -> dict[str, Any]:
        """Return what is stored."""
        shares = {name: round(share, 5) for name, share in self.shares.items()}
        return {"count": self.count, **shares, "lost": self.lost, "won": self.won}


@dataclass(frozen=True)
class Read:
    """What two versions say squares of labels ``y`` (n,) are; ``twins`` are groups of labels that look alike."""

    labels: Sequence[str]
    y: Classes
    before: Classes
    after: Classes
    twins: Groups = ()

    @property
    def strictly(self) -> PairedAnswers:
        """Whether each is read as its very label."""
        return PairedAnswers(self.before == self.y, self.after == self.y)

    @property
    def alike(self) -> PairedAnswers:
        """Whether each is read as its label or as one that looks like it."""
        kinds = np.arange(len(self.labels))
        for group in self.twins:
            places = [self.labels.index(label) for label in group if label in self.labels]
            kinds[places] = min(places, default=0)
        return PairedAnswers(kinds[self.before] == kinds[self.y], kinds[self.after] == kinds[self.y])

    def of(self, which: slice) -> Read:
        """Return the same of some of the squares."""
        return Read(self.labels, self.y[which], self.before[which], self.after[which], self.twins)


@dataclass(frozen=True)
class Seen:
    """What visitors are told about drawings of theirs: which are ``right`` (n,), and how surprising the truth is, nats."""

    right: Right
    surprise: float


def seen(live: Evaluation, candidate: Evaluation) -> tuple[Seen, Seen]:
    """Return what both versions tell about the same squares; those of a label that ``live`` does not know it has wrong."""
    none = len(candidate.labels)
    told = np.where(live.rejected, none, live.given)
    answers = np.zeros((len(live.y), none + 1))  # (n, K + 1)
    answers[:, : len(live.labels)], answers[:, -1] = live.answers[:, :-1], live.answers[:, -1]
    return (
        Seen(np.asarray(told == candidate.y), _surprise(answers, candidate.y)),
        Seen(np.asarray(candidate.seen == candidate.y), _surprise(candidate.answers, candidate.y)),
    )


def _surprise(answers: NDArray[Any], y: NDArray[np.int64]) -> float:
    """Return the mean negative log-probability of the truth, rejecting included; 0 of nothing."""
    if not len(y):
        return 0.0
    none, reject = y == answers.shape[1] - 1, answers[:, -1].astype(np.float64)
    p = np.where(none, reject, (1 - reject) * answers[np.arange(len(y)), y])
    return float(-np.log(np.clip(p, SUREST, 1.0)).mean())
