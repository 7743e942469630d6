"""Give a network more labels, or a new head. Pure: weights in, weights out; no keras here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Weights

Features = NDArray[np.float32]  # (n, d), what the last layer sees
SMALL = 0.01  # standard deviation of a new head's weights: all labels begin alike


def expand_head(weights: Weights, newcomers: Sequence[Features], known: Features) -> Weights:
    """Return ``weights`` with an output for each of ``newcomers``, before the last one ("not a symbol").

    A newcomer's output looks along the line from the mean of what the network knows to the mean of the newcomer's own squares
    (n, d): half way it gives what labels give on average, and at the newcomer's mean as much more as a right label's output has
    over the others. So the network knows it a little from the start, and the others lose next to nothing.
    """
    *body, kernel, bias = weights  # (d, K + 1), (K + 1,)
    logits = (known @ kernel + bias)[:, :-1]
    lead = 2 * float((logits.max(1) - logits.mean(1)).mean())
    usual, usual_bias = kernel[:, :-1].mean(1), float(bias[:-1].mean())
    columns, biases = [], []
    for squares in newcomers:
        mean, middle = squares.mean(0), known.mean(0)
        away = mean - middle
        way = lead * away / max(float(away @ away), 1e-6)
        columns.append(usual + way)
        biases.append(usual_bias - float(way @ (mean + middle)) / 2)
    return [
        *body,
        np.column_stack([kernel[:, :-1], *columns, kernel[:, -1:]]).astype(np.float32),
        np.concatenate([bias[:-1], biases, bias[-1:]]).astype(np.float32),
    ]


def replace_head(foundation: Weights, labels: int, rng: np.random.Generator) -> Weights:
    """Return ``foundation`` with ``labels`` new outputs in place of its own; the last one, "not a symbol", stays."""
    *body, kernel, bias = foundation
    fresh = rng.normal(0, SMALL, (len(kernel), labels))
    return [
        *body,
        np.column_stack([fresh, kernel[:, -1:]]).astype(np.float32),
        np.concatenate([np.zeros(labels), bias[-1:]]).astype(np.float32),
    ]
