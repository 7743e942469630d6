"""The tests behind the gate. Pure: counts in, figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence

ONE_SIDED = 1.645  # the normal distribution's highest twentieth


def non_inferiority(lost: int, won: int, n: int, margin: float) -> float:
    """Return Tango's z for "the loss of accuracy is ``margin`` or more"; far below zero refutes it."""
    a = 2.0 * n
    b = -lost - won + (2 * n - lost + won) * margin
    c = -won * margin * (1 - margin)
    q = (math.sqrt(b * b - 4 * a * c) - b) / (2 * a)
    variance = n * (2 * q + margin - margin * margin)
    return (lost - won - n * margin) / math.sqrt(variance)


def chance_of_loss(lost: int, won: int) -> float:
    """Return how probable at least ``lost`` of all that differ would be, were losing and winning alike (exact McNemar)."""
    n = lost + won
    if n > 1000:  # the exact sum is long then, and the normal distribution as good
        return 0.5 * math.erfc((lost - won - 1) / math.sqrt(2 * n))
    return float(sum(math.comb(n, k) for k in range(lost, n + 1)) / 2**n)


def holm(chances: Sequence[float], level: float) -> list[int]:
    """Return the positions of the hypotheses that Holm's procedure refutes (Scandinavian Journal of Statistics 6, 1979).

    The smallest of m chances is held against level / m, the next against level / (m - 1), and so on until one is too large: the
    chance of a single wrong refutation among all of them is at most ``level``.
    """
    refuted: list[int] = []
    for rank, position in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        if chances[position] > level / (len(chances) - rank):
            break
        refuted.append(position)
    return refuted


def surely_more(count: int, share: float, n: int) -> bool:
    """Tell whether ``count`` of ``n`` is more than ``share`` (0..1) and chance explains it less than one time in twenty."""
    return count > share * n + ONE_SIDED * math.sqrt(n * share * (1 - share))


def surely_rose(lost: int, won: int, share: float, n: int) -> bool:
    """Tell whether ``lost`` less ``won`` is more than ``share`` (0..1) of ``n``, and surely so: paired, one time in twenty."""
    return lost - won > share * n + ONE_SIDED * math.sqrt(lost + won)


def at_least(some: int, n: int) -> float:
    """Return the share (0..1) that ``some`` of ``n`` speak for at least, 19 times in 20 (Wilson's lower bound); 0 for none."""
    if n == 0:
        return 0.0
    p, spread = some / n, ONE_SIDED**2 / n
    half = ONE_SIDED * math.sqrt(p * (1 - p) / n + spread / (4 * n))
    return max(0.0, (p + spread / 2 - half) / (1 + spread))
