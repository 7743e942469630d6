"""What kind of sign a label is, so that a page can say it in words and show many of them in order. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

# "either": the set has letters of both cases, and this one in a single case, which then stands for both (as EMNIST's O does).
Kind = Literal["digit", "capital", "small", "either", "letter", "other"]
Heading = Literal["digit", "capital", "small", "letter", "other"]

HEADINGS: tuple[Heading, ...] = ("digit", "capital", "small", "letter", "other")
A_ROW = 12  # labels; fewer are taken in at one glance, without headings
MANY = 60  # labels; more are found faster by typing than by looking


@dataclass(frozen=True)
class Group:
    """Labels that stand below one heading; None where the set needs none."""

    heading: Heading | None
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Choosing:
    """How a page lets a person choose one of a set's labels."""

    groups: tuple[Group, ...]
    many: bool  # more than a glance takes in: the likely ones come first
    wordy: bool  # some labels are words rather than single signs
    search: bool  # there are too many to look through


@dataclass(frozen=True)
class Lacking:
    """What is missing until the ``labels`` that are not learned yet can be: ``missing`` of the ``needed`` drawings of each."""

    labels: tuple[str, ...]
    missing: Mapping[str, int]
    needed: int

    @property
    def drawings(self) -> int:
        """How many drawings are missing in all."""
        return sum(self.missing.values())

    @property
    def done(self) -> int:
        """How many of the labels have enough."""
        return len(self.labels) - len(self.missing)

    @property
    def progress(self) -> float:
        """How much of what is needed is there, 0..1."""
        return 1 - self.drawings / (self.needed * len(self.labels)) if self.labels else 1.0


def kinds(labels: Sequence[str]) -> dict[str, Kind]:
    """Return the kind of each label that is better said in words; nothing where all are digits: no letter is like them there."""
    cases = {unicodedata.category(label) for label in labels if len(label) == 1}
    found = {label: _kind(label, set(labels), both_cases={"Lu", "Ll"} <= cases) for label in labels}
    if set(found.values()) == {"digit"}:
        return {}
    return {label: kind for label, kind in found.items() if kind != "other"}


def choosing(labels: Sequence[str]) -> Choosing:
    """Return the labels in groups, and what else helps to find one of them."""
    many, wordy = len(labels) > A_ROW, any(len(label) > 2 for label in labels)
    search = len(labels) > MANY or (wordy and many)
    in_order = (Group(None, tuple(labels)),)
    if not many:
        return Choosing(in_order, many, wordy, search)
    below: dict[Heading, list[str]] = {heading: [] for heading in HEADINGS}
    for label in labels:
        below[_heading(label)].append(label)
    groups = [Group(heading, tuple(some)) for heading, some in below.items() if some]
    return Choosing(tuple(groups) if len(groups) > 1 else in_order, many, wordy, search)


def _kind(label: str, labels: set[str], both_cases: bool) -> Kind:
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
