"""Write the reasons of the gate in English. Pure; pages write the same reasons in the language of their visitor.

A reason is a JSON object: its ``kind``, and figures. A float is a share (0..1), an integer is a count, and text is shown
unchanged. That is all a renderer needs, in any language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Reason = dict[str, Any]  # {"kind": a key of GATE_SENTENCES, and the figures that its sentence names}
OVERTAKEN: Reason = {"kind": "overtaken"}

GATE_SENTENCES = {
    # reasons for an accepted version
    "not_worse": "No loss beyond the margin: {before} before, {after} now, on {count} test squares; {lost} lost, {won} won",
    "first": "A first version: {right} of {count} test squares are answered correctly, so its accuracy is at least {at_least}",
    "added": "New: {label} {right} of {count}",
    # reasons against a version
    "no_squares": "there are no test squares",
    "no_share": "every share of the new weights makes it worse at drawings that it knew",
    "worse": "it may be worse by the margin ({before} before, {after} now, on {count} test squares; {lost} lost, {won} won)",
    "worse_credit": (
        "it may be worse by the margin, with a confusable label counted as half right "
        "({before} before, {after} now, on {count} test squares; {lost} lost, {won} won)"
    ),
    "drifted_as_one": (
        "with confusable labels counted as one, it is too far below the original's {anchor} "
        "({after} now, on {count} shipped squares)"
    ),
    "drifted_credit": (
        "with a confusable label counted as half right, it is too far below the original's {anchor} "
        "({after} now, on {count} shipped squares)"
    ),
    "drifted": "it is too far below the original's {anchor} ({after} now, on {count} shipped squares)",
    "shipped_worse": "it got worse on the shipped squares ({before} before, {after} now, on {count})",
    "collected_worse": "it got worse on visitors' squares ({before} before, {after} now, on {count} squares)",
    "label_worse": "{label} got worse ({before} before, {after} now, on {count} squares)",
    "label_twins": "{label} is taken for a confusable label too often ({before} correct before, {after} now, on {count} squares)",
    "label_twins_drifted": (
        "{label} is taken for a confusable label far more often than by the original "
        "({start} then, {after} now, half right counted as half, on {count} shipped squares)"
    ),
    "label_drifted": "{label} is too far below the original ({start} then, {after} now, on {count} shipped squares)",
    "rejects": "it rejects {refused} of {count} symbols, {before} before",
    "found": "it rejects {rejected} of {count} scribbles, {before} before",
    "calibration": "its probabilities are off by {error} on average, {before} before",
    "recent_worse": "it answers {after} of the {count} drawings correctly that it had to learn, {before} before",
    "recent_nothing": "it learned nothing from these corrections ({wrong} of {count} were wrong, and all of them still are)",
    "earlier_worse": "it forgets earlier visitors' drawings ({before} of {count} right before, {after} now)",
    "export_differs": "its export differs from the trained network by {difference}; less than {allowed} is allowed",
    "first_few": (
        "{right} of {count} test squares are answered correctly, so its accuracy is at least {at_least}; "
        "a first version needs {wanted}"
    ),
    "first_rejects": "it rejects {refused} of {count} symbols",
    "first_calibration": "its probabilities are off by {error} on average",
    "label_unfit": "{label} is not good enough yet: {right} of {count} test squares are answered correctly",
    "overtaken": "another version became live while this one was learning",
}


def is_overtaken(gate: Mapping[str, Any]) -> bool:
    """Tell whether a version was rejected because another one was activated during its training."""
    return OVERTAKEN in gate.get("why", [])


def sentence(accepted: bool, reasons: Sequence[Reason]) -> str:
    """Return a verdict as sentences: why the version passed, or every reason against it."""
    sentences = [in_words(reason) for reason in reasons]
    return " ".join(f"{one}." for one in sentences) if accepted else f"Kept out: {'; '.join(sentences)}."


def in_words(reason: Reason) -> str:
    """Return one reason in English, without a full stop."""
    return GATE_SENTENCES[reason["kind"]].format_map({name: _figure(value) for name, value in reason.items()})


def _figure(value: Any) -> str:
    match value:
        case float():
            return f"{100 * value:.2f} %"
        case int():
            return f"{value:,}"
    return str(value)
