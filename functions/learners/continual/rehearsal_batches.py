"""How learning from people is done: how long, how carefully, from which mixture. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits, Targets, fit_threshold, probabilities, rejection_log_odds, targets
from functions.learners.squares import Classes, Pixels, Squares, Varied, joined
from functions.learners.squares.sampling import BalancedSampler, balanced

HALF = 32  # new squares in a batch, and rehearsed ones
VALIDATION_FROM = 60  # from so many new squares on, some of them choose instead of teaching
VALIDATION_SHARE = 0.2  # that share of them
TOLERANCE = 0.0008  # share of the selection squares that a whole line of versions may lose: one of 2,000
A_FEW = 5
STEPS = 100  # of a lesson: one correction must stick, 300 changed nothing for new writers, and somebody waits
REHEARSED = 1_200  # squares that a quick lesson rehearses: its steps see each of them about twice
TOLERANCE_OF_FEW = 0.002  # a drawing just corrected has to come out right, and the gate still stands behind
ENOUGH_SYMBOLS = 500  # symbols whose highest hundredth says where the border to "not a symbol" is
OF_A_LABEL = 0.1  # share of any one label that may be taken for none: a label that has just joined still looks strange
HARD = 0.1  # share of what is not a symbol that a set with fewer symbols gives up, as the shipped ones may


@dataclass(frozen=True)
class RehearsalPlan:
    """What one learning is made of: squares that teach, squares that are rehearsed, and new squares that choose the mix."""

    teach: Squares
    rehearse: Squares
    validation: Squares
    few_new: bool  # so few that somebody waits to see each of them come out right
    varied: Varied | None = None  # what other hands would have made of ``teach``


def plan_rehearsal(
    new: Squares,
    rehearse: Squares,
    taught: Squares | None,
    *,
    seed: int,
    rehearsed: int | None = None,
    varied: Varied | None = None,
) -> RehearsalPlan:
    """Divide ``new`` into teaching and choosing; with few of them every one does both. ``taught`` joins what is rehearsed.

    With ``rehearsed`` so many of ``rehearse`` are enough, other ones for another seed, as many of each label. ``varied`` are
    variations of ``new`` that teach with them.
    """
    if rehearsed is not None and rehearsed < len(rehearse):
        rehearse = rehearse.take(balanced(rehearse.y, rehearsed, np.random.default_rng((seed, rehearsed))))
    together = joined([rehearse, taught]) if taught is not None else rehearse
    if len(new) < VALIDATION_FROM:
        return RehearsalPlan(new, together, new, few_new=len(new) <= A_FEW, varied=varied)
    order = np.random.default_rng(seed).permutation(len(new))
    judging = round(len(new) * VALIDATION_SHARE)
    teach, judge = order[judging:], order[:judging]
    return RehearsalPlan(
        new.take(teach), together, new.take(judge), few_new=False, varied=None if varied is None else varied[teach]
    )


def frequencies(plan: RehearsalPlan, classes: int) -> NDArray[np.float64]:
    """Return how often each of so many ``classes`` comes in a lesson's batches (classes,), in all 1.

    New squares come as they are, rehearsed ones as often of one label as of any other.
    """
    new, old = (np.bincount(squares.y, minlength=classes) for squares in (plan.teach, plan.rehearse))
    return np.asarray(new / new.sum() + (old > 0) / (old > 0).sum()) / 2


class RehearsalBatches:
    """Endless batches of a lesson, half new and half rehearsed.

    New squares come in turns, half as they were drawn, half as other hands would have drawn them; rehearsed ones so that every
    label comes as often as any other. To a rehearsed square the live network's own answer is wanted again, doubts included, where
    it was right (Li and Hoiem, "Learning without forgetting", ECCV 2016): what need not change is not pushed about.
    """

    def __init__(self, plan: RehearsalPlan, classes: int, remembered: Logits, *, seed: int) -> None:
        """Take what the live network answers to ``plan.rehearse`` (n, classes)."""
        rng = np.random.default_rng(seed)
        self._rehearse, self._hands = plan.rehearse.x, np.random.default_rng((seed, 1))
        self._teach, self._varied = plan.teach.x, plan.varied
        self._wanted_new = targets(plan.teach.y, classes)
        was_right = remembered.argmax(1) == plan.rehearse.y
        known = probabilities(remembered).astype(np.float32)
        self._wanted_old = np.where(was_right[:, None], known, targets(plan.rehearse.y, classes))
        self._new = BalancedSampler(np.zeros(len(plan.teach), np.int64), rng)  # one pile: no label of the new ones is favoured
        self._old = BalancedSampler(plan.rehearse.y, rng)

    def __call__(self, step: int) -> tuple[Pixels, Targets]:
        """Return squares (64, 28, 28) and what to answer (64, classes)."""
        new, old = self._new.deal(HALF), self._old.deal(HALF)
        x = np.concatenate([self._drawn(new), self._rehearse[old]])
        return x, np.concatenate([self._wanted_new[new], self._wanted_old[old]])

    def _drawn(self, new: NDArray[np.int64]) -> Pixels:
        """Return the new squares at some places, about half of them as they were drawn and half as another hand would have."""
        if self._varied is None:
            return self._teach[new]
        others = self._varied[new, self._hands.integers(0, self._varied.shape[1], len(new))]
        return np.where(self._hands.integers(0, 2, len(new))[:, None, None], self._teach[new], others)


def floor(known_now: float, known_first: float | None, *, few_new: bool) -> float:
    """Return the accuracy on selection squares that a mix must keep: a little below what the line started with.

    A version that was lucky there must not bind all that follow, so it may be left twice as far below.
    """
    tolerance = TOLERANCE_OF_FEW if few_new else TOLERANCE
    if known_first is None:
        return known_now - tolerance
    return max(known_first - tolerance, known_now - 2 * tolerance)


def rejection_threshold(logits: Logits, y: Classes) -> float:
    """Return the threshold for "not a symbol" from selection squares of classes ``y`` (n,).

    No label may pay for the others: not surely more than ``OF_A_LABEL`` of each lies above it; one strange square of nine says
    nothing. A few symbols do not show how high the odds of more would go. With fewer than ``ENOUGH_SYMBOLS`` the threshold
    lies half way between the odds of symbols and those of negatives, where the two are apart.
    """
    odds, symbols = rejection_log_odds(logits), y < logits.shape[1] - 1
    of_labels = [
        float(np.quantile(odds[y == label], 1 - _surely(OF_A_LABEL, (y == label).sum()))) for label in np.unique(y[symbols])
    ]
    threshold = max([fit_threshold(logits, y), *of_labels])
    if symbols.sum() >= ENOUGH_SYMBOLS or symbols.all():
        return threshold
    return max(threshold, (threshold + float(np.quantile(odds[~symbols], HARD))) / 2)


def highest_rejection_threshold(logits: Logits, y: Classes, found: float) -> float:
    """Return the highest threshold at which the share ``found`` (0..1) of what is not a symbol, the class K, is still told so."""
    others = rejection_log_odds(logits)[y == logits.shape[1] - 1]
    return float(np.quantile(others, 1 - found)) if len(others) else np.inf


def _surely(share: float, count: int) -> float:
    """Return which share of ``count`` squares is surely more than ``share`` of all: chance does it one time in twenty."""
    return float(min(1.0, share + 1.645 * np.sqrt(share * (1 - share) / count)))


REMEMBERED = 500  # squares of earlier visitors in the rehearsal, next to the shipped ones
