"""The kind of each label, such as "capital letter", and the groups in which a page shows many labels. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# "either": the set has letters of both cases, but this letter only in one, which stands for both (as EMNIST's O does).
LabelKind = Literal["digit", "capital", "small", "either", "letter", "other"]
Heading = Literal["digit", "capital", "small", "letter", "other"]

HEADINGS: tuple[Heading, ...] = ("digit", "capital", "small", "letter", "other")
ONE_ROW = 12  # labels; so many fit one row and need no headings
MOST_WITHOUT_SEARCH = 60  # labels; among more, typing is faster than looking


@dataclass(frozen=True)
class Group:
    """Labels below one heading; the heading is None where the set needs none."""

    heading: Heading | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class LabelChoice:
    """How a page offers the labels of a set."""

    groups: tuple[Group, ...]
    has_suggestions: bool  # there are many labels: the likely ones come first
    has_words: bool  # some labels are words, not single characters
    has_search: bool  # there are too many labels to look through


def kinds(labels: Sequence[str]) -> dict[str, LabelKind]:
    """Return the kind of each label whose name needs it. A set of digits needs none: no letter looks like a digit there."""
    cases = {unicodedata.category(label) for label in labels if len(label) == 1}
    found = {label: _kind(label, set(labels), both_cases={"Lu", "Ll"} <= cases) for label in labels}
    if set(found.values()) == {"digit"}:
        return {}
    return {label: kind for label, kind in found.items() if kind != "other"}


def label_choice(labels: Sequence[str]) -> LabelChoice:
    """Return the labels in groups, and whether a page needs suggestions or a search."""
    many, has_words = len(labels) > ONE_ROW, any(len(label) > 2 for label in labels)
    search = len(labels) > MOST_WITHOUT_SEARCH or (has_words and many)
    in_order = (Group(None, tuple(labels)),)
    if not many:
        return LabelChoice(in_order, many, has_words, search)
    below: dict[Heading, list[str]] = {heading: [] for heading in HEADINGS}
    for label in labels:
        below[_heading(label)].append(label)
    groups = [Group(heading, tuple(members)) for heading, members in below.items() if members]
    return LabelChoice(tuple(groups) if len(groups) > 1 else in_order, many, has_words, search)


def _kind(label: str, labels: set[str], both_cases: bool) -> LabelKind:
    heading = _heading(label)
    if heading not in ("capital", "small"):
        return heading
    alone = label.swapcase() not in labels
    return "either" if alone and both_cases and label.swapcase() != label else heading


def _heading(label: str) -> Heading:
    if len(label) != 1:
        return "other"
    match unicodedata.category(label):
        case "Nd":
            return "digit"
        case "Lu" | "Lt":
            return "capital"
        case "Ll":
            return "small"
        case "Lo" | "Lm":
            return "letter"
    return "other"
