"""The gate's rules, each a small pure function: answers of two versions to the same squares in, reasons against the new one out.

``gate`` says what each is for, ``statistics`` how the tests work, ``docs/experiments/gate_power.md`` how much they see.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.gate.paired import PairedAnswers, Read, Right, Seen
from functions.learners.gate.reasons import Why
from functions.learners.gate.statistics import chance_of_loss, holm, non_inferiority, surely_more, surely_rose
from functions.learners.litert import PARITY
from functions.learners.squares import Classes

MARGIN = 0.005  # share of the hold-out: no version that answers may be truly worse than the one before it by half a point
DISCERNED = 8  # squares: the least margin that a version which loses one or two by chance can still pass
DRIFT = 0.001  # what a whole line of versions may lose in all
REFUTED = -2.128  # the normal distribution's lowest sixtieth: one in twenty, divided among three looks
LEVEL = 0.05 / 3  # for all labels together, at each of three looks
RECALL = 0.03  # of a label's squares; three in a hundred is what its visitors begin to notice
SPARED = 2  # squares that a label with few of them may lose before that counts
SPARED_IN_A_LINE = 6  # and over a whole line, which moves each of 47 labels to and fro by a few of its hundred squares
TWINS = 0.1  # of a label's squares that may go over to a label that looks like it: as many as a few corrections move at most
TWINS_IN_A_LINE = 0.2  # and over a whole line, as visitors write
FALSE_REJECTS = 0.02  # one drawing in fifty: who is told "not a symbol" more often stops drawing
REJECTS_RISE = 0.01
FOUND = 0.8  # of what is no symbol: below that a scribble is answered too often to teach anybody what a symbol is
FOUND_FALL = 0.05  # scribbles do less harm than refused symbols
CALIBRATION = 0.05  # a probability that is off by more means nothing
CALIBRATION_RISE = 0.01
TOLD = 3  # labels that are named as reasons; every one's figures are kept

Counts = NDArray[np.int64]  # (k,), one for each label


def not_shown(pair: PairedAnswers, margin: float) -> tuple[float, list[Why]]:
    """Return z, and a reason unless it refutes that the new version is worse by ``margin``."""
    z = non_inferiority(pair.lost, pair.won, pair.count, margin)
    return z, [] if z < REFUTED else [{"kind": "worse", **pair.figures()}]


def drifted(pair: PairedAnswers, anchor: float | None, drift: float) -> list[Why]:
    """Hold the squares that ship against the accuracy ``anchor`` that the line started with."""
    # One hundredth of a square: only so that rounding does not decide.
    if anchor is None or not pair.count or pair.after.mean() >= anchor - drift - 0.01 / pair.count:
        return []
    return [{"kind": "drifted", "anchor": anchor, "after": float(pair.after.mean()), "count": pair.count}]


def part_worse(parts: Mapping[str, PairedAnswers]) -> list[Why]:
    """Name the part, ``shipped`` or ``collected`` squares, that got worse: a large one must not hide what a small one shows."""
    if len(parts) < 2:
        return []
    names = list(parts)
    worse = holm([chance_of_loss(part.lost, part.won) for part in parts.values()], LEVEL)
    return [{"kind": f"{names[i]}_worse", **parts[names[i]].figures()} for i in worse]


def worse_labels(lost: Counts, won: Counts, counts: Counts, level: float, most: float = RECALL) -> list[int]:
    """Return the places of the labels that got worse, the worst first: by more than chance, or by more than may be.

    ``lost``, ``won`` and ``counts`` (k,) say how many squares of each label were lost and won, of how many. None may lose the
    share ``most`` of them.
    """
    net = lost - won
    # A label that won as much as it lost needs no test, but it is one of those among which chance is divided.
    chances = [chance_of_loss(int(one), int(other)) if one > other else 1.0 for one, other in zip(lost, won, strict=True)]
    stopped = np.flatnonzero(net > np.maximum(SPARED, most * counts))
    found = {*holm(chances, level), *stopped.tolist()}
    return sorted(found, key=lambda i: -net[i] / counts[i])


def label_worse(read: Read, level: float) -> list[Why]:
    """Name the labels that got worse.

    What only goes over from a label to one that looks like it is a matter of hands, and of what visitors mean by it. It is
    bounded more loosely, and otherwise left to the test of the whole: what one of them loses there another one wins.
    """
    present, places = np.unique(read.y, return_inverse=True)
    counts = np.bincount(places)
    found: dict[int, PairedAnswers] = {}
    for pair, at, most in ((read.alike, level, RECALL), (read.strictly, 0.0, TWINS)):
        lost, won = (np.bincount(places[some], minlength=len(present)) for some in pair.moved)
        for i in worse_labels(lost, won, counts, at, most):
            found.setdefault(i, pair)
    return [
        {"kind": "label_worse", "label": read.labels[present[i]], "count": int(counts[i]), **pair.of(places == i).shares}
        for i, pair in list(found.items())[:TOLD]
    ]


def label_drifted(read: Read, starts: Mapping[str, float] | None) -> list[Why]:
    """Hold each label of the squares that ship against its recall (0..1) when the line started, in ``starts``.

    The steps of a line may each take a little from one label and give it to the others; the whole does not see that.
    """
    found: list[Why] = []
    twins = {label for group in read.twins for label in group}
    for i, label in enumerate(read.labels):
        right, start = read.strictly.after[read.y == i], (starts or {}).get(label)
        if start is None or not len(right):
            continue
        now, most = float(right.mean()), TWINS_IN_A_LINE if label in twins else RECALL
        if (start - now) * len(right) > max(SPARED_IN_A_LINE, most * len(right)) + 0.01:
            found.append({"kind": "label_drifted", "label": label, "start": start, "after": now, "count": len(right)})
    return sorted(found, key=lambda why: why["after"] - why["start"])[:TOLD]


def recalls(labels: Sequence[str], y: Classes, right: Right) -> dict[str, float]:
    """Return each label's share of right answers, 0..1; nothing of a label without squares."""
    return {label: round(float(right[y == i].mean()), 6) for i, label in enumerate(labels) if (y == i).any()}


