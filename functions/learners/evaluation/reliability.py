"""Measure calibration: the accuracy of answers by their confidence. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes

CONFIDENCE_BINS = 15  # as in Guo et al. 2017 and most later work, so that figures can be compared


class Bin(TypedDict):
    """The answers whose confidence lies in ``low``..``high``; without answers the last two figures are None."""

    low: float
    high: float
    count: int
    confidence: float | None  # their mean confidence, 0..1
    accuracy: float | None  # the share of them that is right, 0..1


def reliability_bins(p: NDArray[np.floating], y: Classes, bins: int = CONFIDENCE_BINS) -> list[Bin]:
    """Return a reliability diagram's figures: ``bins`` equal bins of the confidence of answers ``p`` (n, k) to labels ``y`` (n,).

    The confidence is the highest probability of an answer. A bin has confidences from ``low`` up to, but without, ``high``.
    """
    counts, confidence, right = _sums(p, y, bins)
    return [
        Bin(
            low=round(b / bins, 6),
            high=round((b + 1) / bins, 6),
            count=int(counts[b]),
            confidence=round(float(confidence[b] / counts[b]), 6) if counts[b] else None,
            accuracy=round(float(right[b] / counts[b]), 6) if counts[b] else None,
        )
        for b in range(bins)
    ]


def calibration_error(p: NDArray[np.floating], y: Classes, bins: int = CONFIDENCE_BINS) -> float:
    """Return the expected calibration error (Naeini et al. 2015), 0..1: the bins' gaps, weighted by their counts; 0 for none."""
    counts, confidence, right = _sums(p, y, bins)
    return float(np.abs(confidence - right).sum() / max(1, counts.sum()))


def _sums(p: NDArray[np.floating], y: Classes, bins: int) -> NDArray[np.float64]:
    """Return (3, bins): the number of answers in each bin, the sum of their confidences, and how many of them are right."""
    confidence, right = p.max(1, initial=0).astype(np.float64), p.argmax(1) == y
    bin_of = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    return np.array([np.bincount(bin_of, weights, bins) for weights in (np.ones(len(y)), confidence, right)])
