"""What the networks take for what: the pairs that are mixed up most, and the whole matrix where it fits a page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

MIXED_UP = 8  # pairs of labels that are told
MATRIX = 12  # labels whose matrix still fits a phone

Pair = tuple[str | None, str | None]  # (true label, answered label); None is "not a symbol"


@dataclass(frozen=True)
class Mix:
    """One label taken for another ``count`` times; ``of`` is how often the true one was drawn."""

    true: str | None
    answered: str | None
    count: int
    of: int


@dataclass(frozen=True)
class Matrix:
    """The confusion of a set with few labels: a row for each true label, and one for "not a symbol", as answered."""

    labels: tuple[str | None, ...]
    rows: tuple[tuple[int, ...], ...]

    def shade(self, row: int, column: int) -> float:
        """Return how dark a cell is, 0..1: its share of its row, so stretched that a single mistake can be seen."""
        return round(sqrt(self.rows[row][column] / max(1, sum(self.rows[row]))), 3)


def mixed_up(counted: Mapping[Pair, int]) -> tuple[Mix, ...]:
    """Return the pairs that are mixed up most, most first."""
    of: Counter[str | None] = Counter()
    for (true, _), count in counted.items():
        of[true] += count
    wrong = [Mix(true, answered, count, of[true]) for (true, answered), count in counted.items() if true != answered]
    return tuple(sorted(wrong, key=lambda mix: (-mix.count, mix.true or "", mix.answered or ""))[:MIXED_UP])


def matrix(counted: Mapping[Pair, int], labels: Sequence[str]) -> Matrix | None:
    """Return the matrix of a set with few labels, otherwise None."""
    if len(labels) > MATRIX:
        return None
    every = (*labels, None)
    return Matrix(every, tuple(tuple(counted.get((true, answered), 0) for answered in every) for true in every))
