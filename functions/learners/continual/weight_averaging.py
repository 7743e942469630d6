"""Mix the learned weights with the live weights, and choose the share of each. Pure.

WiSE-FT (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): the average of the weights before and after a
fine-tuning keeps nearly all that was known and nearly all that was learned. The share is chosen on squares that are never
learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from functions.learners.calibration import Logits, nll, rejection_log_odds
from functions.learners.evaluation.half_decided import HALF, Credits, Scores, scores
from functions.learners.squares import Classes, Weights

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
LOOKS = 3  # shares that the gate may test: each test is another chance to pass by luck
SPARED = 0.003  # nats by which the surprise of a larger share may exceed the lowest surprise: nobody notices so little
WORTH = 5  # weight of a new square in known squares; all new squares together never weigh more than all known ones


@dataclass(frozen=True)
class Trial:
    """The figures of a mix with ``share`` of the learned weights: two mean credits (0..1), and the weighted NLL (nats)."""

    share: float
    known: float
    new: float
    surprise: float


def mixed(live: Weights, learned: Weights, share: float) -> Weights:
    """Return (1 - share) live + share learned, for each array; an array that was not trained stays the same to the last bit."""
    return [
        old if np.array_equal(old, new) else np.asarray((1 - share) * old + share * new, np.float32)
        for old, new in zip(live, learned, strict=True)
    ]


def trial(
    share: float,
    known: tuple[Logits, Classes],
    new: tuple[Logits, Classes],
    count: int,
    temperature: float,
    *,
    threshold: float = 0.0,
    fixed: int | None = None,
    credit: Credits | None = None,
) -> Trial:
    """Return the figures of a mix from its logits for selection squares ``known`` and for ``new`` ones, a sample of ``count``.

    The credit on known squares counts the symbols among the first ``fixed``. The credit on new squares counts the answers that
    their authors would see: a label, or "not a symbol" from ``threshold`` on.
    ``credit`` is the table of credits; None counts right answers alone.
    """
    credit = np.eye(known[0].shape[1]) if credit is None else credit
    seen = scores(credit, new[1], _seen(new[0], threshold))
    weight = min(WORTH * count / max(1, len(known[1])), 1.0)
    return Trial(
        share,
        known=mean(symbol_scores(known[0][:fixed], known[1][:fixed], credit)),
        new=mean(seen),
        surprise=nll(*known, temperature, credit) + weight * nll(*new, temperature, credit),
    )


def symbol_scores(logits: Logits, y: Classes, credit: Credits) -> Scores:
    """Return the credits (m,) of the most probable labels of the symbols among squares of classes ``y``."""
    symbols = y < logits.shape[1] - 1
    return scores(credit, y[symbols], logits[symbols, :-1].argmax(1))


class KnownCredit(NamedTuple):
    """The ``mean`` credit on selection squares, 0..1, and the standard ``error`` that half-decided answers add to it."""

    mean: float
    error: float = 0.0


def known_credit(credits: Scores) -> KnownCredit:
    """Return the mean of ``credits`` (n,), and the standard error of it if a coin decided each half-decided answer."""
    return KnownCredit(mean(credits), HALF * float(np.sqrt((credits == HALF).sum())) / max(1, len(credits)))


def mean(credits: Scores) -> float:
    """Return the mean credit, 0..1; 0 of nothing."""
    return float(credits.mean()) if len(credits) else 0.0


def symbol_accuracy(logits: Logits, y: Classes) -> float:
    """Return the share (0..1) of symbols among ``y`` whose most probable label is the true one; 0 without symbols."""
    symbols = y < logits.shape[1] - 1
    return float((logits[symbols, :-1].argmax(1) == y[symbols]).mean()) if symbols.any() else 0.0


def _seen(logits: Logits, threshold: float) -> Classes:
    """Return the answers (n,): the most probable label, or the class after the last label for a rejected square."""
    labels = logits.shape[1] - 1
    return np.asarray(np.where(rejection_log_odds(logits) >= threshold, labels, logits[:, :-1].argmax(1)))


def choose(trials: list[Trial], floor: float, *, small_run: bool) -> list[Trial]:
    """Return the best mix, then mixes to fall back on; none if the credit of every mix on known squares is below ``floor``.

    The best mix is the largest whose surprise exceeds the lowest one by at most ``SPARED``: false labels raise it. In a
    ``small_run``, whose drawings somebody has just corrected and will draw again, the credit on new squares counts first, then
    the surprise. After the best mix follow shares half as large, for the gate to test if it refuses the first: ``LOOKS`` in all.
    """
    kept = sorted((t for t in trials if t.known >= floor), key=lambda t: -t.share)
    if not kept:
        return []
    least = min(t.surprise for t in kept)
    best = min(kept, key=lambda t: (-t.new, t.surprise)) if small_run else next(t for t in kept if t.surprise <= least + SPARED)
    looks = [best]
    while smaller := [t for t in kept if t.share <= looks[-1].share / 2]:
        looks.append(smaller[0])
    return looks[:LOOKS]
