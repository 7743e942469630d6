"""Make probabilities mean what they say: one temperature per version. No keras here.

Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (ICML 2017): the logits are divided by the one
number that makes held-out labels most probable. The order of the labels, and so every answer, stays as it was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes

Logits = NDArray[np.float32]  # (n, classes)
Probabilities = NDArray[np.float64]  # (n, classes), rows sum to 1
Targets = NDArray[np.float32]  # (n, classes), rows sum to 1
SMOOTHING = 0.03  # some labels of the sources are wrong, and whoever is never quite sure can still be taught
COLDEST, HOTTEST = 0.2, 5.0  # beyond these the held-out labels say more about chance than about confidence


def probabilities(logits: Logits, temperature: float = 1.0) -> Probabilities:
    """Return softmax(logits / temperature)."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(1, keepdims=True))


def surprise(logits: Logits, y: Classes, temperature: float = 1.0) -> float:
    """Return the mean negative log-likelihood of the labels, in nats; 0 for no labels."""
    if len(y) == 0:
        return 0.0
    p = probabilities(logits, temperature)[np.arange(len(y)), y]
    return float(-np.log(np.maximum(p, 1e-12)).mean())


def fit_temperature(logits: Logits, y: Classes) -> float:
    """Return the temperature in 0.2..5 that makes labels ``y`` (n,) most probable; 1 without labels.

    The negative log-likelihood is convex in 1 / temperature, so halving brackets finds its lowest point.
    """
    if len(y) == 0:
        return 1.0
    low, high = 1 / HOTTEST, 1 / COLDEST
    golden = (5**0.5 - 1) / 2
    for _ in range(40):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if surprise(logits, y, 1 / a) <= surprise(logits, y, 1 / b):
            high = b
        else:
            low = a
    return 2 / (low + high)


def calibration_error(p: Probabilities, y: Classes, bins: int = 15) -> float:
    """Return the expected calibration error (Naeini et al. 2015): confidence against accuracy in ``bins`` equal bins, 0..1."""
    confidence, right = p.max(1), p.argmax(1) == y
    bin_of = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gaps = [abs(float((confidence[bin_of == b] - right[bin_of == b]).sum())) for b in range(bins)]
    return sum(gaps) / max(1, len(y))


def targets(y: Classes, classes: int, smoothing: float = SMOOTHING) -> Targets:
    """Return what to answer for labels ``y`` (n,): one for the label, less a little that all labels share (label smoothing)."""
    return np.asarray(np.eye(classes)[y] * (1 - smoothing) + smoothing / classes, np.float32)
