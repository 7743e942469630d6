"""Say how good a version's answers to labelled squares are, in figures. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits, answers, nll
from functions.learners.evaluation.reliability import calibration_error, reliability_bins
from functions.learners.squares import Classes

REJECTED = 0.5  # an artefact's last number is shifted so that this is its threshold
CONFUSIONS = 20  # the most frequent ones that are listed


@dataclass(frozen=True)
class Evaluation:
    """Answers (n, K + 1) to squares of classes ``y`` (n,), K of them labels; class K says "not a symbol".

    A symbol's answer is its most probable label, rejected or not; what rejecting does to it is said beside it.
    """

    labels: tuple[str, ...]
    answers: NDArray[np.float32]
    y: Classes

    @property
    def symbols(self) -> NDArray[np.bool_]:
        """Which squares are symbols (n,)."""
        return np.asarray(self.y < len(self.labels))

    @property
    def given(self) -> Classes:
        """The most probable label of each square (n,)."""
        return np.asarray(self.answers[:, :-1].argmax(1), np.int64)

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """Which squares are told to be no symbols (n,)."""
        return np.asarray(self.answers[:, -1] >= REJECTED)

    @property
    def seen(self) -> Classes:
        """What a visitor would have been told (n,): the label, or class K for a rejected square."""
        return np.asarray(np.where(self.rejected, len(self.labels), self.given), np.int64)

    def confusion(self) -> NDArray[np.int64]:
        """Return how often each label (rows) was taken for each (columns), (K, K), over the symbols."""
        return self._counted(self.y[self.symbols], self.given[self.symbols], len(self.labels))

    def mistakes(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ``most`` surest mistakes a visitor would have seen (m,), surest first, and how sure each was, 0..1."""
        sure = np.where(self.rejected, self.answers[:, -1], self.answers[:, :-1].max(1)).astype(np.float64)
        wrong = np.flatnonzero(self.seen != self.y)
        order = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
        return order, sure[order]

    def seen_confusion(self) -> NDArray[np.int64]:
        """Return what a visitor would have seen, (K + 1, K + 1): as ``confusion``, with "not a symbol" as last row and column."""
        return self._counted(self.y, self.seen, len(self.labels) + 1)

    def figures(self) -> dict[str, Any]:
        """Return every figure, ready for JSON. Shares are 0..1, intervals 95 %; what nothing is known of is None."""
        symbols, given, rejected = self.symbols, self.given, self.rejected
        right = given == self.y
        p = self.answers[symbols, :-1]
        answered = symbols & ~rejected
        count = int(symbols.sum())
        return {
            "count": count,
            "accuracy": share(int(right[symbols].sum()), count),
            "interval": wilson(int(right[symbols].sum()), count),
            "ece": round(calibration_error(p, self.y[symbols]), 6) if count else None,
            "reliability": reliability_bins(p, self.y[symbols]),
            "rejects": {
                "symbols": _figure(int((symbols & rejected).sum()), count),
                "others": _figure(int((~symbols & rejected).sum()), int((~symbols).sum())),
                "answered": _figure(int(right[answered].sum()), int(answered.sum())),
            },
            "labels": self._per_label(),
            "confusions": self._confusions(),
        }

    def _per_label(self) -> list[dict[str, Any]]:
        confusion = self.confusion()
        right, true, said = np.diag(confusion), confusion.sum(1), confusion.sum(0)
        refused = np.bincount(self.y[self.symbols & self.rejected], minlength=len(self.labels))
        return [
            {
                "label": label,
                "count": int(true[i]),
                "recall": share(int(right[i]), int(true[i])),
                "precision": share(int(right[i]), int(said[i])),
                "rejected": share(int(refused[i]), int(true[i])),
            }
            for i, label in enumerate(self.labels)
        ]

    def _confusions(self) -> list[dict[str, Any]]:
        confusion = self.confusion()
        np.fill_diagonal(confusion, 0)
        order = np.argsort(-confusion, axis=None, kind="stable")[:CONFUSIONS]
        pairs = [divmod(int(i), len(self.labels)) for i in order if confusion.flat[i]]
        return [{"label": self.labels[a], "taken_for": self.labels[b], "count": int(confusion[a, b])} for a, b in pairs]

    @staticmethod
    def _counted(true: Classes, given: Classes, size: int) -> NDArray[np.int64]:
        return np.bincount(true * size + given, minlength=size * size).reshape(size, size)


def share(some: int, count: int) -> float | None:
    """Return ``some`` of ``count``, 0..1, or None where there are none."""
    return round(some / count, 6) if count else None


def wilson(some: int, count: int, z: float = 1.959964) -> list[float] | None:
    """Return the 95 % confidence interval of a share (Wilson 1927), or None where there is nothing to count."""
    if not count:
        return None
    p, spread = some / count, z * z / count
    middle = (p + spread / 2) / (1 + spread)
    half = z * sqrt(p * (1 - p) / count + spread / (4 * count)) / (1 + spread)
    return [round(max(0.0, middle - half), 6), round(min(1.0, middle + half), 6)]


def _figure(some: int, count: int) -> dict[str, Any]:
    return {"some": some, "count": count, "share": share(some, count), "interval": wilson(some, count)}


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
        nll=nll(logits[symbols], true, temperature),
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
