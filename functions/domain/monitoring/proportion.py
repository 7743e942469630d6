"""A counted proportion and its 95 % confidence interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.96  # 95 % of a normal distribution lie within this many standard deviations


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
        return round(wilson_interval(self.successes / self.count, self.count)[0], 6) if self.count else None

    @property
    def high(self) -> float | None:
        """The upper end of the 95 % confidence interval."""
        return round(wilson_interval(self.successes / self.count, self.count)[1], 6) if self.count else None


def wilson_interval(share: float, count: int, z: float = Z_95) -> tuple[float, float]:
    """Return the confidence interval (low, high), 0..1, of a ``share`` (0..1) of ``count`` trials, at least one (Wilson 1927).

    ``z`` is the quantile of the normal distribution: 1.96 gives a two-sided interval of 95 %, 1.645 a one-sided bound of 95 %.

    >>> low, high = wilson_interval(0.7, 10)
    >>> round(low, 3), round(high, 3)
    (0.397, 0.892)
    """
    spread = z * z / count
    half = z * sqrt(share * (1 - share) / count + spread / (4 * count))
    middle = share + spread / 2
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))
