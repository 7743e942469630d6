"""What a run learns from: the samples, as squares, and the name of the snapshot that they are."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from functions.learners.squares import Squares, no_squares
from functions.records.lessons import Lesson, collected, taught, untaught
from functions.symbols import SymbolSet

MOST = {"learn": 2_000, "train": 60_000}  # samples, the newest: what 300 steps see once, and as many as MNIST has
REMEMBERED = 500  # squares of earlier visitors in the rehearsal, next to the shipped ones
LOOKED_AT = 20_000  # taught samples among which they are drawn: a few hundredths of a second however many there are


@dataclass(frozen=True)
class Lessons:
    """The samples of a run in order of their ids, their squares (n, 28, 28), and squares of earlier ones to rehearse."""

    samples: tuple[str, ...]
    labels: tuple[str, ...]
    squares: Squares
    rehearsed: Squares | None
    unreadable: tuple[str, ...]  # samples whose square or label no network can learn

    @property
    def snapshot(self) -> str:
        """The SHA-256 of the sorted sample ids, one a line."""
        return hashlib.sha256("".join(f"{sample}\n" for sample in self.samples).encode()).hexdigest()


def gather(session: Session, symbols: SymbolSet, kind: str, *, seed: int) -> Lessons:
    """Read what a run of ``kind`` (learn or train) learns from."""
    rows = untaught(session, symbols.name, MOST[kind]) if kind == "learn" else collected(session, symbols.name, MOST[kind])
    good, unreadable = _sorted_out(rows, symbols)
    rehearsed = None
    if kind == "learn":
        earlier = taught(session, symbols.name, LOOKED_AT, lambda ids: random.Random(seed).sample(ids, min(REMEMBERED, len(ids))))
        rehearsed = _squares(_sorted_out(earlier, symbols)[0], symbols) or None
    return Lessons(
        samples=tuple(lesson.sample for lesson in good),
        labels=tuple(lesson.label for lesson in good),
        squares=_squares(good, symbols),
        rehearsed=rehearsed,
        unreadable=tuple(unreadable),
    )


def _sorted_out(rows: Iterable[Lesson], symbols: SymbolSet) -> tuple[list[Lesson], list[str]]:
    good, unreadable = [], []
    for lesson in rows:
        if lesson.square is not None and lesson.label in symbols.labels:
            good.append(lesson)
        else:
            unreadable.append(lesson.sample)
    return sorted(good, key=lambda lesson: lesson.sample), unreadable


def _squares(lessons: list[Lesson], symbols: SymbolSet) -> Squares:
    if not lessons:
        return no_squares()
    x = np.stack([lesson.square for lesson in lessons if lesson.square is not None])  # (n, 28, 28)
    return Squares(x, np.array([symbols.index(lesson.label) for lesson in lessons], np.int64))
