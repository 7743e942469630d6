"""Pair the answers of two versions to the same squares, so that only the squares on which they differ count. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.evaluation.half_decided import Credits, LabelGroups, Scores, credits_of, right_as_one, scores
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate.statistics import Moves
from functions.learners.squares import Classes

LEAST_PROBABILITY = 1e-7  # smaller probabilities are rounding errors, and their logarithm would dominate the NLL

Correct = NDArray[np.bool_]  # (n,), which answers are right


@dataclass(frozen=True)
class PairedAnswers:
    """The credits of two versions' answers to the same squares: ``before`` and ``after``, (n,) each, 0, 1/2 or 1."""

    before: Scores | Correct
    after: Scores | Correct

    @property
    def count(self) -> int:
        """The number of squares."""
        return len(self.before)

    @property
    def moves(self) -> Moves:
        """The numbers of squares that lost and won credit."""
        change = 2 * (self.after.astype(np.float64) - self.before)
        lost, won, half_lost, half_won = (int((change == twice).sum()) for twice in (-2, 2, -1, 1))
        return Moves(lost, won, half_lost, half_won)

    @property
    def lost(self) -> int:
        """The number of squares whose answer earns less credit than before."""
        return self.moves.lost + self.moves.half_lost

    @property
    def won(self) -> int:
        """The number of squares whose answer earns more credit than before."""
        return self.moves.won + self.moves.half_won

    @property
    def shares(self) -> dict[str, float]:
        """The mean credits ``before`` and ``after``, 0..1; empty without squares."""
        return {"before": float(self.before.mean()), "after": float(self.after.mean())} if self.count else {}

    def of(self, which: slice | NDArray[np.bool_]) -> PairedAnswers:
        """Return the pairs of the squares ``which`` selects."""
        return PairedAnswers(self.before[which], self.after[which])

    def figures(self) -> dict[str, Any]:
        """Return the figures that are stored with a version."""
        shares = {name: round(share, 5) for name, share in self.shares.items()}
        return {"count": self.count, **shares, "lost": self.lost, "won": self.won}


@dataclass(frozen=True)
class LabelAnswers:
    """The labels that two versions give to squares of classes ``y``, all (n,); ``confusable`` are groups of similar labels."""

    labels: Sequence[str]
    y: Classes
    before: Classes
    after: Classes
    confusable: LabelGroups = ()

    @property
    def exact(self) -> PairedAnswers:
        """Whether each answer is the true label."""
        return PairedAnswers(self.before == self.y, self.after == self.y)

    @property
    def half_decided(self) -> PairedAnswers:
        """The credit of each answer: 1/2 for a confusable label."""
        return PairedAnswers(scores(self._credits, self.y, self.before), scores(self._credits, self.y, self.after))

    @property
    def as_one(self) -> PairedAnswers:
        """Whether each answer is the true label or a confusable one."""
        return PairedAnswers(right_as_one(self._credits, self.y, self.before), right_as_one(self._credits, self.y, self.after))

    @property
    def _credits(self) -> Credits:
        return credits_of(self.labels, self.confusable)

    def of(self, which: slice) -> LabelAnswers:
        """Return the answers to the squares ``which`` selects."""
        return LabelAnswers(self.labels, self.y[which], self.before[which], self.after[which], self.confusable)


@dataclass(frozen=True)
class AuthorView:
    """Answers as the authors of the drawings see them, rejected ones too: which are ``right``, and their ``credit``, both (n,).

    ``nll`` is the mean negative logarithm of the expected credit, in nats.
    """

    right: Correct
    credit: Scores
    nll: float


def author_views(live: Evaluation, candidate: Evaluation, confusable: LabelGroups = ()) -> tuple[AuthorView, AuthorView]:
    """Return both versions' answers as the authors see them; ``live`` is wrong about every label that it does not know."""
    credit = credits_of(candidate.labels, confusable)
    none = len(candidate.labels)
    shown = np.where(live.rejected, none, live.given)
    answers = np.zeros((len(live.y), none + 1))  # (n, K + 1)
    answers[:, : len(live.labels)], answers[:, -1] = live.answers[:, :-1], live.answers[:, -1]
    views = ((shown, answers), (candidate.seen, candidate.answers))
    before, after = (
        AuthorView(np.asarray(given == candidate.y), scores(credit, candidate.y, given), _nll(p, candidate.y, credit))
        for given, p in views
    )
    return before, after


def _nll(answers: NDArray[Any], y: NDArray[np.int64], credit: Credits) -> float:
    """Return the mean negative logarithm of the expected credit, rejection included, in nats; 0 without squares."""
    if not len(y):
        return 0.0
    none, reject = y == answers.shape[1] - 1, answers[:, -1].astype(np.float64)
    expected = (answers[:, :-1] * credit[y, :-1]).sum(1)
    p = np.where(none, reject, (1 - reject) * expected)
    return float(-np.log(np.clip(p, LEAST_PROBABILITY, 1.0)).mean())
