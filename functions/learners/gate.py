"""Whether a new version may answer. Pure: two versions' answers to the same squares in, a verdict with its reasons out.

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

With fewer than 1,600 squares, as in a set that has just begun, half a point cannot be told from chance at all, and nothing
would ever pass: the margin is eight squares then.

Many harmless steps could still walk downhill. So the accuracy on the squares that ship is also held against the version that
the line started from: never more than ``DRIFT`` below it, as counted. Collected squares become more and more, so no figure of
theirs can be held against an old one. What else is held against the live version, each where it is more than chance:

- no label may have got worse (exact McNemar for each, all together at a third of one in twenty by Holm's procedure), and none
  may have lost ``RECALL`` of its squares, as counted, chance or not;
- at most ``FALSE_REJECTS`` of the symbols are taken for none (or as many as before, where that was more), and not
  ``REJECTS_RISE`` more of them than before;
- of what is not a symbol, not ``FOUND_FALL`` fewer are told so;
- the calibration error has not risen by ``CALIBRATION_RISE``, beside what chance does to it: half of 1 / sqrt(n), one standard
  error of a share.

A version that nothing came before (``first``), and a label that nobody knew (``let_in``), have nothing to be compared with:
their held-out squares must speak for a share of right answers of ``FIRST`` and ``NEWCOMER`` at least (Wilson's lower bound).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.judgement import Judgement
from functions.learners.reliability import calibration_error
from functions.learners.statistics import at_least, chance_of_loss, holm, non_inferiority, surely_more, surely_rose

MARGIN = 0.005  # share of the hold-out: no version that answers may be truly worse than the one before it by half a point
DISCERNED = 8  # squares: the least margin that a version which loses one or two by chance can still pass
DRIFT = 0.001  # what a whole line of versions may lose in all
REFUTED = -2.128  # the normal distribution's lowest sixtieth: one in twenty, divided among three looks
LEVEL = 0.05 / 3  # for all labels together, at each of three looks
RECALL = 0.03  # of a label's squares; three in a hundred is what its visitors begin to notice
SPARED = 2  # squares that a label with few of them may lose before that counts
FALSE_REJECTS = 0.02  # one drawing in fifty: who is told "not a symbol" more often stops drawing
REJECTS_RISE = 0.01
FOUND_FALL = 0.05  # scribbles do less harm than refused symbols
CALIBRATION_RISE = 0.01
GROWTH = 0.01  # margin and drift where a label joins: it takes a little from those it resembles
FIRST = 0.6  # a network that is wrong twice in five would teach its visitors not to ask
NEWCOMER = 0.4  # far above guessing, and what four of five squares speak for
FIRST_CALIBRATION = 0.1  # few squares fit a temperature roughly

Right = NDArray[np.bool_]  # (n,), which answers are right


@dataclass(frozen=True)
class Verdict:
    """Accepted or not, why in plain words, and the figures behind it."""

    accepted: bool
    reason: str
    figures: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored with a version."""
        return {"accepted": self.accepted, "reason": self.reason, **self.figures}


def judge(
    live: Right,
    candidate: Right,
    *,
    anchor: float | None = None,
    fixed: int | None = None,
    margin: float = MARGIN,
    drift: float = DRIFT,
) -> Verdict:
    """Decide from both versions' right answers to the same hold-out squares.

    ``anchor`` is the accuracy (0..1) of the version that the line started from on the first ``fixed`` squares (on all, if that
    is None); None where there is none.
    """
    if not len(live):
        return refuse("Kept out: no squares are left to judge it by.")
    margin = max(margin, DISCERNED / len(live))
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
    change = f"{_percent(before)} before, {_percent(after)} now, on {len(live):,} squares kept apart"
    if z >= REFUTED:
        return Verdict(False, f"Kept out: it may have got worse ({change}; {lost} lost, {won} won).", figures)
    lasting = candidate[:fixed]
    # One hundredth of a square: only so that rounding does not decide.
    if anchor is not None and len(lasting) and lasting.mean() < anchor - drift - 0.01 / len(lasting):
        return Verdict(False, f"Kept out: too far below the {_percent(anchor)} it all started from ({change}).", figures)
    return Verdict(True, f"Not worse: {change}; {lost} lost, {won} won.", figures)


def compare(
    live: Judgement,
    candidate: Judgement,
    *,
    anchor: float | None = None,
    fixed: int | None = None,
    margin: float = MARGIN,
    drift: float = DRIFT,
    level: float = LEVEL,
) -> Verdict:
    """Decide from both versions' answers to the same hold-out squares, in everything the gate looks at.

    ``candidate`` may know more labels than ``live``, after its; no square has one of these. ``anchor`` and ``fixed`` as in
    ``judge``, of the squares that are symbols. ``level`` 0 asks of the labels only that none loses too many squares.
    """
    symbols = live.symbols
    before, after = (live.given == live.y)[symbols], (candidate.given == live.y)[symbols]
    verdict = judge(before, after, anchor=anchor, fixed=fixed, margin=margin, drift=drift)
    complaint = (
        _labels(live, before, after, level) or _rejects(live, candidate) or _found(live, candidate) or _trust(live, candidate)
    )
    figures = verdict.figures | {"rejects": _shares(candidate), "rejects_before": _shares(live)}
    if verdict.accepted and complaint:
        return Verdict(False, f"Kept out: {complaint}.", figures)
    return Verdict(verdict.accepted, verdict.reason, figures)


