"""Write the reasons of the gate in English. Pure; pages write the same reasons in the language of their visitor.

A reason is a JSON object: its ``kind``, and figures. A float is a share (0..1), an integer is a count, and text is shown
unchanged. That is all a renderer needs, in any language.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Reason = dict[str, Any]  # {"kind": a key of GATE_SENTENCES, and the figures that its sentence names}

GATE_SENTENCES = {
    # reasons for an accepted version
    "not_worse": "Not worse: {before} before, {after} now, on {count} squares kept apart; {lost} lost, {won} won",
    "first": "A first version: {right} of {count} squares kept apart are answered rightly, which speaks for {at_least} at least",
    "added": "New: {label} {right} of {count}",
    # reasons against a version
    "no_squares": "no squares are left to judge it by",
    "no_share": "any share of what these drawings teach makes it worse about drawings it knows",
    "worse": "it may have got worse ({before} before, {after} now, on {count} squares kept apart; {lost} lost, {won} won)",
    "drifted": "too far below the {anchor} it all started from ({after} now, on {count} squares that ship)",
    "shipped_worse": "it got worse at the squares that ship ({before} before, {after} now, on {count})",
    "collected_worse": "it got worse at what visitors drew ({before} before, {after} now, on {count} squares)",
    "label_worse": "{label} got worse ({before} before, {after} now, on {count} squares)",
    "label_drifted": "{label} is too far below where it all started ({start} then, {after} now, on {count} squares that ship)",
    "rejects": "it takes {refused} of {count} symbols for none, {before} before",
    "found": "of {count} squares that are no symbols it rejects {rejected}, {before} before",
    "calibration": "its probabilities are off by {error} on average, {before} before",
    "recent_worse": "it is right about {after} of the {count} drawings that it was to learn, {before} before",
    "recent_nothing": "it learned nothing from these corrections ({wrong} of {count} were wrong, and all of them still are)",
    "earlier_worse": "it forgets what earlier visitors taught ({before} of {count} right before, {after} now)",
    "export_differs": "its export differs from the network that was trained by {difference}; less than {allowed} is allowed",
    "first_few": (
        "{right} of {count} squares kept apart are answered rightly, which speaks for {at_least} at least; "
        "a first version needs {wanted}"
    ),
    "first_rejects": "it takes {refused} of {count} symbols for none",
    "first_calibration": "its probabilities are off by {error} on average",
    "label_unfit": "{right} of {count} squares of {label} kept apart are answered rightly, too few to let it in",
    "overtaken": "another version was made live while this one was learning",
}


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
