"""Give a network more labels, or a new head. Pure: weights in, weights out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Weights

Features = NDArray[np.float32]  # (n, d), the input of the last layer
SMALL = 0.01  # standard deviation of a new head's weights: all labels begin alike


def expand_head(weights: Weights, added: Sequence[Features], known: Features) -> Weights:
    """Return ``weights`` with an output for each of the ``added`` labels, before the last output ("not a symbol").

    Each label in ``added`` is given by the features (n, d) of its squares. Its output follows the line from the mean of the
    ``known`` features to the mean of its own. Half way it equals the average output of the known labels. At its own mean it
    leads the other outputs as the right label does. So the label is recognised from the start, and the known labels lose little.
    """
    *body, kernel, bias = weights  # (d, K + 1), (K + 1,)
    logits = (known @ kernel + bias)[:, :-1]
    lead = 2 * float((logits.max(1) - logits.mean(1)).mean())
    usual, usual_bias = kernel[:, :-1].mean(1), float(bias[:-1].mean())
    columns, biases = [], []
    for features in added:
        mean, middle = features.mean(0), known.mean(0)
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
    """Return ``foundation`` with ``labels`` new outputs in place of its own; the last output, "not a symbol", stays."""
    *body, kernel, bias = foundation
    new = rng.normal(0, SMALL, (len(kernel), labels))
    return [
        *body,
        np.column_stack([new, kernel[:, -1:]]).astype(np.float32),
        np.concatenate([np.zeros(labels), bias[-1:]]).astype(np.float32),
    ]