def rejects(live: Evaluation, candidate: Evaluation) -> list[Why]:
    """Hold how many symbols are taken for none against how many were, and, where they are many, against any rise."""
    symbols = live.symbols
    was, now = live.rejected[symbols], candidate.rejected[symbols]
    n, refused, before = len(now), int(now.sum()), int(was.sum())
    rose = surely_rose(int((now & ~was).sum()), int((was & ~now).sum()), REJECTS_RISE, n)
    if rose or (refused > before and surely_more(refused, FALSE_REJECTS, n)):
        return [{"kind": "rejects", "refused": refused, "count": n, "before": before}]
    return []


def found(live: Evaluation, candidate: Evaluation) -> list[Why]:
    """Hold how much of what is no symbol is told so against how much was, and, where it is little, against any fall."""
    others = ~live.symbols
    was, now = live.rejected[others], candidate.rejected[others]
    n, rejected, before = len(now), int(now.sum()), int(was.sum())
    fell = surely_rose(int((was & ~now).sum()), int((now & ~was).sum()), FOUND_FALL, n)
    if fell or (rejected < before and surely_more(n - rejected, 1 - FOUND, n)):
        return [{"kind": "found", "count": n, "rejected": rejected, "before": before}]
    return []


def calibration(live: Evaluation, candidate: Evaluation) -> list[Why]:
    """Hold the calibration error against what it was, beside what chance does to it, and, where it is large, against any rise."""
    n = max(1, int(live.symbols.sum()))
    was, now = error_of(live), error_of(candidate)
    if now > was + CALIBRATION_RISE + 0.5 / math.sqrt(n) or (now > was and now > CALIBRATION + 1 / math.sqrt(n)):
        return [{"kind": "calibration", "error": now, "before": was}]
    return []


def error_of(one: Evaluation) -> float:
    """Return the calibration error on the squares that are symbols."""
    return calibration_error(one.answers[one.symbols, :-1], one.y[one.symbols])


def recent(before: Seen, after: Seen) -> tuple[dict[str, Any], list[Why]]:
    """Judge what a lesson was about: it must not make those drawings worse, and must learn something where it could.

    No test is needed here: they are not a sample of something else, but the very drawings that people corrected and confirmed.
    """
    pair = PairedAnswers(before.right, after.right)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    surprise = {"surprise_before": round(before.surprise, 5), "surprise": round(after.surprise, 5)}
    figures = {"count": count, "before": was, "after": now, "mended": pair.won, "broken": pair.lost, **surprise}
    if now < was:
        return figures, [{"kind": "recent_worse", "count": count, "before": was, "after": now}]
    # Where a small step did not suffice to turn an answer over, it is at least less surprised, and the next one goes on.
    if was < count and not pair.won and after.surprise >= before.surprise:
        return figures, [{"kind": "recent_nothing", "count": count, "wrong": count - was}]
    return figures, []


def earlier(before: Seen, after: Seen) -> tuple[dict[str, Any], list[Why]]:
    """Judge what lessons before were about: a sample of hundreds, so only more than chance counts as forgetting."""
    pair = PairedAnswers(before.right, after.right)
    count, was, now = pair.count, int(before.right.sum()), int(after.right.sum())
    figures = {"count": count, "before": was, "after": now, "mended": pair.won, "broken": pair.lost}
    if pair.lost > pair.won and chance_of_loss(pair.lost, pair.won) <= LEVEL:
        return figures, [{"kind": "earlier_worse", "count": count, "before": was, "after": now}]
    return figures, []


def export_differs(difference: float) -> list[Why]:
    """Refuse an export that is off by ``PARITY`` or more, or by something that is not a number."""
    if difference < PARITY:
        return []
    return [{"kind": "export_differs", "difference": f"{difference:.1e}", "allowed": f"{PARITY:.0e}"}]
