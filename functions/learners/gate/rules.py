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

from functions.learners.evaluation.half_decided import Scores
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.gate.paired import AuthorView, Correct, LabelAnswers, PairedAnswers
from functions.learners.gate.reasons import Reason
from functions.learners.gate.statistics import (
    Moves,
    holm,
    non_inferiority,
    sign_flip_p_value,
    significant_rise,
    significantly_more,
)
from functions.learners.litert import PARITY
from functions.learners.squares import Classes

NON_INFERIORITY_MARGIN = 0.005  # share of the hold-out: a new version must not be worse than the live one by half a point
LEAST_MARGIN_SQUARES = 8  # squares: with a smaller margin a version that loses one or two by chance could never pass
DRIFT = 0.001  # accuracy that a whole line of versions may lose; confusable labels count as one
TWIN_DRIFT = 0.005  # mean credit that a whole line may lose: one square in a hundred moved from its label to a confusable one
Z_LIMIT = -2.128  # the lowest sixtieth of the normal distribution: 5 %, divided among three looks (Bonferroni)
LABEL_TESTS_LEVEL = 0.05 / 3  # significance level for all labels together, at each of three looks
RECALL_LOSS = 0.03  # of a label's squares; visitors begin to notice a loss of three in a hundred
SPARED_SQUARES = 2  # squares that a label may always lose: of few squares, one is already many per cent
SPARED_SQUARES_IN_LINE = 6  # the same over a whole line: each of 47 labels gains and loses a few of its hundred squares
TWIN_LOSS = 0.05  # credit that a label may lose: a tenth of its squares may move to a confusable label
TWIN_LOSS_IN_LINE = 0.1  # the same over a whole line: it follows the handwriting of the visitors
FALSE_REJECTS = 0.02  # one drawing in fifty: people who read "not a symbol" more often stop drawing
REJECTS_RISE = 0.01
NEGATIVES_REJECTED = 0.8  # share of the non-symbols: below it, too many scribbles get a label as their answer
NEGATIVES_REJECTED_FALL = 0.05  # an accepted scribble does less harm than a rejected symbol
CALIBRATION_LIMIT = 0.05  # a probability with a larger error has no meaning
CALIBRATION_RISE = 0.01
REPORTED_LABELS = 3  # labels that are named as reasons; the figures of all labels are stored

Counts = NDArray[np.int64]  # (k,), one for each label


def not_shown_equal(pair: PairedAnswers, margin: float, kind: str = "worse") -> tuple[float, list[Reason]]:
    """Return z of the non-inferiority test, and a reason unless z shows that the new version is not worse by ``margin``."""
    z = non_inferiority(pair.moves, pair.count, margin)
    return z, [] if z < Z_LIMIT else [{"kind": kind, **pair.figures()}]


def drifted(pair: PairedAnswers, anchor: float | None, drift: float, kind: str = "drifted") -> list[Reason]:
    """Compare the mean credit on the shipped squares with ``anchor``, the mean credit (0..1) that the line started with."""
    # A hundredth of a square more, so that rounding does not decide.
    if anchor is None or not pair.count or pair.after.mean() >= anchor - drift - 0.01 / pair.count:
        return []
    return [{"kind": kind, "anchor": anchor, "after": float(pair.after.mean()), "count": pair.count}]


def part_worse(parts: Mapping[str, PairedAnswers]) -> list[Reason]:
    """Test the ``shipped`` and the ``collected`` squares apart: a large part must not hide a loss in a small one."""
    if len(parts) < 2:
        return []
    names = list(parts)
    worse = holm([sign_flip_p_value(part.moves) for part in parts.values()], LABEL_TESTS_LEVEL)
    return [{"kind": f"{names[i]}_worse", **parts[names[i]].figures()} for i in worse]


def worse_labels(moves: Sequence[Moves], counts: Counts, level: float, most: float = RECALL_LOSS) -> list[int]:
    """Return the positions of the labels that got worse, the worst first.

    ``moves`` are the lost and won squares of each label, ``counts`` (k,) all its squares. A label got worse if chance does not
    explain the loss at ``level``, or if it lost more than the share ``most`` of its credit.
    """
    net = np.array([one.loss for one in moves])
    # A label that won as much as it lost needs no test, but it counts among the tests that share the level.
    chances = [sign_flip_p_value(one) if one.loss > 0 else 1.0 for one in moves]
    stopped = np.flatnonzero(net > np.maximum(SPARED_SQUARES, most * counts))
    worse = {*holm(chances, level), *stopped.tolist()}
    return sorted(worse, key=lambda i: -net[i] / counts[i])


