"""The batches and the thresholds of a fine-tuning: how many steps, from which mixture, with which tolerances. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import Logits, Targets, fit_threshold, probabilities, rejection_log_odds, targets
from functions.learners.continual.weight_averaging import KnownCredit
from functions.learners.evaluation.half_decided import Credits
from functions.learners.squares import Classes, Pixels, Squares, Varied, joined
from functions.learners.squares.sampling import BalancedSampler, balanced

HALF = 32  # new squares in a batch, and as many rehearsed squares
VALIDATION_FROM = 60  # number of new squares from which on some are for validation and are not learned
VALIDATION_SHARE = 0.2  # of the new squares
TOLERANCE = 0.0008  # credit on the selection squares that a whole line of versions may lose: one of 2,000 squares
SMALL_RUN = 5  # at most so many new squares: somebody waits to see each of them answered rightly
STEPS = 100  # of a quick run: enough for one correction; 300 changed nothing for new writers, and somebody waits
REHEARSED = 1_200  # squares that a quick run rehearses: its steps see each of them about twice
REMEMBERED = 500  # squares of earlier visitors in the rehearsal, next to the shipped ones
SMALL_RUN_TOLERANCE = 0.002  # a corrected drawing has to be answered rightly, and the gate tests the version afterwards
ENOUGH_SYMBOLS = 500  # symbols that are enough to determine the threshold by their highest hundredth
OF_A_LABEL = 0.1  # share of a label's squares that may be rejected: a network does not know a new label well yet
HARD = 0.1  # share of the negatives that a set with fewer symbols may accept, as the shipped sets may


@dataclass(frozen=True)
class RehearsalPlan:
    """The squares of one fine-tuning: new squares to ``train`` on, squares to ``rehearse``, and new squares for validation.

    ``augmented`` (n, v, 28, 28) are copies of ``train`` in other handwriting styles.
    """

    train: Squares
    rehearse: Squares
    validation: Squares
    small_run: bool
    augmented: Varied | None = None


def plan_rehearsal(
    new: Squares,
    rehearse: Squares,
    earlier: Squares | None,
    *,
    seed: int,
    rehearsed: int | None = None,
    augmented: Varied | None = None,
) -> RehearsalPlan:
    """Divide ``new`` into training and validation squares; fewer than ``VALIDATION_FROM`` squares are used for both.

    ``earlier`` joins ``rehearse``. With ``rehearsed`` only so many of ``rehearse`` are taken, balanced by label, and others for
    another seed. ``augmented`` are copies of ``new``.
    """
    if rehearsed is not None and rehearsed < len(rehearse):
        rehearse = rehearse.take(balanced(rehearse.y, rehearsed, np.random.default_rng((seed, rehearsed))))
    together = joined([rehearse, earlier]) if earlier is not None else rehearse
    if len(new) < VALIDATION_FROM:
        return RehearsalPlan(new, together, new, small_run=len(new) <= SMALL_RUN, augmented=augmented)
    order = np.random.default_rng(seed).permutation(len(new))
    count = round(len(new) * VALIDATION_SHARE)
    copies = None if augmented is None else augmented[order[count:]]
    return RehearsalPlan(new.take(order[count:]), together, new.take(order[:count]), small_run=False, augmented=copies)


def frequencies(plan: RehearsalPlan, classes: int) -> NDArray[np.float64]:
    """Return the frequency of each class in the batches of a plan, (classes,), sum 1.

    New squares come as they are. Rehearsed squares are balanced by label.
    """
    new, old = (np.bincount(squares.y, minlength=classes) for squares in (plan.train, plan.rehearse))
    return np.asarray(new / new.sum() + (old > 0) / (old > 0).sum()) / 2


class RehearsalBatches:
    """Endless batches, half new squares and half rehearsed squares.

    Half of the new squares are replaced by augmented copies. Rehearsed squares are balanced by label. The target of a rehearsed
    square is the live network's own answer, with its uncertainty, where that was right (Li and Hoiem, "Learning without
    forgetting", ECCV 2016), so that the network does not change more than it needs to.
    """

    def __init__(
        self,
        plan: RehearsalPlan,
        classes: int,
        live_logits: Logits,
        *,
        seed: int,
        new_logits: Logits | None = None,
        credit: Credits | None = None,
    ) -> None:
        """Take the logits of the live network for ``plan.rehearse`` and for ``plan.train``, (n, classes) each."""
        rng = np.random.default_rng(seed)
        self._rehearse, self._copies = plan.rehearse.x, np.random.default_rng((seed, 1))
        self._train, self._augmented = plan.train.x, plan.augmented
        credit = np.eye(classes) if credit is None else credit
        self._new_targets = targets(plan.train.y, classes)
        if new_logits is not None:
            self._new_targets = undecided(self._new_targets, plan.train.y, new_logits, credit)
        was_right = credit[plan.rehearse.y, live_logits.argmax(1)] > 0  # a confusable label is the network's doubt, and no error
        known = probabilities(live_logits).astype(np.float32)
        self._old_targets = np.where(was_right[:, None], known, targets(plan.rehearse.y, classes))
        self._new = BalancedSampler(np.zeros(len(plan.train), np.int64), rng)  # one class for all: not balanced by label
        self._old = BalancedSampler(plan.rehearse.y, rng)

    def __call__(self, step: int) -> tuple[Pixels, Targets]:
        """Return squares (64, 28, 28) and their targets (64, classes)."""
        new, old = self._new.draw(HALF), self._old.draw(HALF)
        x = np.concatenate([self._with_copies(new), self._rehearse[old]])
        return x, np.concatenate([self._new_targets[new], self._old_targets[old]])

    def _with_copies(self, new: NDArray[np.int64]) -> Pixels:
        """Return the new squares at some positions; about half of them are augmented copies."""
        if self._augmented is None:
            return self._train[new]
        copies = self._augmented[new, self._copies.integers(0, self._augmented.shape[1], len(new))]
        return np.where(self._copies.integers(0, 2, len(new))[:, None, None], self._train[new], copies)


def undecided(wanted: Targets, y: Classes, live_logits: Logits, credit: Credits) -> Targets:
    """Return the targets ``wanted`` (n, K + 1) of squares of classes ``y``, with the live network's own choice among twins.

    Where the live answer is the label or a confusable one, the drawing does not tell more: one person's choice must not become
    everybody's. The group keeps its part of the target, divided as the live network divides it.
    """
    group = credit[y] > 0  # (n, K + 1)
    known = probabilities(live_logits)
    within = np.where(group, known, 0.0)
    within /= within.sum(1, keepdims=True)
    kept = np.where(group, wanted.sum(1, keepdims=True, where=group) * within, wanted)
    decided = credit[y, known[:, :-1].argmax(1)] == 0
    return np.asarray(np.where(decided[:, None], wanted, kept), np.float32)


def floor(now: KnownCredit, first: float | None, *, small_run: bool) -> float:
    """Return the mean credit on the selection squares that a mix must keep: a little below the ``first`` one of the line.

    Half-decided answers change by chance, so the loss may reach the standard error that they add: none for digits, six of 2,000
    characters. The present credit may exceed the first one by luck, so it allows twice the loss. The gate has the last word, on
    other squares.
    """
    tolerance = max(SMALL_RUN_TOLERANCE if small_run else TOLERANCE, now.error)
    if first is None:
        return now.mean - tolerance
    return max(first - tolerance, now.mean - 2 * tolerance)


def rejection_threshold(logits: Logits, y: Classes) -> float:
    """Return the threshold for "not a symbol" from selection squares of classes ``y`` (n,).

    At most ``OF_A_LABEL`` of each label may lie above it, allowing for chance: one strange square of nine shows nothing. Fewer
    than ``ENOUGH_SYMBOLS`` symbols do not show how high the odds of further symbols would be. The threshold then lies half way
    between the odds of the symbols and those of the negatives, if the two are separate.
    """
    odds, symbols = rejection_log_odds(logits), y < logits.shape[1] - 1
    of_labels = [
        float(np.quantile(odds[y == label], 1 - _upper_bound(OF_A_LABEL, (y == label).sum()))) for label in np.unique(y[symbols])
    ]
    threshold = max([fit_threshold(logits, y), *of_labels])
    if symbols.sum() >= ENOUGH_SYMBOLS or symbols.all():
        return threshold
    return max(threshold, (threshold + float(np.quantile(odds[~symbols], HARD))) / 2)


def highest_rejection_threshold(logits: Logits, y: Classes, rejected: float) -> float:
    """Return the highest threshold at which the share ``rejected`` (0..1) of the negatives, class K, is still rejected."""
    negatives = rejection_log_odds(logits)[y == logits.shape[1] - 1]
    return float(np.quantile(negatives, 1 - rejected)) if len(negatives) else np.inf


def _upper_bound(share: float, count: int) -> float:
    """Return the share of ``count`` squares that chance exceeds one time in twenty if ``share`` is the true share."""
    return float(min(1.0, share + 1.645 * np.sqrt(share * (1 - share) / count)))
