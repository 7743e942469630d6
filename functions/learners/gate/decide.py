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
the margin passes at most one time in twenty. ``benchmarks/gate_power.py`` tells how often it lets worse ones pass and equal
ones not, ``docs/experiments/gate_power.md`` what that means.

With fewer than 1,600 squares, as in a set that has just begun, half a point cannot be told from chance at all, and nothing
would ever pass: the margin is eight squares then.

Many harmless steps could still walk downhill. So the accuracy on the squares that ship is also held against the version that
the line started from: never more than ``DRIFT`` below it, as counted, and each label's recall not more than ``RECALL``. Collected
squares become more and more, so no figure of theirs can be held against an old one. What else is held against the live version
(``gate_rules``), each where it is more than chance:

- neither the squares that ship nor the collected ones may have got worse (exact McNemar for each, Holm's procedure for both);
- no label may have got worse (exact McNemar for each, all together at a third of one in twenty by Holm's procedure), and none
  may have lost ``RECALL`` of its squares, as counted, chance or not; to labels that the set declares to look like it ``TWINS``;
- not ``REJECTS_RISE`` more symbols than before are taken for none, and beyond ``FALSE_REJECTS`` of them none at all;
- of what is not a symbol, not ``FOUND_FALL`` fewer are told so, and below ``FOUND`` of them none at all;
- the calibration error has not risen by ``CALIBRATION_RISE``, beside what chance does to it: half of 1 / sqrt(n), one standard
  error of a share; and not at all beyond ``CALIBRATION``.

Not to get worse is not enough. A lesson is about drawings that people corrected or confirmed, and what they are told about these
(a label, or "not a symbol") must not be right less often than before; where some of it was wrong, something must have been
learned: at least one is right now, or the truth is less surprising than it was. What earlier lessons were about must not surely
be forgotten. At last the export must answer as the network does that was judged.

A version that nothing came before (``first``), and a label that nobody knew (``let_in``), have nothing to be compared with:
their held-out squares must speak for a share of right answers of ``FIRST`` and ``NEWCOMER`` at least (Wilson's lower bound).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, sqrt
from typing import Any

import numpy as np

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate import rules as rules
from functions.learners.gate.paired import Groups, PairedAnswers, Read, Right, seen
from functions.learners.gate.reasons import Why, sentence
from functions.learners.gate.rules import DISCERNED, DRIFT, FALSE_REJECTS, LEVEL, MARGIN, REFUTED
from functions.learners.gate.statistics import at_least, surely_more
from functions.learners.litert import PARITY
from functions.learners.squares import Classes

__all__ = ["GROWTH", "MARGIN", "PARITY", "REFUTED", "GateVerdict", "compare", "decide", "exported", "first", "let_in", "refuse"]

GROWTH = 0.01  # margin and drift where a label joins: it takes a little from those it resembles
FIRST = 0.6  # a network that is wrong twice in five would teach its visitors not to ask
NEWCOMER = 0.4  # far above guessing, and what four of five squares speak for
FIRST_CALIBRATION = 0.1  # few squares fit a temperature roughly

Answers = tuple[Evaluation, Evaluation]  # of the live version and of the new one, to the same squares


@dataclass(frozen=True)
class GateVerdict:
    """Accepted or not, why, and the figures behind it."""

    accepted: bool
    why: tuple[Why, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The verdict in plain words."""
        return sentence(self.accepted, self.why)

    def as_dict(self) -> dict[str, Any]:
        """Return what is stored with a version."""
        return {"accepted": self.accepted, "reason": self.reason, "why": list(self.why), **self.figures}


def decide(
    live: Right,
    candidate: Right,
    *,
    anchor: float | None = None,
    fixed: int | None = None,
    margin: float = MARGIN,
    drift: float = DRIFT,
) -> GateVerdict:
    """Decide from both versions' right answers to the same hold-out squares.

    ``anchor`` is the accuracy (0..1) of the version that the line started from on the first ``fixed`` squares (on all, if that
    is None); None where there is none.
    """
    if not len(live):
        return refuse("no_squares")
    pair = PairedAnswers(live, candidate)
    margin = max(margin, DISCERNED / pair.count)
    z, against = rules.not_shown(pair, margin)
    against += rules.drifted(pair.of(slice(fixed)), anchor, drift)
    shown = pair.figures()
    figures = {"holdout": shown.pop("count"), **shown, "z": round(z, 3), "z_below": REFUTED, "margin": margin, "anchor": anchor}
    return _decided(against, [{"kind": "not_worse", **pair.figures()}], figures)


def compare(
    live: Evaluation,
    candidate: Evaluation,
    *,
    anchor: float | None = None,
    fixed: int | None = None,
    recalls: Mapping[str, float] | None = None,
    confusable: Groups = (),
    margin: float = MARGIN,
    drift: float = DRIFT,
    level: float = LEVEL,
    recent: Answers | None = None,
    earlier: Answers | None = None,
) -> GateVerdict:
    """Decide from both versions' answers to the same hold-out squares, in everything the gate looks at.

    ``candidate`` may know more labels than ``live``, after its; no square has one of these. ``anchor`` and ``fixed`` as in
    ``decide``, of the squares that are symbols; ``recalls`` are each label's among these, 0..1, of the version that the line
    started from; ``confusable`` are groups of labels that look alike. ``level`` 0 asks of the labels only that none loses too
    many squares. ``recent`` are both versions' answers to what the lesson was about, ``earlier`` those to what lessons before
    were about.
    """
    symbols = live.symbols
    read = Read(candidate.labels, live.y[symbols], live.given[symbols], candidate.given[symbols], confusable)
    pair = read.strictly
    verdict = decide(pair.before, pair.after, anchor=anchor, fixed=fixed, margin=margin, drift=drift)
    if not pair.count:
        return verdict
    shipped, collected = pair.of(slice(fixed)), pair.of(slice(pair.count if fixed is None else fixed, None))
    parts = {name: part for name, part in (("shipped", shipped), ("collected", collected)) if part.count}
    # What says the most comes first: which label, then the whole, or else a part of it that the whole hides.
    against = [
        *rules.label_worse(read, level),
        *rules.label_drifted(read.of(slice(fixed)), recalls),
        *((rules.part_worse(parts) if level else ()) if verdict.accepted else verdict.why),
        *rules.rejects(live, candidate),
        *rules.found(live, candidate),
        *rules.calibration(live, candidate),
    ]
    figures: dict[str, Any] = {
        "parts": {name: part.figures() for name, part in parts.items()},
        "labels": _by_label(live.labels, read.y, pair),
        "rejects": _shares(candidate),
        "rejects_before": _shares(live),
        "calibration": {"before": round(rules.error_of(live), 5), "after": round(rules.error_of(candidate), 5)},
    }
    for name, rule, given in (("recent", rules.recent, recent), ("earlier", rules.earlier, earlier)):
        if given is not None and len(given[0].y):
            figures[name], complaints = rule(*seen(*given))
            against += complaints
    return _decided(against, verdict.why, verdict.figures | figures)


def first(candidate: Evaluation) -> GateVerdict:
    """Decide about a version that nothing came before, from its answers to squares kept apart."""
    n, right = int(candidate.symbols.sum()), int((candidate.given == candidate.y)[candidate.symbols].sum())
    low, error = at_least(right, n), rules.error_of(candidate)
    figures = {
        "holdout": n,
        "after": round(right / max(1, n), 5),
        "at_least": round(low, 5),
        "wanted": FIRST,
        "rejects": _shares(candidate),
    }
    speaks = {"right": right, "count": n, "at_least": low}
    refused = int((candidate.rejected & candidate.symbols).sum())
    against: list[Why] = []
    if low < FIRST:
        against.append({"kind": "first_few", **speaks, "wanted": FIRST})
    if surely_more(refused, FALSE_REJECTS, n):
        against.append({"kind": "first_rejects", "refused": refused, "count": n})
    if error > FIRST_CALIBRATION + 1 / sqrt(max(1, n)):
        against.append({"kind": "first_calibration", "error": error})
    return _decided(against, [{"kind": "first", **speaks}], figures)


def let_in(
    live: Evaluation,
    candidate: Evaluation,
    *,
    anchor: float | None = None,
    fixed: int | None = None,
    confusable: Groups = (),
    recent: Answers | None = None,
    earlier: Answers | None = None,
) -> GateVerdict:
    """Decide about a version that knows more labels than the live one, from their answers to squares kept apart.

    The labels that were known are compared on the squares that both were asked, with all labels as answers; that those which
    the new one resembles lose a little is no reason against it. Each added label's own squares speak for it. ``recent`` and
    ``earlier`` as in ``compare``; what ``live`` does not know it has wrong there.
    """
    knew = len(live.labels)
    shared = (candidate.y < knew) | (candidate.y == len(candidate.labels))
    asked = Evaluation(candidate.labels, candidate.answers[shared], candidate.y[shared])
    kept = compare(
        live,
        asked,
        anchor=anchor,
        fixed=fixed,
        confusable=confusable,
        margin=GROWTH,
        drift=GROWTH,
        level=0.0,
        recent=recent,
        earlier=earlier,
    )
    recalls, lacking = {}, []
    for place, label in enumerate(candidate.labels[knew:], start=knew):
        mine = candidate.y == place
        n, right = int(mine.sum()), int((candidate.given == place)[mine].sum())
        recalls[label] = [right, n]
        if at_least(right, n) < NEWCOMER:
            lacking.append({"kind": "label_unfit", "right": right, "count": n, "label": label})
    added = [{"kind": "added", "label": label, "right": right, "count": n} for label, (right, n) in recalls.items()]
    against = [*lacking, *(() if kept.accepted else kept.why)]
    return _decided(against, [*kept.why, *added], kept.figures | {"added": recalls})


def exported(verdict: GateVerdict, difference: float) -> GateVerdict:
    """Return ``verdict`` with what the export says about it: the file that answers must be the network that was judged.

    ``difference`` is the largest one between the answers of both. What differs is kept out, whatever else was found.
    """
    figures = verdict.figures | {"parity": difference if isfinite(difference) else None, "parity_below": PARITY}
    differs = rules.export_differs(difference)
    if not differs:
        return replace(verdict, figures=figures)
    return _decided([*differs, *(() if verdict.accepted else verdict.why)], (), figures)


def refuse(kind: str) -> GateVerdict:
    """Return a verdict for a version that needs no test: ``no_squares`` or ``no_share``."""
    return GateVerdict(False, ({"kind": kind},))


def _decided(against: Sequence[Why], passed: Sequence[Why], figures: dict[str, Any]) -> GateVerdict:
    return GateVerdict(False, tuple(against), figures) if against else GateVerdict(True, tuple(passed), figures)


def _by_label(labels: Sequence[str], y: Classes, pair: PairedAnswers) -> dict[str, list[int]]:
    """Return of each label how many squares there are, and how many of them were right before and are after."""
    counts, before, after = (np.bincount(y[some], minlength=len(labels)) for some in (slice(None), pair.before, pair.after))
    return {label: [int(counts[i]), int(before[i]), int(after[i])] for i, label in enumerate(labels) if counts[i]}


def _shares(one: Evaluation) -> dict[str, float]:
    """Return which shares of symbols and of other squares are rejected, 0..1."""
    parts = {"symbols": one.rejected[one.symbols], "others": one.rejected[~one.symbols]}
    return {name: round(float(part.mean()), 5) for name, part in parts.items() if len(part)}
