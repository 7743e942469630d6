"""The statistical tests of the gate. Pure: counts in, figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from functions.domain.monitoring.proportion import wilson_interval
from functions.learners.evaluation.half_decided import HALF

Z_ONE_SIDED = 1.645  # the highest twentieth of the normal distribution
VALUES = np.array([-1.0, -HALF, 0.0, HALF, 1.0])  # losses of credit
BISECTIONS = 60  # each halves an interval of about 2 n: the rest is below a float's precision


class Moves(NamedTuple):
    """How many paired squares lost or won a whole credit, or a half one."""

    lost: int = 0
    won: int = 0
    half_lost: int = 0
    half_won: int = 0

    @property
    def loss(self) -> float:
        """The credits that were lost in sum; below zero if more were won."""
        return self.lost - self.won + HALF * (self.half_lost - self.half_won)


def non_inferiority(moves: Moves, n: int, margin: float) -> float:
    """Return z of the score test for "the mean loss of credit is ``margin`` (0..1) or more" on ``n`` paired squares.

    Each square's loss v is 1, 1/2, 0, -1/2 or -1. If the mean is exactly ``margin``, the likeliest probabilities of these values
    are p_v = n_v / (n + b (v - margin)), with the b that gives this mean (Owen, "Empirical likelihood ratio confidence",
    Biometrika 75, 1988); z has their variance. Without half moves this is Tango's score test (1998). A z far below zero refutes
    the hypothesis. ``margin`` must be more than 0 and ``n`` at least 1.

    >>> round(non_inferiority(Moves(lost=10, won=12), n=5_000, margin=0.005), 2)
    -4.32
    >>> round(non_inferiority(Moves(lost=30, won=5), n=5_000, margin=0.005), 2)  # 25 lost in sum is exactly the margin
    0.0
    """
    counts = np.array([moves.won, moves.half_won, n - sum(moves), moves.half_lost, moves.lost], float)
    counted = counts > 0
    beyond, counts = (VALUES - margin)[counted], counts[counted]
    low, high = -n / (1 - margin), n / (1 + margin)  # outside, a probability would be negative
    for _ in range(BISECTIONS):
        b = (low + high) / 2
        low, high = (b, high) if (counts * beyond / (n + b * beyond)).sum() > 0 else (low, b)
    p = counts / (n + b * beyond)
    # Where no square has the outermost value, the likelihood still gives it what the mean lacks.
    squares = float(p @ VALUES[counted] ** 2) + max(0.0, 1 - float(p.sum()))
    return (moves.loss - n * margin) / math.sqrt(n * (squares - margin * margin))


def sign_flip_p_value(moves: Moves) -> float:
    """Return the one-sided p-value of the exact sign-flip test (Fisher 1935): P(at least this loss, if coins decide each move).

    Without half moves this is the exact McNemar test.

    >>> sign_flip_p_value(Moves(lost=5))
    0.03125
    >>> sign_flip_p_value(Moves(lost=1, half_lost=1, half_won=1))  # the whole move is lost, and one half move or two
    0.375
    """
    whole, half = moves.lost + moves.won, moves.half_lost + moves.half_won
    if whole + half > 1000:  # the exact sum is slow, and the normal approximation is as good
        step = HALF if half else 1.0  # half the distance between two possible sums
        return 0.5 * math.erfc((moves.loss - step) / math.sqrt(2 * (whole + half / 4)))
    tails = list(accumulate((math.comb(whole, k) for k in range(whole, -1, -1)), initial=0))[::-1]  # of at least k lost ones
    least = 2 * moves.lost + moves.half_lost
    ways = sum(math.comb(half, k) * tails[min(max(0, (least - k + 1) // 2), whole + 1)] for k in range(half + 1))
    return float(ways / 2 ** (whole + half))


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
