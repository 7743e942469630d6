"""A counted proportion and its 95 % confidence interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z = 1.96  # 95 % of a normal distribution lie within this many standard deviations


@dataclass(frozen=True)
class Proportion:
    """``successes`` of ``count``; ``share``, ``low`` and ``high`` are 0..1, and None where the count is 0."""

    successes: int = 0
    count: int = 0

    @property
    def share(self) -> float | None:
        """The share itself."""
        return round(self.successes / self.count, 6) if self.count else None

    @property
    def low(self) -> float | None:
        """The lower end of the 95 % confidence interval."""
        return round(interval(self.successes / self.count, self.count)[0], 6) if self.count else None

    @property
    def high(self) -> float | None:
        """The upper end of the 95 % confidence interval."""
        return round(interval(self.successes / self.count, self.count)[1], 6) if self.count else None


def proportion_of(outcomes: Iterable[bool]) -> Proportion:
    """Return the proportion of true outcomes."""
    counted = Counter(outcomes)
    return Proportion(counted[True], counted.total())


def interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share of ``count``, at least 1 (Wilson 1927)."""
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    width = Z / (1 + Z * Z / count) * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return max(0.0, middle - width), min(1.0, middle + width)
