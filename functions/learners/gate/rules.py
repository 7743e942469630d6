"""The rules of the gate. Each takes the answers of two versions to the same squares and returns the reasons against the new one.

The docstring of ``decide`` says what each rule is for. ``statistics`` holds the tests. ``docs/experiments/gate_power.md``
measures how small a loss the rules detect. Every function is pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.gate.paired import AuthorView, Correct, LabelAnswers, PairedAnswers
from functions.learners.gate.reasons import Reason
from functions.learners.gate.statistics import holm, mcnemar_p_value, non_inferiority, significant_rise, significantly_more
from functions.learners.litert import PARITY
from functions.learners.squares import Classes

NON_INFERIORITY_MARGIN = 0.005  # share of the hold-out: a new version must not be worse than the live one by half a point
LEAST_MARGIN_SQUARES = 8  # squares: with a smaller margin a version that loses one or two by chance could never pass
DRIFT = 0.001  # accuracy that a whole line of versions may lose
Z_LIMIT = -2.128  # the lowest sixtieth of the normal distribution: 5 %, divided among three looks (Bonferroni)
LABEL_TESTS_LEVEL = 0.05 / 3  # significance level for all labels together, at each of three looks
RECALL_LOSS = 0.03  # of a label's squares; visitors begin to notice a loss of three in a hundred
SPARED_SQUARES = 2  # squares that a label may always lose: of few squares, one is already many per cent
SPARED_SQUARES_IN_LINE = 6  # the same over a whole line: each of 47 labels gains and loses a few of its hundred squares
LOOKALIKE_LOSS = 0.1  # of a label's squares that may move to a look-alike label: a few corrections move no more
LOOKALIKE_LOSS_IN_LINE = 0.2  # the same over a whole line: it follows the handwriting of the visitors
FALSE_REJECTS = 0.02  # one drawing in fifty: people who read "not a symbol" more often stop drawing
REJECTS_RISE = 0.01
NEGATIVES_REJECTED = 0.8  # share of the non-symbols: below it, too many scribbles get a label as their answer
NEGATIVES_REJECTED_FALL = 0.05  # an accepted scribble does less harm than a rejected symbol
CALIBRATION_LIMIT = 0.05  # a probability with a larger error has no meaning
CALIBRATION_RISE = 0.01
REPORTED_LABELS = 3  # labels that are named as reasons; the figures of all labels are stored

Counts = NDArray[np.int64]  # (k,), one for each label


def not_shown_equal(pair: PairedAnswers, margin: float) -> tuple[float, list[Reason]]:
    """Return z of the non-inferiority test, and a reason unless z shows that the new version is not worse by ``margin``."""
    z = non_inferiority(pair.lost, pair.won, pair.count, margin)
    return z, [] if z < Z_LIMIT else [{"kind": "worse", **pair.figures()}]


def drifted(pair: PairedAnswers, anchor: float | None, drift: float) -> list[Reason]:
    """Compare the accuracy on the shipped squares with ``anchor``, the accuracy (0..1) that the line started with."""
    # A hundredth of a square more, so that rounding does not decide.
    if anchor is None or not pair.count or pair.after.mean() >= anchor - drift - 0.01 / pair.count:
        return []
    return [{"kind": "drifted", "anchor": anchor, "after": float(pair.after.mean()), "count": pair.count}]


def part_worse(parts: Mapping[str, PairedAnswers]) -> list[Reason]:
    """Test the ``shipped`` and the ``collected`` squares apart: a large part must not hide a loss in a small one."""
    if len(parts) < 2:
        return []
    names = list(parts)
    worse = holm([mcnemar_p_value(part.lost, part.won) for part in parts.values()], LABEL_TESTS_LEVEL)
    return [{"kind": f"{names[i]}_worse", **parts[names[i]].figures()} for i in worse]


def worse_labels(lost: Counts, won: Counts, counts: Counts, level: float, most: float = RECALL_LOSS) -> list[int]:
    """Return the positions of the labels that got worse, the worst first.

    ``lost`` and ``won`` (k,) count the squares of each label that were lost and won, ``counts`` (k,) all its squares. A label got
    worse if chance does not explain the loss at ``level``, or if it lost more than the share ``most`` of its squares.
    """
    net = lost - won
    # A label that won as many squares as it lost needs no test, but it counts among the tests that share the level.
    chances = [mcnemar_p_value(int(one), int(other)) if one > other else 1.0 for one, other in zip(lost, won, strict=True)]
    stopped = np.flatnonzero(net > np.maximum(SPARED_SQUARES, most * counts))
    worse = {*holm(chances, level), *stopped.tolist()}
    return sorted(worse, key=lambda i: -net[i] / counts[i])


def label_worse(answers: LabelAnswers, level: float) -> list[Reason]:
    """Return a reason for each label that got worse.

    An answer that moves from a label to a look-alike label follows the handwriting of the visitors. Such moves have a looser
    bound and no test of their own: one label loses what the other wins, so the accuracy of all squares shows the damage.
    """
    present, places = np.unique(answers.y, return_inverse=True)
    counts = np.bincount(places)
    worse: dict[int, PairedAnswers] = {}
    for pair, at, most in ((answers.with_lookalikes, level, RECALL_LOSS), (answers.exact, 0.0, LOOKALIKE_LOSS)):
        lost, won = (np.bincount(places[some], minlength=len(present)) for some in pair.moved)
        for i in worse_labels(lost, won, counts, at, most):
            worse.setdefault(i, pair)
    return [
        {"kind": "label_worse", "label": answers.labels[present[i]], "count": int(counts[i]), **pair.of(places == i).shares}
        for i, pair in list(worse.items())[:REPORTED_LABELS]
    ]


def label_drifted(answers: LabelAnswers, starts: Mapping[str, float] | None) -> list[Reason]:
    """Compare each label's recall on the shipped squares with its recall (0..1) when the line started, in ``starts``.

    Each version of a line may take a little from one label and give it to the others. The overall accuracy does not show that.
    """
    drifted_labels: list[Reason] = []
    lookalikes = {label for group in answers.lookalikes for label in group}
    for i, label in enumerate(answers.labels):
        right, start = answers.exact.after[answers.y == i], (starts or {}).get(label)
        if start is None or not len(right):
            continue
        now, most = float(right.mean()), LOOKALIKE_LOSS_IN_LINE if label in lookalikes else RECALL_LOSS
        if (start - now) * len(right) > max(SPARED_SQUARES_IN_LINE, most * len(right)) + 0.01:
            drifted_labels.append({"kind": "label_drifted", "label": label, "start": start, "after": now, "count": len(right)})
    return sorted(drifted_labels, key=lambda reason: reason["after"] - reason["start"])[:REPORTED_LABELS]


def recalls(labels: Sequence[str], y: Classes, right: Correct) -> dict[str, float]:
    """Return the recall of each label, 0..1; labels without squares are left out."""
    return {label: round(float(right[y == i].mean()), 6) for i, label in enumerate(labels) if (y == i).any()}


def rejects(live: Evaluation, candidate: Evaluation) -> list[Reason]:
    """Compare the number of rejected symbols with that of the live version: beyond ``FALSE_REJECTS`` no rise is allowed."""
    symbols = live.symbols
    was, now = live.rejected[symbols], candidate.rejected[symbols]
    n, refused, before = len(now), int(now.sum()), int(was.sum())
    rose = significant_rise(int((now & ~was).sum()), int((was & ~now).sum()), REJECTS_RISE, n)
    if rose or (refused > before and significantly_more(refused, FALSE_REJECTS, n)):
        return [{"kind": "rejects", "refused": refused, "count": n, "before": before}]
    return []


def negatives(live: Evaluation, candidate: Evaluation) -> list[Reason]:
    """Compare the rejected non-symbols with those of the live version: below ``NEGATIVES_REJECTED`` no fall is allowed."""
    others = ~live.symbols
    was, now = live.rejected[others], candidate.rejected[others]
    n, rejected, before = len(now), int(now.sum()), int(was.sum())
    fell = significant_rise(int((was & ~now).sum()), int((now & ~was).sum()), NEGATIVES_REJECTED_FALL, n)
    if fell or (rejected < before and significantly_more(n - rejected, 1 - NEGATIVES_REJECTED, n)):
        return [{"kind": "found", "count": n, "rejected": rejected, "before": before}]
    return []


def calibration(live: Evaluation, candidate: Evaluation) -> list[Reason]:
    """Compare the calibration errors, allowing for chance. Beyond ``CALIBRATION_LIMIT`` the error must not rise at all."""
    n = max(1, int(live.symbols.sum()))
    was, now = error_of(live), error_of(candidate)
    if now > was + CALIBRATION_RISE + 0.5 / math.sqrt(n) or (now > was and now > CALIBRATION_LIMIT + 1 / math.sqrt(n)):
        return [{"kind": "calibration", "error": now, "before": was}]
    return []


def error_of(one: Evaluation) -> float:
    """Return the expected calibration error, 0..1, on the symbols."""
    return calibration_error(one.answers[one.symbols, :-1], one.y[one.symbols])


def recent(before: AuthorView, after: AuthorView) -> tuple[dict[str, Any], list[Reason]]:
    """Compare the answers to the drawings of this run: none may get worse in sum, and at least one error must be repaired.

    No statistical test is needed: these are not a sample, but the very drawings that people corrected and confirmed.
    """
    pair = PairedAnswers(before.right, after.right)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    surprise = {"surprise_before": round(before.nll, 5), "surprise": round(after.nll, 5)}
    figures = {"count": count, "before": was, "after": now, "mended": pair.won, "broken": pair.lost, **surprise}
    if now < was:
        return figures, [{"kind": "recent_worse", "count": count, "before": was, "after": now}]
    # A small step that changed no answer must at least lower the NLL; the next run goes on from there.
    if was < count and not pair.won and after.nll >= before.nll:
        return figures, [{"kind": "recent_nothing", "count": count, "wrong": count - was}]
    return figures, []


def earlier(before: AuthorView, after: AuthorView) -> tuple[dict[str, Any], list[Reason]]:
    """Compare the answers to a sample of the drawings of earlier runs: only a loss beyond chance counts as forgetting."""
    pair = PairedAnswers(before.right, after.right)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    figures = {"count": count, "before": was, "after": now, "mended": pair.won, "broken": pair.lost}
    if pair.lost > pair.won and mcnemar_p_value(pair.lost, pair.won) <= LABEL_TESTS_LEVEL:
        return figures, [{"kind": "earlier_worse", "count": count, "before": was, "after": now}]
    return figures, []


def export_differs(difference: float) -> list[Reason]:
    """Return a reason if the export differs by ``PARITY`` or more, or if the difference is not a number."""
    if difference < PARITY:
        return []
    return [{"kind": "export_differs", "difference": f"{difference:.1e}", "allowed": f"{PARITY:.0e}"}]
