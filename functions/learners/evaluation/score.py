"""Say how good answers are. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits, answers, surprise
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.squares import Classes


@dataclass(frozen=True)
class Score:
    """How good one version's answers are: about the ``count`` squares that are symbols, and whether it knows which are none.

    A symbol's answer is its most probable label, rejected or not.
    """

    count: int
    right: NDArray[np.bool_]  # (count,)
    nll: float  # mean negative log-likelihood of the symbols, nats
    ece: float  # expected calibration error, 0..1
    confusion: NDArray[np.int64]  # (K, K), rows are true labels
    false_rejects: float  # share of the symbols that are taken for none, 0..1
    others: int  # squares that are not symbols
    rejected: float  # share of those that are told so, 0..1

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0..1; 0 for no squares."""
        return float(self.right.mean()) if self.count else 0.0

    def figures(self) -> dict[str, Any]:
        """Return the figures of a card."""
        figures = {
            "count": self.count,
            "accuracy": round(self.accuracy, 5),
            "nll": round(self.nll, 5),
            "ece": round(self.ece, 5),
            "false_rejects": round(self.false_rejects, 5),
        }
        return figures | ({"others": self.others, "rejected": round(self.rejected, 5)} if self.others else {})


def score(logits: Logits, y: Classes, temperature: float = 1.0, threshold: float = 0.0) -> Score:
    """Score the answers to squares of classes ``y`` (n,); class K says that a square is not a symbol."""
    labels = logits.shape[1] - 1
    given = answers(logits, temperature, threshold)
    symbols = y < labels
    p, rejected = given[symbols, :-1], given[:, -1] >= 0.5
    best, true = p.argmax(1), y[symbols]
    return Score(
        count=len(true),
        right=np.asarray(best == true),
        nll=surprise(logits[symbols], true, temperature),
        ece=calibration_error(p, true),
        confusion=np.bincount(true * labels + best, minlength=labels * labels).reshape(labels, labels),
        false_rejects=_share(rejected[symbols]),
        others=int((~symbols).sum()),
        rejected=_share(rejected[~symbols]),
    )


def _share(some: NDArray[np.bool_]) -> float:
    return float(some.mean()) if len(some) else 0.0


def recall(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each label's share of right answers (classes,); 1 for a label that does not occur."""
    counts = confusion.sum(1)
    return np.asarray(np.where(counts, np.diag(confusion) / np.maximum(counts, 1), 1.0))
