"""What a run learns from: the samples, as squares, and the name of the snapshot that they are."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from sqlalchemy.orm import Session

from functions import registry
from functions.learners.rehearsal import Apart
from functions.learners.squares import Squares, no_squares
from functions.records import lessons as records
from functions.records.lessons import CHOOSE, JUDGE, Digits, Lesson
from functions.symbols import SymbolSet

NEEDED = 30  # accepted samples of a label before it is learned for the first time: a few dozen, of which some only judge
MOST = {"learn": 2_000, "train": 60_000}  # samples, the newest: what 300 steps see once, and as many as MNIST has
REMEMBERED = 500  # squares of earlier visitors in the rehearsal, next to the shipped ones
LOOKED_AT = 20_000  # taught samples among which they are drawn: a few hundredths of a second however many there are
DIVIDED = 5_000  # squares of labels that do not ship, in each part: as many as a shipped part has
OF_A_LABEL = 20, 400  # of each such label at least, and at most
PASSED_OVER = 10_000  # samples that one run puts off; the next run does the rest
SHOWN = 40  # labels in a sentence: as many as most alphabets have


@dataclass(frozen=True)
class Lessons:
    """The samples of a run in order of their ids, and their squares (n, 28, 28) with the classes of ``labels``.

    ``labels`` are those that the version ``knew`` and then the ones it is to learn.
    """

    knew: tuple[str, ...]
    labels: tuple[str, ...]
    samples: tuple[str, ...]
    given: tuple[str | None, ...]  # the samples' labels; None is "not a symbol"
    squares: Squares
    rehearsed: Squares | None  # squares of earlier samples
    apart: Apart  # collected squares that do not teach
    idle: tuple[str, ...]  # samples that wait for their label, are kept apart or cannot be read, and were not looked at yet
    lacking: dict[str, int] = field(default_factory=dict)  # labels that nobody knows yet, and how many samples each needs

    @property
    def snapshot(self) -> str:
        """The SHA-256 of the sorted sample ids, one a line."""
        return hashlib.sha256("".join(f"{sample}\n" for sample in self.samples).encode()).hexdigest()


def gather(session: Session, symbols: SymbolSet, knew: tuple[str, ...], kind: str, *, seed: int) -> Lessons:
    """Read what a run of ``kind`` (learn or train) teaches a version that ``knew`` some labels of the set, or none.

    Labels that it did not know join as soon as they have samples enough; a first version waits until all of them have.
    """
    lacking = missing(session, symbols, knew)
    added = tuple(label for label in symbols.labels if label not in knew and label not in lacking)
    if not knew and lacking:
        added = ()
    labels = knew + added
    divided = _divided(session, symbols, labels)
    rows: Iterable[Lesson]
    if not labels:
        rows = []
    elif kind == "train" or not knew:
        rows = records.collected(session, symbols.name, MOST["train"], labels=labels, divided=divided)
    else:
        fresh = records.untaught(session, symbols.name, MOST["learn"], labels=knew, divided=divided)
        rows = chain(fresh, *(records.of_label(session, symbols.name, one, MOST["learn"]) for one in added))
    # Asked first: a sample that comes in meanwhile must not be taken for one that was looked at.
    waiting = records.idle(session, symbols.name, labels, divided, PASSED_OVER)
    good, unreadable = _sorted_out(rows)
    return Lessons(
        knew=knew,
        labels=labels,
        samples=tuple(lesson.sample for lesson in good),
        given=tuple(lesson.label for lesson in good),
        squares=_squares(good, labels),
        rehearsed=_rehearsed(session, symbols, good, knew, labels, divided, seed) if kind == "learn" and knew else None,
        apart=Apart(_kept(session, symbols, labels, divided, CHOOSE), _kept(session, symbols, labels, divided, JUDGE)),
        idle=(*waiting, *unreadable),
        lacking=lacking,
    )


def missing(session: Session, symbols: SymbolSet, knew: tuple[str, ...] | None = None) -> dict[str, int]:
    """Return how many accepted samples each label still needs that is not known and cannot be learned yet.

    Known are the labels in ``knew``; by default those that every live version knows.
    """
    if knew is None:
        live = [set(version.labels) for version in registry.live(session, symbols.name).values()]
        knew = tuple(set.intersection(*live)) if live else ()
    counts = {
        label: records.still_needed(session, symbols.name, label, NEEDED) for label in symbols.labels if label not in set(knew)
    }
    return {label: count for label, count in counts.items() if count}


def in_words(lacking: dict[str, int]) -> str:
    """Say what is missing: "А needs 12 more drawings, Б 3 more"; with many labels the first few, and how many there are."""
    shown = list(lacking.items())[:SHOWN]
    first, *rest = [
        f"{label} needs {count} more drawing{'s' if count > 1 else ''}" if place == 0 else f"{label} {count} more"
        for place, (label, count) in enumerate(shown)
    ]
    more = [f"and {len(lacking) - len(shown)} other labels some"] if len(lacking) > len(shown) else []
    return ", ".join([first, *rest, *more])


def _divided(session: Session, symbols: SymbolSet, labels: tuple[str, ...]) -> tuple[str, ...]:
    originals = registry.original(session, symbols.name).values()
    shipped = {label for row in originals if row.original for label in row.labels}
    return tuple(label for label in labels if label not in shipped)


def _rehearsed(
    session: Session,
    symbols: SymbolSet,
    new: list[Lesson],
    knew: tuple[str, ...],
    labels: tuple[str, ...],
    divided: tuple[str, ...],
    seed: int,
) -> Squares | None:
    rng = random.Random(seed)
    rows: list[Iterator[Lesson]] = [
        records.taught(session, symbols.name, LOOKED_AT, lambda ids: rng.sample(ids, min(REMEMBERED, len(ids))))
    ]
    # Nothing of these labels ships, so nothing else would keep a network right about them.
    rows += [records.of_label(session, symbols.name, one, _each(divided)) for one in divided if one in knew]
    earlier = {lesson.sample: lesson for lesson in chain(*rows) if lesson.label is None or lesson.label in knew}
    for lesson in new:
        earlier.pop(lesson.sample, None)
    return _squares(_sorted_out(earlier.values())[0], labels) or None


def _kept(session: Session, symbols: SymbolSet, labels: tuple[str, ...], divided: tuple[str, ...], digits: Digits) -> Squares:
    rows = chain(*(records.kept_apart(session, symbols.name, one, digits, _each(divided)) for one in divided))
    return _squares(_sorted_out(rows)[0], labels)


def _each(divided: Sequence[str]) -> int:
    fewest, most = OF_A_LABEL
    return max(fewest, min(most, DIVIDED // len(divided)))


def _sorted_out(rows: Iterable[Lesson]) -> tuple[list[Lesson], list[str]]:
    good, unreadable = [], []
    for lesson in rows:
        if lesson.square is not None:
            good.append(lesson)
        else:
            unreadable.append(lesson.sample)
    return sorted(good, key=lambda lesson: lesson.sample), unreadable


def _squares(lessons: list[Lesson], labels: tuple[str, ...]) -> Squares:
    """Return the lessons' squares; "not a symbol" is the class after the last label."""
    if not lessons:
        return no_squares()
    places: dict[str | None, int] = {label: place for place, label in enumerate(labels)}
    places[None] = len(labels)
    x = np.stack([lesson.square for lesson in lessons if lesson.square is not None])  # (n, 28, 28)
    return Squares(x, np.array([places[lesson.label] for lesson in lessons], np.int64))
