"""The gate's decision about a version, as its page shows it. Pure.

Reasons are stored as codes with figures (``learners.gate.reasons``) and written in the visitor's language. Older versions have
only an English sentence, which is shown unchanged.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.learners.gate.reasons import GATE_SENTENCES
from functions.records.tables import Version
from functions.web.pages.translations import Words

MOST_BARS = 12  # labels; of more, the page shows the most changed ones first
WIDTH = 100  # units of a bar's picture

Gate = Mapping[str, Any]


@dataclass(frozen=True)
class ComparedFigure:
    """One compared figure: its ``name``, the number of drawings, and the written values before and now."""

    name: str
    count: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class LabelErrors:
    """The wrong answers on ``count`` squares of a label, before and now, with the lengths of two bars."""

    label: str
    count: int
    before: int
    after: int
    length_before: float
    length_after: float

    @property
    def change(self) -> int:
        """The number of additional errors."""
        return self.after - self.before


@dataclass(frozen=True)
class GateReport:
    """The gate's decision, with the reasons in the visitor's language; older versions have a ``sentence`` instead."""

    accepted: bool | None
    reasons: tuple[str, ...]
    sentence: str
    compared: tuple[ComparedFigure, ...]
    tested: Mapping[str, str]  # the figures of the statistical test, written; empty where there was no test
    parity: str | None  # the largest difference between the exported and the tested network
    shown: tuple[LabelErrors, ...]
    more: tuple[LabelErrors, ...]
    baseline: str | None  # the version of the comparison, if that was not the live version


def gate_report(version: Version, words: Words) -> GateReport:
    """Return the gate's decision about a version; older versions have fewer figures."""
    gate = version.gate
    errors = _label_errors(gate.get("labels", {}))
    changed = sorted((label for label in errors if label.change), key=lambda label: -abs(label.change))
    few = len(errors) <= MOST_BARS
    reasons = _reasons(gate, words)
    return GateReport(
        accepted=gate.get("accepted"),
        reasons=reasons,
        sentence="" if reasons else str(gate.get("reason", "")),
        compared=tuple(_compared(gate, words)),
        tested=_tested(gate, words),
        parity=_parity(version, words),
        shown=errors if few else tuple(changed[:MOST_BARS]),
        more=() if few else errors,
        baseline=gate.get("baseline"),
    )


def gate_text(version: Version, words: Words) -> str:
    """Return the gate's decision about a version in one paragraph: its outcome and every reason."""
    if version.original:
        return words("version.shipped")
    reasons = _reasons(version.gate, words)
    if not reasons:
        return str(version.gate.get("reason", ""))
    return f"{words('version.passed' if version.gate.get('accepted') else 'version.failed')}. {' '.join(reasons)}"


def _reasons(gate: Gate, words: Words) -> tuple[str, ...]:
    """Return the reasons as sentences; none where one has an unknown code or lacks a figure."""
    sentences = []
    for why in gate.get("why", ()):
        english = GATE_SENTENCES.get(why.get("kind", ""))
        names = [name for _, name, _, _ in string.Formatter().parse(english or "") if name]
        if english is None or not why.keys() >= set(names):
            return ()
        sentences.append(words(f"gate.{why['kind']}", **{name: words.figure(why[name]) for name in names}))
    return tuple(sentences)


def _compared(gate: Gate, words: Words) -> Iterator[ComparedFigure]:
    """Yield the compared figures, as far as the version has them."""
    parts = gate.get("parts", {})
    if not parts and "holdout" in gate:
        parts = {"shipped": {"count": gate["holdout"], "before": gate.get("before"), "after": gate.get("after")}}
    for name, part in parts.items():
        yield ComparedFigure(f"apart_{name}", part["count"], _share(part.get("before"), words), _share(part.get("after"), words))
    rejects, before = gate.get("rejects", {}), gate.get("rejects_before", {})
    for name in ("symbols", "others"):
        if name in rejects:
            yield ComparedFigure(f"rejects_{name}", None, _share(before.get(name), words), _share(rejects[name], words))
    if "calibration" in gate:
        error = gate["calibration"]
        yield ComparedFigure("calibration", None, _share(error.get("before"), words), _share(error.get("after"), words))
    for name in ("recent", "earlier"):
        if name in gate:
            correct = gate[name]
            yield ComparedFigure(name, correct["count"], words.number(correct["before"]), words.number(correct["after"]))


def _share(share: float | None, words: Words) -> str | None:
    return None if share is None else words.share(share, 2)


def _tested(gate: Gate, words: Words) -> dict[str, str]:
    if not {"z", "lost", "won", "margin"} <= gate.keys():
        return {}
    below = gate.get("z_below", -2.128)  # the bound of older versions, whose figures lack it
    return {
        "lost": words.number(gate["lost"]),
        "won": words.number(gate["won"]),
        "margin": words.share(gate["margin"], 1),
        "z": words.number(gate["z"], 2),
        "below": words.number(below, 2),
    }


def _parity(version: Version, words: Words) -> str | None:
    """Return the largest difference with two digits that count, written out: most people read no powers of ten."""
    difference = version.gate.get("parity", version.metrics.get("parity"))
    if difference is None:
        return None
    return words.number(difference, 1 - math.floor(math.log10(difference)) if 0 < difference < 1 else 0)


def _label_errors(labels: Mapping[str, list[int]]) -> tuple[LabelErrors, ...]:
    wrong = {label: (count, count - before, count - after) for label, (count, before, after) in labels.items()}
    most = max((max(before, after) / count for count, before, after in wrong.values()), default=0) or 1
    return tuple(
        LabelErrors(label, count, before, after, round(WIDTH * before / count / most, 1), round(WIDTH * after / count / most, 1))
        for label, (count, before, after) in wrong.items()
    )
