"""Turn logits into calibrated answers, with one temperature and one threshold per version. Pure.

A network of K labels gives K + 1 logits, the last one for "not a symbol". An answer has two parts: the probabilities of the
labels if the square is a symbol, and the rejection probability.

The labels' logits are divided by the temperature that makes held-out labels most probable (Guo, Pleiss, Sun and Weinberger, "On
calibration of modern neural networks", ICML 2017). The order of the labels does not change. The rejection is shifted by a
threshold, so that 0.5 always is the border; about one held-out symbol in a hundred lies above it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes, Pixels

Logits = NDArray[np.float32]  # (n, K + 1), the last column for "not a symbol"
Probabilities = NDArray[np.float64]  # (n, k), rows sum to 1
Answers = NDArray[np.float64]  # (n, K + 1): the labels' probabilities, which sum to 1, then the rejection, 0..1
Targets = NDArray[np.float32]  # (n, K + 1), rows sum to 1
Batch = Callable[[int], tuple[Pixels, Targets]]  # step -> squares (n, 28, 28), their targets
LABEL_SMOOTHING = 0.03  # some labels of the sources are wrong, and a network that is never certain still learns
LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.2, 5.0  # a temperature beyond these is an effect of chance
ALLOWED_FALSE_REJECTS = 0.01  # share of held-out symbols that may be rejected: visitors accept it, and scribbles are rejected


def probabilities(logits: Logits, temperature: float = 1.0) -> Probabilities:
    """Return softmax(logits / temperature), rows of ``logits`` (n, k).

    >>> probabilities(np.log(np.array([[1.0, 3.0]], np.float32))).round(2).tolist()
    [[0.25, 0.75]]
    """
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(1, keepdims=True))


def label_probabilities(logits: Logits, temperature: float = 1.0) -> Probabilities:
    """Return the labels' probabilities (n, K) if each square is a symbol."""
    return probabilities(logits[:, :-1], temperature)


def rejection_log_odds(logits: Logits) -> NDArray[np.float64]:
    """Return the log-odds (n,) that a square is not a symbol."""
    labels, none = logits[:, :-1].astype(np.float64), logits[:, -1].astype(np.float64)
    most = labels.max(1)
    return np.asarray(none - most - np.log(np.exp(labels - most[:, None]).sum(1)))


def answers(logits: Logits, temperature: float, threshold: float) -> Answers:
    """Return the outputs of an exported network for ``logits``; from 0.5 on a square is rejected."""
    rejection = 1 / (1 + np.exp(np.clip(threshold - rejection_log_odds(logits), -50, 50)))
    return np.column_stack([label_probabilities(logits, temperature), rejection])


def nll(logits: Logits, y: Classes, temperature: float = 1.0, credit: NDArray[np.float64] | None = None) -> float:
    """Return the mean negative log-likelihood of classes ``y`` (n,), in nats; 0 for none. Class K is "not a symbol".

    With ``credit`` (K + 1, K + 1) the likelihood of a label is the expected credit of the answer (``evaluation.half_decided``).
    """
    if len(y) == 0:
        return 0.0
    odds = np.clip(rejection_log_odds(logits), -50, 50)
    none = y == logits.shape[1] - 1
    labels, true = label_probabilities(logits, temperature), np.where(none, 0, y)
    p = labels[np.arange(len(y)), true] if credit is None else (labels * credit[true, :-1]).sum(1)
    symbol = np.log1p(np.exp(odds)) - np.log(np.maximum(p, 1e-12))
    return float(np.where(none, np.log1p(np.exp(-odds)), symbol).mean())


def fit_temperature(logits: Logits, y: Classes) -> float:
    """Return the temperature in 0.2..5 that makes classes ``y`` (n,) most probable; 1 if none of them is a label.

    The negative log-likelihood is convex in 1 / temperature; the golden-section search finds its minimum.
    """
    symbols = y < logits.shape[1] - 1
    if not symbols.any():
        return 1.0
    logits, y = logits[symbols], y[symbols]
    low, high = 1 / HIGHEST_TEMPERATURE, 1 / LOWEST_TEMPERATURE
    golden = (5**0.5 - 1) / 2
    for _ in range(40):
        a, b = high - golden * (high - low), low + golden * (high - low)
        if nll(logits, y, 1 / a) <= nll(logits, y, 1 / b):
            high = b
        else:
            low = a
    return 2 / (low + high)


def fit_threshold(logits: Logits, y: Classes, share: float = ALLOWED_FALSE_REJECTS) -> float:
    """Return the log-odds of "not a symbol" that only ``share`` of the symbols exceed; 0 without symbols."""
    odds = rejection_log_odds(logits)[y < logits.shape[1] - 1]
    return float(np.quantile(odds, 1 - share)) if len(odds) else 0.0


def without_label_prior(bias: NDArray[np.float32], frequency: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the last layer's ``bias`` (K + 1,) without the labels' training frequencies ``frequency`` (K + 1,).

    A network learns these frequencies (Menon et al., "Long-tail learning via logit adjustment", ICLR 2021), but a visitor's next
    drawing may have any label. "Not a symbol" keeps its bias: it has its threshold.
    """
    expected = np.log(np.maximum(frequency[:-1], 1e-12))
    expected = np.where(frequency[:-1] > 0, expected - expected[frequency[:-1] > 0].mean(), 0)
    return np.asarray(bias - np.append(expected, 0), np.float32)


def targets(y: Classes, classes: int, smoothing: float = LABEL_SMOOTHING) -> Targets:
    """Return the targets (n, classes) of classes ``y`` (n,), with label smoothing."""
    return np.asarray(np.eye(classes)[y] * (1 - smoothing) + smoothing / classes, np.float32)