def first(candidate: Judgement) -> Verdict:
    """Decide about a version that nothing came before, from its answers to squares kept apart."""
    n, right = int(candidate.symbols.sum()), int((candidate.given == candidate.y)[candidate.symbols].sum())
    low, error = at_least(right, n), _calibration(candidate)
    figures = {
        "holdout": n,
        "after": round(right / max(1, n), 5),
        "at_least": round(low, 5),
        "wanted": FIRST,
        "rejects": _shares(candidate),
    }
    told = f"{right} of {n} squares kept apart are answered rightly, which speaks for {_percent(low)} at least"
    refused = int((candidate.rejected & candidate.symbols).sum())
    if low < FIRST:
        return Verdict(False, f"Kept out: {told}; a first version needs {_percent(FIRST)}.", figures)
    if surely_more(refused, FALSE_REJECTS, n):
        return Verdict(False, f"Kept out: it takes {refused} of {n} symbols for none.", figures)
    if error > FIRST_CALIBRATION + 1 / sqrt(n):
        return Verdict(False, f"Kept out: its probabilities are off by {_percent(error)} on average.", figures)
    return Verdict(True, f"A first version: {told}.", figures)


def let_in(live: Judgement, candidate: Judgement, *, anchor: float | None = None, fixed: int | None = None) -> Verdict:
    """Decide about a version that knows more labels than the live one, from their answers to squares kept apart.

    The labels that were known are compared on the squares that both were asked, with all labels as answers; that those which
    the new one resembles lose a little is no reason against it. Each added label's own squares speak for it.
    """
    knew = len(live.labels)
    shared = (candidate.y < knew) | (candidate.y == len(candidate.labels))
    asked = Judgement(candidate.labels, candidate.answers[shared], candidate.y[shared])
    kept = compare(live, asked, anchor=anchor, fixed=fixed, margin=GROWTH, drift=GROWTH, level=0.0)
    recalls, lacking = {}, []
    for place, label in enumerate(candidate.labels[knew:], start=knew):
        mine = candidate.y == place
        n, right = int(mine.sum()), int((candidate.given == place)[mine].sum())
        recalls[label] = [right, n]
        if at_least(right, n) < NEWCOMER:
            lacking.append(f"{right} of {n} squares of {label} kept apart are answered rightly, too few to let it in")
    figures = kept.figures | {"added": recalls}
    if lacking:
        return Verdict(False, f"Kept out: {'; '.join(lacking)}.", figures)
    told = ", ".join(f"{label} {right} of {n}" for label, (right, n) in recalls.items())
    return Verdict(kept.accepted, f"{kept.reason} New: {told}." if kept.accepted else kept.reason, figures)


def refuse(reason: str) -> Verdict:
    """Return a verdict for a version that needs no test."""
    return Verdict(False, reason)


def _labels(live: Judgement, before: Right, after: Right, level: float) -> str:
    """Name the label that got worse, in words; nothing if none did."""
    y = live.y[live.symbols]
    present = np.unique(y)
    lost = [int((before & ~after)[y == label].sum()) for label in present]
    won = [int((~before & after)[y == label].sum()) for label in present]
    worse = holm([chance_of_loss(*counts) for counts in zip(lost, won, strict=True)], level)
    counts = [int((y == label).sum()) for label in present]
    stopped = [i for i in range(len(present)) if lost[i] - won[i] > max(SPARED, RECALL * counts[i])]
    if not worse and not stopped:
        return ""
    i = max({*worse, *stopped}, key=lambda i: (lost[i] - won[i]) / counts[i])
    mine = y == present[i]
    return (
        f"{live.labels[present[i]]} got worse ({_percent(before[mine].mean())} before, {_percent(after[mine].mean())} now, "
        f"on {counts[i]} squares)"
    )


def _rejects(live: Judgement, candidate: Judgement) -> str:
    symbols = live.symbols
    was, now = live.rejected[symbols], candidate.rejected[symbols]
    n, refused = len(now), int(now.sum())
    most = max(FALSE_REJECTS, float(was.mean())) if n else FALSE_REJECTS
    rose = surely_rose(int((now & ~was).sum()), int((was & ~now).sum()), REJECTS_RISE, n)
    if rose or surely_more(refused, most, n):
        return f"it takes {refused} of {n:,} symbols for none, {int(was.sum())} before"
    return ""


def _found(live: Judgement, candidate: Judgement) -> str:
    others = ~live.symbols
    was, now = live.rejected[others], candidate.rejected[others]
    if surely_rose(int((was & ~now).sum()), int((now & ~was).sum()), FOUND_FALL, len(now)):
        return f"of {len(now):,} squares that are no symbols it rejects {int(now.sum())}, {int(was.sum())} before"
    return ""


def _trust(live: Judgement, candidate: Judgement) -> str:
    n, was, now = int(live.symbols.sum()), _calibration(live), _calibration(candidate)
    if now > was + CALIBRATION_RISE + 0.5 / sqrt(max(1, n)):
        return f"its probabilities are off by {_percent(now)} on average, {_percent(was)} before"
    return ""


def _calibration(one: Judgement) -> float:
    """Return the calibration error on the squares that are symbols."""
    return calibration_error(one.answers[one.symbols, :-1], one.y[one.symbols])


def _shares(one: Judgement) -> dict[str, float]:
    """Return which shares of symbols and of other squares are rejected, 0..1."""
    parts = {"symbols": one.rejected[one.symbols], "others": one.rejected[~one.symbols]}
    return {name: round(float(part.mean()), 5) for name, part in parts.items() if len(part)}


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
