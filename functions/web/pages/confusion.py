"""The labels that the networks confuse: the most frequent pairs, and the matrix of all but the largest sets. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

MOST_PAIRS = 8
NUMBERED = 12  # labels whose matrix has numbers; those of more would not be legible on a phone
MOST_LABELS = 120  # of a matrix: the label of a row is still legible, and a tenth of its cells are 100 kB

Pair = tuple[str | None, str | None]  # (true label, answered label); None is "not a symbol"


@dataclass(frozen=True)
class ConfusedPair:
    """One label answered as another, ``count`` of the ``drawn`` times that the true label was drawn."""

    true: str | None
    answered: str | None
    count: int
    drawn: int


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: a row for each true label and a column for each answer; the last ones are "not a symbol"."""

    labels: tuple[str | None, ...]
    rows: tuple[tuple[int, ...], ...]

    @property
    def numbered(self) -> bool:
        """Whether the cells have room for their numbers."""
        return len(self.labels) <= NUMBERED + 1

    @property
    def filled(self) -> tuple[tuple[int, int, int], ...]:
        """The cells that are not empty: row, column and count."""
        return tuple((y, x, count) for y, row in enumerate(self.rows) for x, count in enumerate(row) if count)

    def shade(self, row: int, column: int) -> float:
        """Return how dark a cell is, 0..1: the square root of its share of the row, so that a single mistake is visible."""
        return round(sqrt(self.rows[row][column] / max(1, sum(self.rows[row]))), 3)


def most_confused(counted: Mapping[Pair, int]) -> tuple[ConfusedPair, ...]:
    """Return the most frequent confusions, most frequent first."""
    drawn: Counter[str | None] = Counter()
    for (true, _), count in counted.items():
        drawn[true] += count
    wrong = [ConfusedPair(true, answered, count, drawn[true]) for (true, answered), count in counted.items() if true != answered]
    return tuple(sorted(wrong, key=lambda pair: (-pair.count, pair.true or "", pair.answered or ""))[:MOST_PAIRS])


def matrix(counted: Mapping[Pair, int], labels: Sequence[str]) -> Matrix | None:
    """Return the confusion matrix of a set, None for one with very many labels."""
    if len(labels) > MOST_LABELS:
        return None
    every = (*labels, None)
    return Matrix(every, tuple(tuple(counted.get((true, answered), 0) for answered in every) for true in every))
