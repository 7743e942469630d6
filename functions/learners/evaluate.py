"""Say how good answers are. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits, calibration_error, probabilities, surprise
from functions.learners.squares import Classes


@dataclass(frozen=True)
class Score:
    """How good one version's answers to ``count`` labelled squares are."""

    count: int
    right: NDArray[np.bool_]  # (count,)
    nll: float  # mean negative log-likelihood, nats
    ece: float  # expected calibration error, 0..1
    confusion: NDArray[np.int64]  # (classes, classes), rows are true labels

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0..1; 0 for no squares."""
        return float(self.right.mean()) if self.count else 0.0

    def figures(self) -> dict[str, Any]:
        """Return the figures of a card."""
        return {"count": self.count, "accuracy": round(self.accuracy, 5), "nll": round(self.nll, 5), "ece": round(self.ece, 5)}


def score(logits: Logits, y: Classes, temperature: float = 1.0) -> Score:
    """Score the answers softmax(logits / temperature) to squares whose labels are ``y`` (n,)."""
    answers = logits.argmax(1) if len(y) else np.zeros(0, np.int64)
    classes = logits.shape[1]
    confusion = np.bincount(y * classes + answers, minlength=classes * classes).reshape(classes, classes)
    p = probabilities(logits, temperature) if len(y) else np.zeros((0, classes))
    return Score(len(y), np.asarray(answers == y), surprise(logits, y, temperature), calibration_error(p, y), confusion)


def recall(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each label's share of right answers (classes,); 1 for a label that does not occur."""
    counts = confusion.sum(1)
    return np.asarray(np.where(counts, np.diag(confusion) / np.maximum(counts, 1), 1.0))