def label_worse(answers: LabelAnswers, level: float) -> list[Reason]:
    """Return a reason for each label that got worse: with its confusable labels counted as one, or in favour of these labels.

    An answer that moves from a label to a confusable one costs half a credit and follows the handwriting of the visitors. Such
    moves have a bound and no test of their own, which would read the handwriting of a few visitors as damage.
    """
    present, places = np.unique(answers.y, return_inverse=True)
    counts = np.bincount(places)
    tests = (("label_worse", answers.as_one, level, RECALL_LOSS), ("label_twins", answers.half_decided, 0.0, TWIN_LOSS))
    worse: dict[int, Reason] = {}
    for kind, pair, at, most in tests if answers.confusable else tests[:1]:
        shown = answers.exact if kind == "label_twins" else pair
        for i in worse_labels([pair.of(places == i).moves for i in range(len(present))], counts, at, most):
            label, shares = answers.labels[present[i]], shown.of(places == i).shares
            worse.setdefault(i, {"kind": kind, "label": label, "count": int(counts[i]), **shares})
    return list(worse.values())[:REPORTED_LABELS]


def label_drifted(
    answers: LabelAnswers, credit: Scores | Correct, starts: Mapping[str, float], most: float, kind: str = "label_drifted"
) -> list[Reason]:
    """Compare each label's mean ``credit`` (n,) with that of the line's first version (0..1), in ``starts``.

    Each version of a line may take a little from one label and give it to the others. The overall accuracy does not show that.
    """
    found: list[Reason] = []
    for i, label in enumerate(answers.labels):
        mine, start = credit[answers.y == i], starts.get(label)
        if start is None or not len(mine):
            continue
        now = float(mine.mean())
        if (start - now) * len(mine) > max(SPARED_SQUARES_IN_LINE, most * len(mine)) + 0.01:
            found.append({"kind": kind, "label": label, "start": start, "after": now, "count": len(mine)})
    return sorted(found, key=lambda reason: reason["after"] - reason["start"])[:REPORTED_LABELS]


def recalls(labels: Sequence[str], y: Classes, right: Correct | Scores) -> dict[str, float]:
    """Return the recall of each label (or its mean credit), 0..1; labels without squares are left out."""
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
    """Compare the answers to the drawings of this run: they may not get worse in sum, and at least one error must be repaired.

    No statistical test is needed: these are not a sample, but the very drawings that people corrected and confirmed. A confusable
    label is no error that a network could repair.
    """
    pair = PairedAnswers(before.credit, after.credit)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    mended, broken = int((after.right & ~before.right).sum()), int((before.right & ~after.right).sum())
    surprise = {"surprise_before": round(before.nll, 5), "surprise": round(after.nll, 5)}
    figures = {"count": count, "before": was, "after": now, "mended": mended, "broken": broken, **surprise}
    if pair.moves.loss > 0:
        return figures, [{"kind": "recent_worse", "count": count, "before": was, "after": now}]
    wrong = int((before.credit == 0).sum())
    # A small step that changed no answer must at least lower the NLL; the next run goes on from there.
    if wrong and not pair.won and after.nll >= before.nll:
        return figures, [{"kind": "recent_nothing", "count": count, "wrong": wrong}]
    return figures, []


def earlier(before: AuthorView, after: AuthorView) -> tuple[dict[str, Any], list[Reason]]:
    """Compare the answers to a sample of the drawings of earlier runs: only a loss beyond chance counts as forgetting."""
    pair = PairedAnswers(before.credit, after.credit)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    mended, broken = int((after.right & ~before.right).sum()), int((before.right & ~after.right).sum())
    figures = {"count": count, "before": was, "after": now, "mended": mended, "broken": broken}
    if pair.moves.loss > 0 and sign_flip_p_value(pair.moves) <= LABEL_TESTS_LEVEL:
        return figures, [{"kind": "earlier_worse", "count": count, "before": was, "after": now}]
    return figures, []


def export_differs(difference: float) -> list[Reason]:
    """Return a reason if the export differs by ``PARITY`` or more, or if the difference is not a number."""
    if difference < PARITY:
        return []
    return [{"kind": "export_differs", "difference": f"{difference:.1e}", "allowed": f"{PARITY:.0e}"}]
