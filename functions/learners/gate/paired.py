"""Pair the answers of two versions to the same squares, so that only the squares on which they differ count. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.squares import Classes

LEAST_PROBABILITY = 1e-7  # smaller probabilities are rounding errors, and their logarithm would dominate the NLL

Correct = NDArray[np.bool_]  # (n,), which answers are right
LabelGroups = Sequence[Sequence[str]]  # labels that a drawing alone may not tell apart, such as 0 and O


@dataclass(frozen=True)
class PairedAnswers:
    """Which answers of two versions to the same squares are right: ``before`` and ``after``, (n,) each."""

    before: Correct
    after: Correct

    @property
    def count(self) -> int:
        """The number of squares."""
        return len(self.before)

    @property
    def lost(self) -> int:
        """The number of squares that were right before and are wrong now."""
        return int(self.moved[0].sum())

    @property
    def won(self) -> int:
        """The number of squares that were wrong before and are right now."""
        return int(self.moved[1].sum())

    @property
    def shares(self) -> dict[str, float]:
        """The accuracies ``before`` and ``after``, 0..1; empty without squares."""
        return {"before": float(self.before.mean()), "after": float(self.after.mean())} if self.count else {}

    @property
    def moved(self) -> tuple[Correct, Correct]:
        """Which squares were lost, and which were won, (n,) each."""
        return self.before & ~self.after, ~self.before & self.after

    def of(self, which: slice | NDArray[np.bool_]) -> PairedAnswers:
        """Return the pairs of the squares ``which`` selects."""
        return PairedAnswers(self.before[which], self.after[which])

    def figures(self) -> dict[str, Any]:
        """Return the figures that are stored with a version."""
        shares = {name: round(share, 5) for name, share in self.shares.items()}
        return {"count": self.count, **shares, "lost": self.lost, "won": self.won}


@dataclass(frozen=True)
class LabelAnswers:
    """The labels that two versions give to squares of classes ``y``, all (n,); ``lookalikes`` are groups of similar labels."""

    labels: Sequence[str]
    y: Classes
    before: Classes
    after: Classes
    lookalikes: LabelGroups = ()

    @property
    def exact(self) -> PairedAnswers:
        """Whether each answer is the true label."""
        return PairedAnswers(self.before == self.y, self.after == self.y)

    @property
    def with_lookalikes(self) -> PairedAnswers:
        """Whether each answer is the true label or one of its look-alikes."""
        kinds = np.arange(len(self.labels))
        for group in self.lookalikes:
            places = [self.labels.index(label) for label in group if label in self.labels]
            kinds[places] = min(places, default=0)
        return PairedAnswers(kinds[self.before] == kinds[self.y], kinds[self.after] == kinds[self.y])

    def of(self, which: slice) -> LabelAnswers:
        """Return the answers to the squares ``which`` selects."""
        return LabelAnswers(self.labels, self.y[which], self.before[which], self.after[which], self.lookalikes)


@dataclass(frozen=True)
class AuthorView:
    """Answers as the authors of the drawings see them, rejected ones too: which are ``right`` (n,), and the mean NLL in nats."""

    right: Correct
    nll: float


def author_views(live: Evaluation, candidate: Evaluation) -> tuple[AuthorView, AuthorView]:
    """Return both versions' answers as the authors see them; ``live`` is wrong about every label that it does not know."""
    none = len(candidate.labels)
    shown = np.where(live.rejected, none, live.given)
    answers = np.zeros((len(live.y), none + 1))  # (n, K + 1)
    answers[:, : len(live.labels)], answers[:, -1] = live.answers[:, :-1], live.answers[:, -1]
    return (
        AuthorView(np.asarray(shown == candidate.y), _nll(answers, candidate.y)),
        AuthorView(np.asarray(candidate.seen == candidate.y), _nll(candidate.answers, candidate.y)),
    )


def _nll(answers: NDArray[Any], y: NDArray[np.int64]) -> float:
    """Return the mean negative log-likelihood of the true classes, rejection included, in nats; 0 without squares."""
    if not len(y):
        return 0.0
    none, reject = y == answers.shape[1] - 1, answers[:, -1].astype(np.float64)
    p = np.where(none, reject, (1 - reject) * answers[np.arange(len(y)), y])
    return float(-np.log(np.clip(p, LEAST_PROBABILITY, 1.0)).mean())
