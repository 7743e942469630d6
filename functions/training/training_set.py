"""What a run learns from: the samples, as squares, and the name of the snapshot that they are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.drawing.strokes import segments
from functions.domain.symbols import SymbolSet
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.continual.rehearsal_batches import REMEMBERED
from functions.learners.squares import Pixels, Squares, Varied, no_squares
from functions.learners.squares.augmented_copies import AugmentedCopies, copies_of_each
from functions.learners.squares.sampling import HeldOut
from functions.records import training_samples as records
from functions.records.snapshots import snapshot_id
from functions.records.training_samples import TEST_DIGITS, VALIDATION_DIGITS, ByContributor, Digits, TrainingSample
from functions.training.lanes import FULL, Lane
from functions.training.readiness import missing

NEWEST_LEARNED = 20_000  # taught samples among which they are drawn: a few hundredths of a second however many there are
DIVIDED = 5_000  # squares of labels that do not ship, in each part: as many as a shipped part has
OF_A_LABEL = 20, 400  # of each such label at least, and at most
PUT_OFF = 10_000  # samples that one run marks as put off; the next run does the rest
# Squares of people who never teach, at most: a fifth of what ships to judge by, so that asking about them costs little more time.
BY_PEOPLE = {"validation": 400, "test": 1_000}
AMONG = 4_000  # samples of theirs among which those are looked for, the newest: some milliseconds however many there are
OF_A_PERSON = 10  # squares of one label: what one person draws a hundred times over says no more than that
ENOUGH_HELD_OUT = 20  # squares of a label by people who never teach, on either side: from then on samples of the others all teach


@dataclass(frozen=True)
class OtherSamples:
    """The ids of samples that a run used without learning them anew: rehearsed, for validation and for the test. In order."""

    rehearsed: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()

    @property
    def apart(self) -> str:
        """The SHA-256 of the validation and test samples, as of a snapshot."""
        return snapshot_id([*self.validation, *self.test])


@dataclass(frozen=True)
class TrainingSet:
    """The samples of a run in order of their ids, and their squares (n, 28, 28) with the classes of ``labels``.

    ``labels`` are those that the version ``knew`` and then the ones it is to learn.
    """

    knew: tuple[str, ...]
    labels: tuple[str, ...]
    samples: tuple[str, ...]
    given: tuple[str | None, ...]  # the samples' labels; None is "not a symbol"
    squares: TrainingSquares
    beside: OtherSamples  # the samples of the earlier squares and of those that are held out
    idle: tuple[str, ...]  # samples that wait for their label, are kept apart or cannot be read, and were not looked at yet
    lacking: dict[str, int] = field(default_factory=dict)  # labels that nobody knows yet, and how many samples each needs

    @property
    def snapshot(self) -> str:
        """The SHA-256 of the sorted sample ids, one a line."""
        return snapshot_id(self.samples)


def gather(
    session: Session, symbols: SymbolSet, knew: tuple[str, ...], lane: Lane, *, seed: int, copies: AugmentedCopies | None = None
) -> TrainingSet:
    """Read what a run of a lane teaches a version that ``knew`` some labels of the set, or none.

    Labels that it did not know join as soon as they have samples enough; a first version waits until all of them have.
    """
    lacking = missing(session, symbols, knew)
    added = tuple(label for label in symbols.labels if label not in knew and label not in lacking)
    if not knew and lacking:
        added = ()
    labels = knew + added
    unshipped = _unshipped(session, symbols, labels)
    apart = {split: _by_people(session, symbols, labels, unshipped, split) for split in BY_PEOPLE}
    divided = tuple(label for label in unshipped if not all(_is_enough(people, label) for people in apart.values()))
    rows: Iterable[TrainingSample]
    if not labels:
        rows = []
    elif lane.relearns or not knew:
        rows = records.collected(session, symbols.name, FULL.samples, labels=labels, divided=divided)
    else:
        fresh = records.untaught(session, symbols.name, lane.samples, labels=knew, divided=divided)
        rows = chain(fresh, *(records.of_label(session, symbols.name, one, lane.samples, divided=divided) for one in added))
    # Asked first: a sample that comes in meanwhile must not be taken for one that was looked at.
    waiting = records.idle(session, symbols.name, labels, divided, PUT_OFF)
    good, unreadable = _sorted_out(rows)
    rehearsed = _rehearsed(session, symbols, good, knew, unshipped, divided, seed) if lane.fine_tunes(knew) else []
    validation = _kept(session, symbols, apart["validation"], unshipped, divided, VALIDATION_DIGITS)
    test = _kept(session, symbols, apart["test"], unshipped, divided, TEST_DIGITS)
    samples, learned = _ids(good), squares(good, labels)
    return TrainingSet(
        knew=knew,
        labels=labels,
        samples=samples,
        given=tuple(sample.label for sample in good),
        squares=TrainingSquares(
            learned,
            earlier=squares(rehearsed, labels) or None,
            held_out=HeldOut(squares(validation, labels), squares(test, labels)),
            augmented=augmented_by_strokes(session, samples, learned.x, AugmentedCopies() if copies is None else copies)
            if lane.fine_tunes(knew)
            else None,
        ),
        beside=OtherSamples(_ids(rehearsed), _ids(validation), _ids(test)),
        idle=(*waiting, *unreadable),
        lacking=lacking,
    )


def spread(people: Iterable[ByContributor], each: Callable[[str | None], int]) -> list[str]:
    """Choose samples of ``people``, who come newest first: ``each(label)`` of a label, few of one person. Pure."""
    of_label: Counter[str | None] = Counter()
    of_person: Counter[tuple[str | None, str]] = Counter()
    chosen = []
    for one in people:
        if of_label[one.label] < each(one.label) and of_person[one.label, one.contributor] < OF_A_PERSON:
            of_label[one.label] += 1
            of_person[one.label, one.contributor] += 1
            chosen.append(one.sample)
    return chosen


def squares(samples: Sequence[TrainingSample], labels: tuple[str, ...]) -> Squares:
    """Return the samples' squares; "not a symbol" is the class after the last label."""
    if not samples:
        return no_squares()
    places: dict[str | None, int] = {label: place for place, label in enumerate(labels)}
    places[None] = len(labels)
    x = np.stack([sample.square for sample in samples if sample.square is not None])  # (n, 28, 28)
    return Squares(x, np.array([places[sample.label] for sample in samples], np.int64))


