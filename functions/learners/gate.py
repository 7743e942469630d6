"""Whether a new version may answer. Pure: right and wrong answers in, a verdict with its reasons out.

The new version must not be worse than the live one on squares that neither ever learned from. Both answer the same ``n``
squares, so the answers are paired, and only the squares on which they differ speak (McNemar 1947): ``lost`` were right
before and are wrong now, ``won`` the other way round. With p_lost and p_won their true shares, the loss of accuracy is
D = p_lost - p_won, and the hypothesis to be refuted is "D is at least M" (non-inferiority with margin M). Tango's score
test (Statistics in Medicine 17, 1998) does it:

    z = (lost - won - n M) / sqrt(n (2 q + M - M^2)),    q the likeliest p_won if D were exactly M,
    the larger root of 2 n q^2 + (-lost - won + (2 n - lost + won) M) q - won M (1 - M) = 0.

A lesson that is refused may be looked at again with a smaller share of it, three times at most (``averaging.LOOKS``), so each
look is tested at a third of the level (Bonferroni): a version passes if z < -2.128, and a lesson whose every share is worse by
the margin passes at most one time in twenty. With 5,000 squares and 0.8 % differing answers, one that is truly as good passes
more than nine times in ten.

Many harmless steps could still walk downhill. So the accuracy is also held against the version that the line started from:
never more than ``DRIFT`` below it, as counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.005  # share of the hold-out: no version that answers may be truly worse than the one before it by half a point
DRIFT = 0.001  # what a whole line of versions may lose in all
REFUTED = -2.128  # the normal distribution's lowest sixtieth: one in twenty, divided among three looks

Right = NDArray[np.bool_]  # (n,), which answers are right


@dataclass(frozen=True)
class Verdict:
    """Accepted or not, why in plain words, and the figures behind it."""

    accepted: bool
    reason: str
    figures: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored with a version."""
        return {"accepted": self.accepted, "reason": self.reason, **self.figures}


def judge(live: Right, candidate: Right, *, anchor: float | None = None, margin: float = MARGIN, drift: float = DRIFT) -> Verdict:
    """Decide from both versions' right answers to the same hold-out squares.

    ``anchor`` is the accuracy (0..1) of the version that the line started from, None where there is none.
    """
    lost, won = int((live & ~candidate).sum()), int((~live & candidate).sum())
    before, after = float(live.mean()), float(candidate.mean())
    z = non_inferiority(lost, won, len(live), margin)
    figures = {
        "holdout": len(live),
        "before": round(before, 5),
        "after": round(after, 5),
        "lost": lost,
        "won": won,
        "z": round(z, 3),
        "margin": margin,
        "anchor": anchor,
    }
    change = f"{100 * before:.2f} % before, {100 * after:.2f} % now, on {len(live):,} squares kept apart"
    if z >= REFUTED:
        return Verdict(False, f"Kept out: it may have got worse ({change}; {lost} lost, {won} won).", figures)
    # One hundredth of a square: only so that rounding does not decide.
    if anchor is not None and after < anchor - drift - 0.01 / len(live):
        return Verdict(False, f"Kept out: too far below the {100 * anchor:.2f} % it all started from ({change}).", figures)
    return Verdict(True, f"Not worse: {change}; {lost} lost, {won} won.", figures)


def refuse(reason: str) -> Verdict:
    """Return a verdict for a version that needs no test."""
    return Verdict(False, reason, {})


def non_inferiority(lost: int, won: int, n: int, margin: float) -> float:
    """Return Tango's z for "the loss of accuracy is ``margin`` or more"; far below zero refutes it."""
    a = 2.0 * n
    b = -lost - won + (2 * n - lost + won) * margin
    c = -won * margin * (1 - margin)
    q = (math.sqrt(b * b - 4 * a * c) - b) / (2 * a)
    variance = n * (2 * q + margin - margin * margin)
    return (lost - won - n * margin) / math.sqrt(variance)
