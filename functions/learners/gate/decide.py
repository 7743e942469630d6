"""Decide whether a new version may answer: the answers of two versions to the same squares in, a verdict with reasons out.

The new version must not be worse than the live one on held-out squares, which neither version has learned. Both versions answer
the same ``n`` squares, so the answers are paired, and only the squares on which they differ carry information (McNemar 1947):
``lost`` squares were right before and are wrong now, ``won`` squares the other way round. With their true shares p_lost and
p_won, the loss of accuracy is D = p_lost - p_won. The test must refute "D is at least M" (non-inferiority with margin M): Tango's
score test (Statistics in Medicine 17, 1998).

A drawing alone does not tell some labels apart, such as 0 and O; the set declares them confusable. An answer with a confusable
label is *half-decided*: it earns half a credit (``evaluation.half_decided``), and D is the mean loss of credit. A square that
moves from 0 to O counts half a loss, and a quarter in the variance (``statistics.non_inferiority``). One label cannot vanish
within its group: its loss of credit is bounded (``rules.TWIN_LOSS``), and what goes beyond the group counts in full.

The gate tests a run up to three times, each time with a smaller share of the new weights (``weight_averaging.LOOKS``). Each
test therefore has a third of the level (Bonferroni), and a version passes if z < -2.128. A run whose every share is worse by the
margin passes at most one time in twenty. ``docs/experiments/gate_power.md`` says how often worse versions pass and equal ones
fail. With fewer than 1,600 squares, as in a new symbol set, chance hides a difference of half a point; the margin is then eight
squares.

Many small losses could add up. The figures on the shipped squares are therefore also compared with those of the first version of
the line: the accuracy and the recalls with confusable labels counted as one (``DRIFT``, ``RECALL_LOSS``), and the credits
(``TWIN_DRIFT``, ``TWIN_LOSS_IN_LINE``). Figures on collected squares cannot be compared with old ones, since their number grows.
The other rules (``rules``) compare with the live version, and each allows for chance: the shipped and the collected squares
apart, each label, rejected symbols, rejected non-symbols, and the calibration error.

A new version must also learn. The answers to the drawings that people corrected or confirmed must not be right less often than
before. If some were wrong, at least one must be right now, or the NLL of the true labels must be lower. The drawings of earlier
runs must not be forgotten beyond chance. The exported network must give the same answers as the network that was tested.

A first version (``decide_first``) and an added label (``decide_added_labels``) have no predecessor to compare with. The lower
bound (Wilson) of their accuracy on held-out squares must reach ``FIRST_ACCURACY`` or ``ADDED_LABEL_RECALL``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, sqrt
from typing import Any

import numpy as np

from functions.domain.monitoring.comparison import kept_errors
from functions.learners.evaluation.half_decided import LabelGroups
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate import rules
from functions.learners.gate.paired import Correct, LabelAnswers, PairedAnswers, author_views
from functions.learners.gate.reasons import Reason, sentence
from functions.learners.gate.rules import (
    DRIFT,
    FALSE_REJECTS,
    LABEL_TESTS_LEVEL,
    LEAST_MARGIN_SQUARES,
    NON_INFERIORITY_MARGIN,
    RECALL_LOSS,
    TWIN_DRIFT,
    TWIN_LOSS_IN_LINE,
    Z_LIMIT,
)
from functions.learners.gate.statistics import significantly_more, wilson_lower_bound
from functions.learners.litert import PARITY

ADDED_LABEL_MARGIN = 0.01  # margin and drift when a label is added: it takes a few squares from similar labels
FIRST_ACCURACY = 0.6  # visitors stop using a network that is wrong twice in five
ADDED_LABEL_RECALL = 0.4  # far above chance, and the lower bound of four right answers in five
FIRST_CALIBRATION = 0.1  # few squares determine a temperature only roughly

Answers = tuple[Evaluation, Evaluation]  # of the live version and of the new one, on the same squares


@dataclass(frozen=True)
class FirstVersion:
    """The figures of the first version of a line on the shipped squares: the first ``fixed`` squares, or all if None.

    ``anchor`` is the accuracy (0..1) on symbols, and ``recalls`` are the recalls (0..1) by label, both with confusable labels
    counted as one. ``credit`` and ``credits`` are the mean credits in all and by label; without confusable labels they add
    nothing. None compares nothing.
    """

    anchor: float | None = None
    fixed: int | None = None
    recalls: Mapping[str, float] | None = None
    credit: float | None = None
    credits: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Tolerance:
    """The accuracy that a version may lose in one run (``margin``) and over the whole line (``drift``).

    ``level`` is the significance level of the tests of labels; with 0 only the losses of labels are bounded.
    """

    margin: float = NON_INFERIORITY_MARGIN
    drift: float = DRIFT
    level: float = LABEL_TESTS_LEVEL


@dataclass(frozen=True)
class GateVerdict:
    """Whether a version is accepted, the reasons, and the figures behind them."""

    accepted: bool
    why: tuple[Reason, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The verdict as English sentences."""
        return sentence(self.accepted, self.why)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON value that is stored with a version."""
        return {"accepted": self.accepted, "reason": self.reason, "why": list(self.why), **self.figures}


def decide(
    live: Correct, candidate: Correct, first: FirstVersion = FirstVersion(), tolerance: Tolerance = Tolerance()
) -> GateVerdict:
    """Decide by accuracy alone: which answers of both versions to the same hold-out squares are right, (n,) each."""
    if not len(live):
        return refuse("no_squares")
    pair = PairedAnswers(live, candidate)
    margin, z, against = _tested(pair, tolerance)
    against += rules.drifted(pair.of(slice(first.fixed)), first.anchor, tolerance.drift)
    return _decided(against, [{"kind": "not_worse", **pair.figures()}], _figures(pair, margin, z, first))


def compare(
    live: Evaluation,
    candidate: Evaluation,
    *,
    first: FirstVersion = FirstVersion(),
    confusable: LabelGroups = (),
    tolerance: Tolerance = Tolerance(),
    recent: Answers | None = None,
    earlier: Answers | None = None,
) -> GateVerdict:
    """Decide by all rules, from the answers of both versions to the same hold-out squares.

    ``candidate`` may know more labels than ``live``, after those of ``live``; no square has such a label. ``confusable`` are
    groups of labels that look alike. ``recent`` are the answers of both versions to the drawings of this run, ``earlier``
    those to the drawings of earlier runs.
    """
    symbols = live.symbols
    answers = LabelAnswers(candidate.labels, live.y[symbols], live.given[symbols], candidate.given[symbols], confusable)
    pair = answers.half_decided
    if not pair.count:
        return refuse("no_squares")
    margin, z, whole = _tested(pair, tolerance, "worse_credit" if confusable else "worse")
    whole += _drifted(answers.of(slice(first.fixed)), first, tolerance)
    fixed = first.fixed
    shipped, collected = pair.of(slice(fixed)), pair.of(slice(pair.count if fixed is None else fixed, None))
    parts = {name: part for name, part in (("shipped", shipped), ("collected", collected)) if part.count}
    # The most specific reason comes first: a label, then all squares, or else a part whose loss the other part hides.
    against = [
        *rules.label_worse(answers, tolerance.level),
        *_labels_drifted(answers.of(slice(fixed)), first),
        *(whole or (rules.part_worse(parts) if tolerance.level else ())),
        *rules.rejects(live, candidate),
        *rules.negatives(live, candidate),
        *rules.calibration(live, candidate),
    ]
    exact = answers.exact
    figures: dict[str, Any] = {
        **_figures(exact, margin, z, first),
        "parts": {
            name: exact.of(which).figures()
            for name, which in (("shipped", slice(fixed)), ("collected", slice(pair.count if fixed is None else fixed, None)))
            if name in parts
        },
        "labels": _by_label(live.labels, answers),
        "rejects": _shares(candidate),
        "rejects_before": _shares(live),
        "calibration": {"before": round(rules.error_of(live), 5), "after": round(rules.error_of(candidate), 5)},
    }
    asked = answers.of(slice(fixed))
    figures["errors"] = kept_errors(asked.y, asked.before, asked.after)
    if confusable:
        figures |= {"as_one": answers.as_one.figures(), "credit": pair.figures()}
    for name, rule, given in (("recent", rules.recent, recent), ("earlier", rules.earlier, earlier)):
        if given is not None and len(given[0].y):
            figures[name], complaints = rule(*author_views(*given, confusable))
            against += complaints
    return _decided(against, [{"kind": "not_worse", **exact.figures()}], figures)


def decide_first(candidate: Evaluation) -> GateVerdict:
    """Decide about the first version of a symbol set, from its answers to held-out squares."""
    n, right = int(candidate.symbols.sum()), int((candidate.given == candidate.y)[candidate.symbols].sum())
    low, error = wilson_lower_bound(right, n), rules.error_of(candidate)
    figures = {
        "holdout": n,
        "after": round(right / max(1, n), 5),
        "at_least": round(low, 5),
        "wanted": FIRST_ACCURACY,
        "rejects": _shares(candidate),
    }
    bound = {"right": right, "count": n, "at_least": low}
    rejected = int((candidate.rejected & candidate.symbols).sum())
    against: list[Reason] = []
    if low < FIRST_ACCURACY:
        against.append({"kind": "first_few", **bound, "wanted": FIRST_ACCURACY})
    if significantly_more(rejected, FALSE_REJECTS, n):
        against.append({"kind": "first_rejects", "refused": rejected, "count": n})
    if error > FIRST_CALIBRATION + 1 / sqrt(max(1, n)):
        against.append({"kind": "first_calibration", "error": error})
    return _decided(against, [{"kind": "first", **bound}], figures)


def decide_added_labels(
    live: Evaluation,
    candidate: Evaluation,
    *,
    first: FirstVersion = FirstVersion(),
    confusable: LabelGroups = (),
    recent: Answers | None = None,
    earlier: Answers | None = None,
) -> GateVerdict:
    """Decide about a version that knows more labels than the live one, from their answers to held-out squares.

    The labels of ``live`` are compared on their own squares, with all labels as possible answers. A small loss of labels that
    resemble an added one is allowed. Each added label is tested on its own squares. ``recent`` and ``earlier`` are as in
    ``compare``; all answers of ``live`` to squares of an added label are wrong.
    """
    known = len(live.labels)
    shared = (candidate.y < known) | (candidate.y == len(candidate.labels))
    on_shared = Evaluation(candidate.labels, candidate.answers[shared], candidate.y[shared])
    kept = compare(
        live,
        on_shared,
        first=replace(first, recalls=None, credits=None),
        confusable=confusable,
        tolerance=Tolerance(margin=ADDED_LABEL_MARGIN, drift=ADDED_LABEL_MARGIN, level=0.0),
        recent=recent,
        earlier=earlier,
    )
    recalls, unfit = {}, []
    for place, label in enumerate(candidate.labels[known:], start=known):
        mine = candidate.y == place
        n, right = int(mine.sum()), int((candidate.given == place)[mine].sum())
        recalls[label] = [right, n]
        if wilson_lower_bound(right, n) < ADDED_LABEL_RECALL:
            unfit.append({"kind": "label_unfit", "right": right, "count": n, "label": label})
    added = [{"kind": "added", "label": label, "right": right, "count": n} for label, (right, n) in recalls.items()]
    against = [*unfit, *(() if kept.accepted else kept.why)]
    return _decided(against, [*kept.why, *added], kept.figures | {"added": recalls})


def check_export(verdict: GateVerdict, difference: float) -> GateVerdict:
    """Return ``verdict`` with the check of the export; an export that differs is refused in any case.

    ``difference`` is the largest difference between the outputs of the exported file and of the network that was tested.
    """
    figures = verdict.figures | {"parity": difference if isfinite(difference) else None, "parity_below": PARITY}
    differs = rules.export_differs(difference)
    if not differs:
        return replace(verdict, figures=figures)
    return _decided([*differs, *(() if verdict.accepted else verdict.why)], (), figures)


def refuse(kind: str) -> GateVerdict:
    """Return the verdict of a version that cannot be tested; ``kind`` is ``no_squares`` or ``no_share``."""
    return GateVerdict(False, ({"kind": kind},))


def _decided(against: Sequence[Reason], passed: Sequence[Reason], figures: dict[str, Any]) -> GateVerdict:
    return GateVerdict(False, tuple(against), figures) if against else GateVerdict(True, tuple(passed), figures)


def _tested(pair: PairedAnswers, tolerance: Tolerance, kind: str = "worse") -> tuple[float, float, list[Reason]]:
    margin = max(tolerance.margin, LEAST_MARGIN_SQUARES / pair.count)
    return margin, *rules.not_shown_equal(pair, margin, kind)


def _drifted(shipped: LabelAnswers, first: FirstVersion, tolerance: Tolerance) -> list[Reason]:
    if not shipped.confusable:
        return rules.drifted(shipped.exact, first.anchor, tolerance.drift)
    return [
        *rules.drifted(shipped.as_one, first.anchor, tolerance.drift, "drifted_as_one"),
        *rules.drifted(shipped.half_decided, first.credit, max(tolerance.drift, TWIN_DRIFT), "drifted_credit"),
    ]


def _labels_drifted(shipped: LabelAnswers, first: FirstVersion) -> list[Reason]:
    as_one, half_decided = shipped.as_one.after, shipped.half_decided.after
    return [
        *rules.label_drifted(shipped, as_one, first.recalls or {}, RECALL_LOSS),
        *rules.label_drifted(shipped, half_decided, first.credits or {}, TWIN_LOSS_IN_LINE, "label_twins_drifted"),
    ]


def _figures(pair: PairedAnswers, margin: float, z: float, first: FirstVersion) -> dict[str, Any]:
    shown = pair.figures()
    count = shown.pop("count")
    return {"holdout": count, **shown, "z": round(z, 3), "z_below": Z_LIMIT, "margin": margin, "anchor": first.anchor}


def _by_label(labels: Sequence[str], answers: LabelAnswers) -> dict[str, list[int]]:
    """Return for each label the number of squares, and how many of them are right before and after."""
    y, pair = answers.y, answers.exact
    counts, before, after = (np.bincount(y[some], minlength=len(labels)) for some in (slice(None), pair.before, pair.after))
    return {label: [int(counts[i]), int(before[i]), int(after[i])] for i, label in enumerate(labels) if counts[i]}


def _shares(one: Evaluation) -> dict[str, float]:
    """Return the rejected shares of the symbols and of the other squares, 0..1."""
    parts = {"symbols": one.rejected[one.symbols], "others": one.rejected[~one.symbols]}
    return {name: round(float(part.mean()), 5) for name, part in parts.items() if len(part)}
