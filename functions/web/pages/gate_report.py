"""What the page of a version tells: how the gate decided, out of the figures that are kept. Pure.

Reasons are kept as a kind and figures (``learners.gate_words``), and said in the visitor's language. Older versions have
a sentence only, which is shown as it is.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.learners.gate.reasons import SENTENCES
from functions.records.tables import Version
from functions.web.pages.translations import Words

A_GLANCE = 12  # labels that are shown at once; of more, those first that changed
WIDTH = 100  # of a bar's picture

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class ReasonLine:
    """One reason: its kind, which its sentence is called by, and the values in that as its language writes them."""

    kind: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Compared:
    """One line of what was looked at: ``what`` it is, of how many, and how it was before and is now, written out."""

    what: str
    count: int | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Bar:
    """Of ``count`` squares of a label, how many were answered wrongly before and are now; with the lengths of two bars."""

    label: str
    count: int
    before: int
    after: int
    length_before: float
    length_after: float

    @property
    def change(self) -> int:
        """How many more are wrong now."""
        return self.after - self.before


@dataclass(frozen=True)
class Decision:
    """How the gate decided; ``sentence`` is what older versions have instead of reasons."""

    accepted: bool | None
    reasons: tuple[ReasonLine, ...]
    sentence: str
    compared: tuple[Compared, ...]
    tested: Mapping[str, str]  # what the test of the whole said, written out; nothing where there was none
    parity: str | None  # by how much the export differed
    shown: tuple[Bar, ...]
    more: tuple[Bar, ...]
    baseline: str | None  # the version that it was compared with, where that is not the one that answered


def decision(version: Version, words: Words) -> Decision:
    """Return how the gate decided about a version; older ones have fewer figures."""
    gate = version.gate
    bars = _bars(gate.get("labels", {}))
    changed = sorted((bar for bar in bars if bar.change), key=lambda bar: -abs(bar.change))
    few = len(bars) <= A_GLANCE
    reasons = _reasons(gate, words)
    return Decision(
        accepted=gate.get("accepted"),
        reasons=reasons,
        sentence="" if reasons else str(gate.get("reason", "")),
        compared=tuple(_compared(gate, words)),
        tested=_tested(gate, words),
        parity=_parity(version),
        shown=bars if few else tuple(changed[:A_GLANCE]),
        more=() if few else bars,
        baseline=gate.get("baseline"),
    )


def _reasons(gate: Figures, words: Words) -> tuple[ReasonLine, ...]:
    """Return the reasons that can be said in any language; nothing where one of them cannot, for its sentence tells it all."""
    said = []
    for why in gate.get("why", ()):
        sentence = SENTENCES.get(why.get("kind", ""))
        if sentence is None or not _named(sentence) <= why.keys():
            return ()
        said.append(ReasonLine(why["kind"], {name: _written(why[name], words) for name in _named(sentence)}))
    return tuple(said)


def _named(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _written(value: Any, words: Words) -> str:
    match value:
        case float():
            return words.share(value, 2)
        case int():
            return words.number(value)
    return str(value)


def _compared(gate: Figures, words: Words) -> Iterator[Compared]:
    """Give what was held against what, as far as it is kept."""
    parts = gate.get("parts", {})
    if not parts and "holdout" in gate:
        parts = {"shipped": {"count": gate["holdout"], "before": gate.get("before"), "after": gate.get("after")}}
    for name, part in parts.items():
        yield Compared(f"apart_{name}", part["count"], _share(part.get("before"), words), _share(part.get("after"), words))
    rejects, before = gate.get("rejects", {}), gate.get("rejects_before", {})
    for name in ("symbols", "others"):
        if name in rejects:
            yield Compared(f"rejects_{name}", None, _share(before.get(name), words), _share(rejects[name], words))
    if "calibration" in gate:
        off = gate["calibration"]
        yield Compared("calibration", None, _share(off.get("before"), words), _share(off.get("after"), words))
    for name in ("recent", "earlier"):
        if name in gate:
            known = gate[name]
            yield Compared(name, known["count"], words.number(known["before"]), words.number(known["after"]))


def _share(share: float | None, words: Words) -> str | None:
    return None if share is None else words.share(share, 2)


def _tested(gate: Figures, words: Words) -> dict[str, str]:
    if not {"z", "lost", "won", "margin"} <= gate.keys():
        return {}
    # From before the bound was kept with the figures.
    below = gate.get("z_below", -2.128)
    return {
        "lost": words.number(gate["lost"]),
        "won": words.number(gate["won"]),
        "margin": words.share(gate["margin"], 1),
        "z": _plain(gate["z"], words),
        "below": _plain(below, words),
    }


def _parity(version: Version) -> str | None:
    difference = version.gate.get("parity", version.metrics.get("parity"))
    return None if difference is None else f"{difference:.1e}"


def _plain(number: float, words: Words) -> str:
    written = f"{number:.2f}".replace("-", "\N{MINUS SIGN}")
    return written.replace(".", ",") if words.language == "ru" else written


def _bars(labels: Mapping[str, list[int]]) -> tuple[Bar, ...]:
    wrong = {label: (count, count - before, count - after) for label, (count, before, after) in labels.items()}
    most = max((max(before, after) / count for count, before, after in wrong.values()), default=0) or 1
    return tuple(
        Bar(label, count, before, after, round(WIDTH * before / count / most, 1), round(WIDTH * after / count / most, 1))
        for label, (count, before, after) in wrong.items()
    )