def augmented_by_strokes(session: Session, samples: Sequence[str], x: Pixels, copies: AugmentedCopies) -> Varied | None:
    """Return augmented copies of some samples, whose squares are ``x``."""
    drawn = records.strokes(session, samples) if copies_of_each(len(samples)) else {}
    return copies.of_all(x, [segments(drawn[sample]) if sample in drawn else None for sample in samples])


def _unshipped(session: Session, symbols: SymbolSet, labels: tuple[str, ...]) -> tuple[str, ...]:
    originals = registry.original(session, symbols.name).values()
    shipped = {label for row in originals if row.original for label in row.labels}
    return tuple(label for label in labels if label not in shipped)


def _by_people(
    session: Session, symbols: SymbolSet, labels: tuple[str, ...], unshipped: tuple[str, ...], split: str
) -> list[TrainingSample]:
    """Read samples of people who never teach."""

    def each(label: str | None) -> int:
        if label in unshipped:
            return _each(unshipped)
        return max(BY_PEOPLE[split] // (len(labels) + 1), 1) if label is None or label in labels else 0

    people = records.by_contributor(session, symbols.name, split, AMONG)
    return _sorted_out(records.by_id(session, spread(people, each)))[0]


def _is_enough(people: Iterable[TrainingSample], label: str) -> bool:
    return sum(one.label == label for one in people) >= ENOUGH_HELD_OUT


def _rehearsed(
    session: Session,
    symbols: SymbolSet,
    new: list[TrainingSample],
    knew: tuple[str, ...],
    unshipped: tuple[str, ...],
    divided: tuple[str, ...],
    seed: int,
) -> list[TrainingSample]:
    rng = random.Random(seed)
    rows: list[Iterator[TrainingSample]] = [
        records.taught(session, symbols.name, NEWEST_LEARNED, lambda ids: rng.sample(ids, min(REMEMBERED, len(ids))))
    ]
    # Nothing of these labels ships, so nothing else would keep a network right about them.
    rows += [records.of_label(session, symbols.name, one, _each(unshipped), divided=divided) for one in unshipped if one in knew]
    earlier = {sample.sample: sample for sample in chain(*rows) if sample.label is None or sample.label in knew}
    for sample in new:
        earlier.pop(sample.sample, None)
    return _sorted_out(earlier.values())[0]


def _kept(
    session: Session,
    symbols: SymbolSet,
    by_people: list[TrainingSample],
    unshipped: tuple[str, ...],
    divided: tuple[str, ...],
    digits: Digits,
) -> list[TrainingSample]:
    rows = chain(*(records.kept_apart(session, symbols.name, one, digits, _each(unshipped)) for one in divided))
    return sorted([*by_people, *_sorted_out(rows)[0]], key=lambda sample: sample.sample)


def _each(unshipped: Sequence[str]) -> int:
    fewest, most = OF_A_LABEL
    return max(fewest, min(most, DIVIDED // len(unshipped)))


def _ids(samples: Iterable[TrainingSample]) -> tuple[str, ...]:
    return tuple(sample.sample for sample in samples)


def _sorted_out(rows: Iterable[TrainingSample]) -> tuple[list[TrainingSample], list[str]]:
    good, unreadable = [], []
    for sample in rows:
        if sample.square is not None:
            good.append(sample)
        else:
            unreadable.append(sample.sample)
    return sorted(good, key=lambda sample: sample.sample), unreadable
