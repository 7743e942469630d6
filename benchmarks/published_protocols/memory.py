"""Keep squares of former tasks within a budget, for replay and for validation. No keras here.

Kept validation squares were validation squares of their own task, so they are never used for training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.squares import Squares, joined, no_squares
from functions.learners.squares.sampling import balanced


@dataclass(frozen=True)
class Memory:
    """The kept squares: ``rehearse`` for replay, ``select`` for the choice of the averaging share."""

    rehearse: Squares
    select: Squares

    def __len__(self) -> int:
        return len(self.rehearse) + len(self.select)


def empty() -> Memory:
    """Return an empty memory."""
    return Memory(no_squares(), no_squares())


class BalancedMemory:
    """Keeps random squares, balanced by label (``budget`` None: all squares)."""

    def __init__(self, budget: int | None, selecting: float, *, seed: int) -> None:
        """Set the number of kept squares, and the share for validation."""
        self.memory = empty()
        self._rng = np.random.default_rng(seed)
        self._selecting = None if budget is None else round(budget * selecting)
        self._rehearsing = None if budget is None else budget - round(budget * selecting)

    def keep(self, trained: Squares, validated: Squares) -> None:
        """Add a task's training squares and validation squares."""
        self.memory = Memory(
            self._some(joined([self.memory.rehearse, trained]), self._rehearsing),
            self._some(joined([self.memory.select, validated]), self._selecting),
        )

    def _some(self, squares: Squares, most: int | None) -> Squares:
        return squares if most is None else squares.take(balanced(squares.y, most, self._rng))


class ReservoirMemory:
    """Keeps each square of the stream with the same probability, by reservoir sampling (Vitter 1985).

    Reservoir sampling does not need the borders of tasks.
    """

    def __init__(self, budget: int, selecting: float, *, seed: int) -> None:
        """Set the number of kept squares, and the share for validation."""
        self.memory = empty()
        self._rng = np.random.default_rng(seed)
        self._sizes = (budget - round(budget * selecting), round(budget * selecting))
        self._came = [0, 0]

    def keep(self, trained: Squares, validated: Squares) -> None:
        """Add a task's training squares and validation squares."""
        self.memory = Memory(
            self._train_next(0, self.memory.rehearse, trained), self._train_next(1, self.memory.select, validated)
        )

    def _train_next(self, which: int, kept: Squares, new: Squares) -> Squares:
        size, came = self._sizes[which], self._came[which]
        self._came[which] += len(new)
        places = list(range(len(kept)))
        # The n-th square takes one of n places; only the first ``size`` places exist.
        taken = (self._rng.random(len(new)) * (came + 1 + np.arange(len(new)))).astype(np.int64)
        for position, place in enumerate(taken.tolist()):
            if len(places) < size:
                places.append(len(kept) + position)
            elif place < size:
                places[place] = len(kept) + position
        return joined([kept, new]).take(np.array(places, np.int64))
