"""Divide squares into rehearsal, selection and hold-out, and draw them balanced by label."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes, Squares, no_squares


@dataclass(frozen=True)
class HeldOut:
    """Collected squares that are never learned: ``select`` for the choice of the share, ``holdout`` for the gate."""

    select: Squares = field(default_factory=no_squares)
    holdout: Squares = field(default_factory=no_squares)


def recoded(squares: Squares, was: tuple[str, ...], now: tuple[str, ...]) -> Squares:
    """Return ``squares`` with the classes of the labels ``now`` instead of ``was``; squares of other labels are left out.

    In both the class after the last label means "not a symbol".
    """
    if was == now:
        return squares
    places = {label: place for place, label in enumerate(now)}
    codes = np.array([*(places.get(label, -1) for label in was), len(now)], np.int64)
    y = codes[squares.y]
    return Squares(squares.x, y) if (y >= 0).all() else Squares(squares.x[y >= 0], y[y >= 0])


def balanced(y: Classes, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the positions of about ``count`` labels, the same number of each label, in random order.

    Of a label with fewer squares all are taken; no square is taken twice.

    >>> y = np.array([0, 0, 0, 0, 1, 1])
    >>> y[balanced(y, 4, np.random.default_rng(0))].tolist().count(1)
    2
    """
    labels = np.unique(y)
    each = count // max(1, len(labels))
    parts = [rng.permutation(np.flatnonzero(y == label))[:each] for label in labels]
    return rng.permutation(np.concatenate([np.zeros(0, np.int64), *parts]))


def split_selection(rehearsal: Squares, share: float = 0.4) -> tuple[Squares, Squares]:
    """Split the rehearsal set into (rehearsal, selection); the first ``share`` of each label is for selection.

    The split is always the same, so no run ever learns a selection square.
    """
    selects = np.zeros(len(rehearsal), bool)
    for label in np.unique(rehearsal.y):
        mine = np.flatnonzero(rehearsal.y == label)
        selects[mine[: int(len(mine) * share)]] = True
    return rehearsal.take(~selects), rehearsal.take(selects)


class BalancedSampler:
    """Draws positions of labels ``y`` without end: balanced by label, and each label's squares in shuffled turns.

    With ``even`` 1 all labels are equally frequent, with 0 as frequent as in ``y``; in between the frequencies are mixed.
    """

    def __init__(self, y: Classes, rng: np.random.Generator, even: float = 1.0) -> None:
        self._rng = rng
        self._labels, counts = np.unique(y, return_counts=True)
        self._shares = even / max(1, len(self._labels)) + (1 - even) * counts / max(1, counts.sum())
        self._positions = [np.flatnonzero(y == label) for label in self._labels]
        self._queues: list[NDArray[np.int64]] = [np.zeros(0, np.int64) for _ in self._labels]

    def draw(self, count: int) -> NDArray[np.int64]:
        """Return ``count`` positions; none if ``y`` is empty."""
        if not self._positions:
            return np.zeros(0, np.int64)
        counts = self._rng.multinomial(count, self._shares)
        return np.concatenate([self._next(place, int(n)) for place, n in enumerate(counts)])

    def _next(self, place: int, count: int) -> NDArray[np.int64]:
        queue = self._queues[place]
        while len(queue) < count:
            queue = np.concatenate([queue, self._rng.permutation(self._positions[place])])
        self._queues[place] = queue[count:]
        return queue[:count]
