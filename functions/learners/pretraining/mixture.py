"""Batches from several pools of squares, each with its share. No keras here.

What a batch holds follows from the seed and the step alone, so a training that was interrupted goes on with the batches that it
would have had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Targets, targets
from functions.learners.squares import Classes, Pixels, Squares

Batch = Callable[[int], tuple[Pixels, Targets]]  # step -> squares (n, 28, 28), what to answer to each (n, K + 1)


@dataclass(frozen=True)
class Pool:
    """Squares of one origin; ``share`` of each batch is drawn from them, each square as often as its ``weights`` (n,) say."""

    name: str
    squares: Squares
    share: float
    weights: NDArray[np.float64] | None = None  # None: all alike


def mixture(pools: Sequence[Pool], size: int, outputs: int, *, seed: int) -> Batch:
    """Return batches of ``size`` squares from the pools, with answers for ``outputs`` classes."""
    shares = np.array([pool.share for pool in pools])
    ends = [np.cumsum(_weights(pool)) for pool in pools]
    wanted = [targets(pool.squares.y, outputs) for pool in pools]

    def batch(step: int) -> tuple[Pixels, Targets]:
        rng = np.random.default_rng([seed, step])
        x, answers = [], []
        for pool, end, answer, count in zip(pools, ends, wanted, rng.multinomial(size, shares / shares.sum()), strict=True):
            some = np.minimum(np.searchsorted(end, rng.random(count) * end[-1], side="right"), len(end) - 1)
            x.append(pool.squares.x[some])
            answers.append(answer[some])
        return np.concatenate(x), np.concatenate(answers)

    return batch


def frequencies(pools: Sequence[Pool], outputs: int) -> NDArray[np.float64]:
    """Return how often each class comes in the pools' batches (outputs,), in all 1."""
    found = np.zeros(outputs)
    for pool in pools:
        weights = _weights(pool)
        found += pool.share * np.bincount(pool.squares.y, weights / weights.sum(), minlength=outputs)
    return np.asarray(found / found.sum())


def balancing_weights(groups: NDArray[np.int64], shares: dict[int, float] | None = None) -> NDArray[np.float64]:
    """Return weights (n,) that make every group in ``groups`` (n,) come equally often, or as often as its share says."""
    names, which, counts = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = np.array([1.0 if shares is None else shares[int(name)] for name in names])
    return np.asarray((wanted / counts)[which])


def label_weights(y: Classes, even: float = 1.0) -> NDArray[np.float64]:
    """Return weights (n,): ``even`` 1 makes every label come equally often, 0 as often as it occurs."""
    weights = balancing_weights(y)
    return np.asarray(even * weights / weights.sum() + (1 - even) / len(y))


def _weights(pool: Pool) -> NDArray[np.float64]:
    return np.ones(len(pool.squares)) if pool.weights is None else pool.weights
