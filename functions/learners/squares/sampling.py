"""Which squares are rehearsed, which choose and which judge, and how every label comes to count the same. No keras here."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes, Squares, no_squares


@dataclass(frozen=True)
class HeldOut:
    """Collected squares that never teach: ``select`` choose how much is learned, ``holdout`` are only for the gate."""

    select: Squares = field(default_factory=no_squares)
    holdout: Squares = field(default_factory=no_squares)


def recoded(squares: Squares, was: tuple[str, ...], now: tuple[str, ...]) -> Squares:
    """Return ``squares`` with their classes in another order of labels; those whose label is not there any more are left out.

    In both orders the class after the last label means "not a symbol".
    """
    if was == now:
        return squares
    places = {label: place for place, label in enumerate(now)}
    codes = np.array([*(places.get(label, -1) for label in was), len(now)], np.int64)
    y = codes[squares.y]
    return Squares(squares.x, y) if (y >= 0).all() else Squares(squares.x[y >= 0], y[y >= 0])


def balanced(y: Classes, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the positions of about ``count`` labels, the same number of each label, in random order.

    A label with too few squares gives all it has; no square is taken twice.

    >>> y = np.array([0, 0, 0, 0, 1, 1])
    >>> y[balanced(y, 4, np.random.default_rng(0))].tolist().count(1)
    2
    """
    labels = np.unique(y)
    each = count // max(1, len(labels))
    parts = [rng.permutation(np.flatnonzero(y == label))[:each] for label in labels]
    return rng.permutation(np.concatenate([np.zeros(0, np.int64), *parts]))


def split_selection(rehearsal: Squares, share: float = 0.4) -> tuple[Squares, Squares]:
    """Split the rehearsal set into (to rehearse, to select with); the first ``share`` of each label selects.

    Always the same split: what selects is never learned from, in no round.
    """
    selects = np.zeros(len(rehearsal), bool)
    for label in np.unique(rehearsal.y):
        mine = np.flatnonzero(rehearsal.y == label)
        selects[mine[: int(len(mine) * share)]] = True
    return rehearsal.take(~selects), rehearsal.take(selects)


class BalancedSampler:
    """Deals positions of labels ``y`` for ever: every label as often as any other, each label's squares in shuffled turns.

    ``even`` 1 deals labels evenly, 0 as often as they occur; in between, the label shares are mixed.
    """

    def __init__(self, y: Classes, rng: np.random.Generator, even: float = 1.0) -> None:
        self._rng = rng
        self._labels, counts = np.unique(y, return_counts=True)
        self._shares = even / max(1, len(self._labels)) + (1 - even) * counts / max(1, counts.sum())
        self._piles = [np.flatnonzero(y == label) for label in self._labels]
        self._hands: list[NDArray[np.int64]] = [np.zeros(0, np.int64) for _ in self._labels]

    def deal(self, count: int) -> NDArray[np.int64]:
        """Return ``count`` positions; none from an empty deck."""
        if not self._piles:
            return np.zeros(0, np.int64)
        counts = self._rng.multinomial(count, self._shares)
        return np.concatenate([self._draw(pile, int(n)) for pile, n in enumerate(counts)])

    def _draw(self, pile: int, count: int) -> NDArray[np.int64]:
        while len(self._hands[pile]) < count:
            self._hands[pile] = np.concatenate([self._hands[pile], self._rng.permutation(self._piles[pile])])
        drawn, self._hands[pile] = self._hands[pile][:count], self._hands[pile][count:]
        return drawn
