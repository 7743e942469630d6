"""Batches from several pools of squares, each with its share.

A batch depends only on the seed and the step, so a training that was interrupted continues with the same batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Batch, Targets, targets
from functions.learners.squares import Pixels, Squares


@dataclass(frozen=True)
class Pool:
    """Squares of one origin; ``share`` of each batch is drawn from them, with the probabilities ``weights`` (n,)."""

    name: str
    squares: Squares
    share: float
    weights: NDArray[np.float64] | None = None  # None: all equal


def mixture(pools: Sequence[Pool], size: int, outputs: int, *, seed: int) -> Batch:
    """Return batches of ``size`` squares from the pools, with targets for ``outputs`` classes."""
    shares = np.array([pool.share for pool in pools])
    ends = [np.cumsum(_weights(pool)) for pool in pools]
    wanted = [targets(pool.squares.y, outputs) for pool in pools]

    def batch(step: int) -> tuple[Pixels, Targets]:
        rng = np.random.default_rng([seed, step])
        x, y = [], []
        for pool, end, target, count in zip(pools, ends, wanted, rng.multinomial(size, shares / shares.sum()), strict=True):
            some = np.minimum(np.searchsorted(end, rng.random(count) * end[-1], side="right"), len(end) - 1)
            x.append(pool.squares.x[some])
            y.append(target[some])
        return np.concatenate(x), np.concatenate(y)

    return batch


def frequencies(pools: Sequence[Pool], outputs: int) -> NDArray[np.float64]:
    """Return the frequency of each class in the pools' batches, (outputs,), sum 1."""
    found = np.zeros(outputs)
    for pool in pools:
        weights = _weights(pool)
        found += pool.share * np.bincount(pool.squares.y, weights / weights.sum(), minlength=outputs)
    return np.asarray(found / found.sum())


def balancing_weights(groups: NDArray[np.int64], shares: dict[int, float] | None = None) -> NDArray[np.float64]:
    """Return weights (n,) that give every group in ``groups`` (n,) the same frequency, or the frequency in ``shares``."""
    names, which, counts = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = np.array([1.0 if shares is None else shares[int(name)] for name in names])
    return np.asarray((wanted / counts)[which])


def _weights(pool: Pool) -> NDArray[np.float64]:
    return np.ones(len(pool.squares)) if pool.weights is None else pool.weights
