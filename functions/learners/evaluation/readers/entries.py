"""The results and the options of the readers of labelled files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from functions.errors import Malformed
from functions.learners.squares import Pixels


class BadCollection(Malformed):
    """No version can be evaluated on the file."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file whose format leaves something open."""

    part: Literal["test", "train"] = "test"  # of an npz that has both
    names: tuple[str, ...] | None = None  # the labels of the numbers 0, 1, 2... of a file
    writers: tuple[int, int] | None = None  # only these writers, first and last, counted from 1 in order of appearance
    normalise: bool = False  # normalise pictures like a visitor's upload
    transposed: bool = False  # rows and columns are exchanged, as in EMNIST's own IDX files
    foreign: bool = False  # labels that the set lacks count as "not a symbol"
    limit: int | None = None  # only so many drawings, the first ones


@dataclass(frozen=True)
class Unread:
    """An entry that cannot be read as a labelled drawing, its place, and the reason."""

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
    """All entries of a file in order; ``notes`` are sentences."""

    count: int
    entries: Iterable[Entry | Unread]
    notes: tuple[str, ...] = ()
