"""Measure the answers to labelled squares. Pure.

``Evaluation`` holds probabilities and gives the figures of a report. ``score`` takes logits and gives those of a model card,
among them the NLL at a temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.domain.answer import REJECTION_THRESHOLD
from functions.domain.monitoring.proportion import wilson_interval
from functions.learners.calibration import Logits, answers, nll
from functions.learners.evaluation.reliability import calibration_error, reliability_bins
from functions.learners.squares import Classes

Z_TWO_SIDED = 1.959964  # standard deviations: 95 % of the normal distribution lie within
LISTED_CONFUSIONS = 20  # the most frequent confusions


@dataclass(frozen=True)
class Evaluation:
    """The outputs (n, K + 1) of a network for squares of classes ``y`` (n,): K labels, then class K for "not a symbol".

    Accuracy counts the most probable label of each symbol, rejected or not. The rejections are counted on their own.
    """

    labels: tuple[str, ...]
    answers: NDArray[np.float32]
    y: Classes

    @property
    def symbols(self) -> NDArray[np.bool_]:
        """A mask (n,) of the squares that are symbols."""
        return np.asarray(self.y < len(self.labels))

    @property
    def given(self) -> Classes:
        """The most probable label of each square (n,)."""
        return np.asarray(self.answers[:, :-1].argmax(1), np.int64)

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """A mask (n,) of the squares that are rejected as "not a symbol"."""
        return np.asarray(self.answers[:, -1] >= REJECTION_THRESHOLD)

    @property
    def seen(self) -> Classes:
        """The answer that a visitor would see (n,): the most probable label, or class K for a rejected square."""
        return np.asarray(np.where(self.rejected, len(self.labels), self.given), np.int64)

    def confusion(self) -> NDArray[np.int64]:
        """Return the confusion matrix (K, K) of the symbols: true labels in rows, answered labels in columns."""
        return confusion(self.y[self.symbols], self.given[self.symbols], len(self.labels))

    def mistakes(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the positions (m,) of the ``most`` confident mistakes that a visitor would see, and their confidences, 0..1."""
        sure = np.where(self.rejected, self.answers[:, -1], self.answers[:, :-1].max(1)).astype(np.float64)
        wrong = np.flatnonzero(self.seen != self.y)
        order = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
        return order, sure[order]

    def seen_confusion(self) -> NDArray[np.int64]:
        """Return the confusion matrix (K + 1, K + 1) of what a visitor would see; the last class is "not a symbol"."""
        return confusion(self.y, self.seen, len(self.labels) + 1)

    def figures(self) -> dict[str, Any]:
        """Return all figures as JSON values. Shares are 0..1, intervals 95 %; a share of zero squares is None."""
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
        right, true, answered = np.diag(confusion), confusion.sum(1), confusion.sum(0)
        rejected = np.bincount(self.y[self.symbols & self.rejected], minlength=len(self.labels))
        return [
            {
                "label": label,
                "count": int(true[i]),
                "recall": share(int(right[i]), int(true[i])),
                "precision": share(int(right[i]), int(answered[i])),
                "rejected": share(int(rejected[i]), int(true[i])),
            }
            for i, label in enumerate(self.labels)
        ]

    def _confusions(self) -> list[dict[str, Any]]:
        confusion = self.confusion()
        np.fill_diagonal(confusion, 0)
        order = np.argsort(-confusion, axis=None, kind="stable")[:LISTED_CONFUSIONS]
        pairs = [divmod(int(i), len(self.labels)) for i in order if confusion.flat[i]]
        return [{"label": self.labels[a], "taken_for": self.labels[b], "count": int(confusion[a, b])} for a, b in pairs]


def confusion(true: Classes, given: Classes, size: int) -> NDArray[np.int64]:
    """Return the confusion matrix (size, size): true classes in rows, given classes in columns."""
    return np.bincount(true * size + given, minlength=size * size).reshape(size, size)


def share(some: int, count: int) -> float | None:
    """Return ``some`` of ``count`` as a share, 0..1, or None if ``count`` is 0."""
    return round(some / count, 6) if count else None


def wilson(some: int, count: int, z: float = Z_TWO_SIDED) -> list[float] | None:
    """Return the 95 % confidence interval [low, high] of ``some`` of ``count`` (Wilson 1927), or None if ``count`` is 0.

    >>> wilson(9_970, 10_000)
    [0.995721, 0.997898]
    """
    return [round(end, 6) for end in wilson_interval(some / count, count, z)] if count else None


def _figure(some: int, count: int) -> dict[str, Any]:
    return {"some": some, "count": count, "share": share(some, count), "interval": wilson(some, count)}


@dataclass(frozen=True)
class Score:
    """The figures of a model card. The answer to a symbol is its most probable label, rejected or not."""

    count: int  # of the symbols
    accuracy: float  # share of right answers to symbols, 0..1
    nll: float  # mean negative log-likelihood of the symbols, nats
    ece: float  # expected calibration error, 0..1
    false_rejects: float  # share of the symbols that are rejected, 0..1
    others: int  # squares that are not symbols
    rejected: float  # share of those squares that are rejected, 0..1

    def figures(self) -> dict[str, Any]:
        """Return the figures as JSON values; without those of other squares if there are none."""
        left_out = () if self.others else ("others", "rejected")
        return {name: round(value, 5) for name, value in vars(self).items() if name not in left_out}


def score(logits: Logits, y: Classes, temperature: float = 1.0, threshold: float = 0.0) -> Score:
    """Score ``logits`` (n, K + 1) for squares of classes ``y`` (n,); class K is "not a symbol". A share of nothing is 0."""
    outputs = answers(logits, temperature, threshold)
    symbols, rejected = y < logits.shape[1] - 1, outputs[:, -1] >= REJECTION_THRESHOLD
    p, true = outputs[symbols, :-1], y[symbols]
    return Score(
        count=len(true),
        accuracy=_mean(p.argmax(1) == true),
        nll=nll(logits[symbols], true, temperature),
        ece=calibration_error(p, true),
        false_rejects=_mean(rejected[symbols]),
        others=int((~symbols).sum()),
        rejected=_mean(rejected[~symbols]),
    )


def _mean(some: NDArray[np.bool_]) -> float:
    return float(some.mean()) if len(some) else 0.0
