"""Mix what was learned with what was known, and choose how much. Pure; no keras here.

WiSE-FT (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022): a fine-tuned network's weights, averaged
with those it started from, keep nearly all of what is new and nearly all of what was known. How much of each is chosen on
squares that never teach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.calibration import Logits, nll, rejection_log_odds
from functions.learners.squares import Classes, Weights

SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
LOOKS = 3  # each look at the hold-out is another chance to pass by luck
SPARED = 0.003  # nats that a larger share may surprise more than the least surprising one: nobody sees that
WORTH = 5  # a new square counts as much as this many known ones, all of them never more than all known ones


@dataclass(frozen=True)
class Trial:
    """How a mix did: ``share`` of the new weights; accuracy (0..1) on known and on new squares; surprise (nats) at all."""

    share: float
    known: float
    new: float
    surprise: float


def mixed(live: Weights, learned: Weights, share: float) -> Weights:
    """Return (1 - share) live + share learned, for each array; what a run left alone stays the same to the last bit."""
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
) -> Trial:
    """Judge one mix by its logits for selection squares ``known`` and for ``new`` ones, which stand for ``count`` new ones.

    Of the known squares the accuracy is counted over the symbols among the first ``fixed``; of the new ones it is what their
    authors would see: the label, or "not a symbol" from ``threshold`` on. Surprise is over everything.
    """
    return Trial(
        share,
        known=symbol_accuracy(known[0][:fixed], known[1][:fixed]),
        new=float((_seen(new[0], threshold) == new[1]).mean()) if len(new[1]) else 0.0,
        surprise=nll(*known, temperature) + min(WORTH * count / max(1, len(known[1])), 1.0) * nll(*new, temperature),
    )


def symbol_accuracy(logits: Logits, y: Classes) -> float:
    """Return the share (0..1) of symbols among ``y`` whose most probable label is theirs; 0 without symbols."""
    symbols = y < logits.shape[1] - 1
    return float((logits[symbols, :-1].argmax(1) == y[symbols]).mean()) if symbols.any() else 0.0


def _seen(logits: Logits, threshold: float) -> Classes:
    """Return what is answered (n,): the most probable label, or the class after the last for what is rejected."""
    labels = logits.shape[1] - 1
    return np.asarray(np.where(rejection_log_odds(logits) >= threshold, labels, logits[:, :-1].argmax(1)))


def choose(trials: list[Trial], floor: float, *, few_new: bool) -> list[Trial]:
    """Return the largest mix of those right about ``floor`` of the known squares, then what to fall back on.

    The floor is what has to be kept; beyond it, what people drew is what a run is for. A mix that is surprised by more than
    ``SPARED`` over the least surprised one is none of them: lies do that. With ``few_new`` squares, which somebody has just
    corrected and will draw again, being right about them comes first, and then the least surprise. After the best one come shares
    half as large, for the gate to look at if it refuses the first: ``LOOKS`` in all. Empty if every mix falls below the floor.
    """
    kept = sorted((t for t in trials if t.known >= floor), key=lambda t: -t.share)
    if not kept:
        return []
    least = min(t.surprise for t in kept)
    best = min(kept, key=lambda t: (-t.new, t.surprise)) if few_new else next(t for t in kept if t.surprise <= least + SPARED)
    looks = [best]
    while smaller := [t for t in kept if t.share <= looks[-1].share / 2]:
        looks.append(smaller[0])
    return looks[:LOOKS]
