"""The statistical tests of the gate. Pure: counts in, figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from functions.domain.monitoring.proportion import wilson_interval

Z_ONE_SIDED = 1.645  # the highest twentieth of the normal distribution


def non_inferiority(lost: int, won: int, n: int, margin: float) -> float:
    """Return z of Tango's score test (1998) for "the loss of accuracy is ``margin`` (0..1) or more".

    ``lost`` and ``won`` count the squares among ``n`` that only the old or only the new version has right. A z far below zero
    refutes the hypothesis. ``margin`` must be more than 0 and ``n`` at least 1.

    >>> round(non_inferiority(lost=10, won=12, n=5_000, margin=0.005), 2)
    -4.32
    >>> round(non_inferiority(lost=30, won=5, n=5_000, margin=0.005), 2)  # 25 lost in sum is exactly the margin
    0.0
    """
    a = 2.0 * n
    b = -lost - won + (2 * n - lost + won) * margin
    c = -won * margin * (1 - margin)
    q = (math.sqrt(b * b - 4 * a * c) - b) / (2 * a)
    variance = n * (2 * q + margin - margin * margin)
    return (lost - won - n * margin) / math.sqrt(variance)


def mcnemar_p_value(lost: int, won: int) -> float:
    """Return the one-sided p-value of the exact McNemar test: P(at least ``lost`` of ``lost`` + ``won``) for a fair coin.

    >>> mcnemar_p_value(5, 0)
    0.03125
    """
    n = lost + won
    if n > 1000:  # the exact sum is slow, and the normal approximation is as good
        return 0.5 * math.erfc((lost - won - 1) / math.sqrt(2 * n))
    return float(sum(math.comb(n, k) for k in range(lost, n + 1)) / 2**n)


def holm(p_values: Sequence[float], level: float) -> list[int]:
    """Return the positions of the hypotheses that Holm's procedure refutes (Scandinavian Journal of Statistics 6, 1979).

    The smallest of m p-values is compared with level / m, the next with level / (m - 1), and so on until one is too large. The
    probability of a single wrong refutation among all hypotheses is at most ``level``.

    >>> holm([0.5, 0.01, 0.02], 0.05)
    [1, 2]
    """
    refuted: list[int] = []
    for rank, position in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[position] > level / (len(p_values) - rank):
            break
        refuted.append(position)
    return refuted


def significantly_more(count: int, share: float, n: int) -> bool:
    """Tell whether ``count`` of ``n`` is significantly more than ``share`` (0..1), one-sided at 5 %, normal approximation."""
    return count > share * n + Z_ONE_SIDED * math.sqrt(n * share * (1 - share))


def significant_rise(lost: int, won: int, share: float, n: int) -> bool:
    """Tell whether ``lost`` - ``won`` (paired counts) is significantly more than ``share`` (0..1) of ``n``, one-sided at 5 %."""
    return lost - won > share * n + Z_ONE_SIDED * math.sqrt(lost + won)


def wilson_lower_bound(some: int, n: int) -> float:
    """Return the one-sided 95 % lower bound (Wilson 1927) of the share that ``some`` of ``n`` estimate, 0..1; 0 for ``n`` = 0.

    >>> round(wilson_lower_bound(8, 10), 3)
    0.541
    """
    return wilson_interval(some / n, n, Z_ONE_SIDED)[0] if n else 0.0
