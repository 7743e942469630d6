"""What every reader of labelled files gives, and what it may be told. No keras here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from functions.errors import Malformed
from functions.learners.squares import Pixels


class BadCollection(Malformed):
    """The file is not one that networks can be judged against."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read what a file's own form leaves open."""

    part: Literal["test", "train"] = "test"  # of an npz that has both
    names: tuple[str, ...] | None = None  # what the numbers 0, 1, 2... of a file stand for
    writers: tuple[int, int] | None = None  # only these, first and last, counted from 1 in order of first appearance
    normalise: bool = False  # bring pictures into the form that networks know, as a visitor's upload
    transposed: bool = False  # pictures lie on their side, as in EMNIST's own IDX files
    foreign: bool = False  # labels that the set lacks count as "not a symbol"
    limit: int | None = None  # as many drawings as this, the first ones


@dataclass(frozen=True)
class Unread:
    """Something that should have been a labelled drawing, where it lies, and why it cannot be judged."""

    where: str
    why: str


@dataclass(frozen=True)
class Entry:
    """One labelled drawing; ``label`` None means "not a symbol". ``square`` makes its (28, 28) bytes or raises a Situation."""

    where: str
    label: str | None
    square: Callable[[], Pixels]


@dataclass(frozen=True)
class Entries:
    """Everything in a file, one after the other; ``notes`` in words."""

    count: int
    entries: Iterable[Entry | Unread]
    notes: tuple[str, ...] = ()
