"""What is kept of squares that came: never more than a budget, for rehearsing and for choosing together. No keras here.

What is kept to choose by comes from squares that chose in their own lesson, so it never teaches, in no lesson.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.squares import Squares, joined, no_squares
from functions.learners.squares.sampling import balanced


@dataclass(frozen=True)
class Memory:
    """Squares that are kept: ``rehearse`` teach again, ``select`` choose how much of a lesson is kept."""

    rehearse: Squares
    select: Squares

    def __len__(self) -> int:
        return len(self.rehearse) + len(self.select)


def empty() -> Memory:
    """Return a memory of nothing."""
    return Memory(no_squares(), no_squares())


class Balanced:
    """Keeps as many squares of one label as of any other, at random (``budget`` None: everything)."""

    def __init__(self, budget: int | None, selecting: float, *, seed: int) -> None:
        """Take how many squares may be kept, and which share of them selects."""
        self.memory = empty()
        self._rng = np.random.default_rng(seed)
        self._selecting = None if budget is None else round(budget * selecting)
        self._rehearsing = None if budget is None else budget - round(budget * selecting)

    def keep(self, taught: Squares, judged: Squares) -> None:
        """Take up squares that a lesson ``taught``, and those that chose in it."""
        self.memory = Memory(
            self._some(joined([self.memory.rehearse, taught]), self._rehearsing),
            self._some(joined([self.memory.select, judged]), self._selecting),
        )

    def _some(self, squares: Squares, most: int | None) -> Squares:
        return squares if most is None else squares.take(balanced(squares.y, most, self._rng))


class Sampled:
    """Keeps any square that ever came with the same chance, whatever its label, by reservoirs (Vitter 1985).

    It need not know where a task ends.
    """

    def __init__(self, budget: int, selecting: float, *, seed: int) -> None:
        """Take how many squares may be kept, and which share of them selects."""
        self.memory = empty()
        self._rng = np.random.default_rng(seed)
        self._sizes = (budget - round(budget * selecting), round(budget * selecting))
        self._came = [0, 0]

    def keep(self, taught: Squares, judged: Squares) -> None:
        """Take up squares that a lesson ``taught``, and those that chose in it."""
        self.memory = Memory(self._further(0, self.memory.rehearse, taught), self._further(1, self.memory.select, judged))

    def _further(self, which: int, kept: Squares, new: Squares) -> Squares:
        size, came = self._sizes[which], self._came[which]
        self._came[which] += len(new)
        places = list(range(len(kept)))
        # The n-th square that comes takes one of n places; only the first ``size`` of them exist.
        taken = (self._rng.random(len(new)) * (came + 1 + np.arange(len(new)))).astype(np.int64)
        for position, place in enumerate(taken.tolist()):
            if len(places) < size:
                places.append(len(kept) + position)
            elif place < size:
                places[place] = len(kept) + position
        return joined([kept, new]).take(np.array(places, np.int64))
