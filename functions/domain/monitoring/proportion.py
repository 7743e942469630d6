"""A share that was counted, and how far chance may have moved it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z = 1.96  # standard deviations on both sides of which 95 % lie


@dataclass(frozen=True)
class Proportion:
    """``some`` of ``count``; ``share``, ``low`` and ``high`` are 0..1, and None of nothing at all."""

    some: int = 0
    count: int = 0

    @property
    def share(self) -> float | None:
        """The share itself."""
        return round(self.some / self.count, 6) if self.count else None

    @property
    def low(self) -> float | None:
        """The lower end of its 95 % interval."""
        return round(interval(self.some / self.count, self.count)[0], 6) if self.count else None

    @property
    def high(self) -> float | None:
        """The upper end of its 95 % interval."""
        return round(interval(self.some / self.count, self.count)[1], 6) if self.count else None


def proportion_of(each: Iterable[bool]) -> Proportion:
    """Return how many are true, of how many."""
    some = count = 0
    for one in each:
        some += one
        count += 1
    return Proportion(some, count)


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was counted among ``count``, at least one (Wilson 1927)."""
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    width = Z / (1 + Z * Z / count) * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return max(0.0, middle - width), min(1.0, middle + width)
