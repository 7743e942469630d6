"""The training set of a run: its samples with their squares, and the samples that are used beside them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from functions.records.label_counts import counts_by_label
from functions.records.snapshots import snapshot_id
from functions.records.training_samples import TEST_DIGITS, VALIDATION_DIGITS, ByContributor, Digits, TrainingSample
from functions.training.lanes import FULL, Lane
from functions.training.readiness import missing
from functions.training.refused_samples import NOTHING_REFUSED, RefusedSamples

NEWEST_LEARNED = 20_000  # learned samples among which a run draws the rehearsed ones: a few hundredths of a second at most
DIVIDED = 5_000  # validation or test squares of all labels that do not ship: as many as a shipped set has
OF_A_LABEL = 20, 400  # of each such label at least, and at most
PUT_OFF = 10_000  # idle samples that one run marks; the next run marks the others
# Squares by contributors of the validation or test split, at most: a fifth of the shipped ones, so that testing stays quick.
BY_PEOPLE = {"validation": 400, "test": 1_000}
AMONG = 4_000  # the newest samples of these contributors, among which squares are chosen: some milliseconds at most
OF_A_PERSON = 10  # squares of one label: a hundred squares by one contributor show no more
ENOUGH_HELD_OUT = 20  # squares of a label by contributors of a split; from then on all samples of other contributors are learned


@dataclass(frozen=True)
class UsedSamples:
    """The ids, in order, of the samples that a version used beside its training set.

    The ``rehearsed`` ones were learned before; those for ``validation`` and ``test`` are never learned. A full run has
    ``caught_up`` with the samples of quick runs.
    """

    rehearsed: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    caught_up: tuple[str, ...] = ()

    @property
    def apart(self) -> str:
        """The SHA-256 of the validation and test samples, as of a snapshot."""
        return snapshot_id([*self.validation, *self.test])


@dataclass(frozen=True)
class TrainingSet:
    """The samples of a run in order of their ids, and their squares (n, 28, 28) with the classes of ``labels``.

    ``labels`` are the labels that the version ``knew``, then the added ones.
    """

    knew: tuple[str, ...]
    labels: tuple[str, ...]
    samples: tuple[str, ...]
    given: tuple[str | None, ...]  # the samples' labels; None is "not a symbol"
    squares: TrainingSquares
    used: UsedSamples  # the samples of the earlier squares and of the held-out ones
    idle: tuple[str, ...]  # new samples that cannot be learned: their label waits, they are held out, or they cannot be read
    lacking: dict[str, int] = field(default_factory=dict)  # unknown labels, and the number of samples that each needs


def gather(
    session: Session,
    symbols: SymbolSet,
    knew: tuple[str, ...],
    lane: Lane,
    *,
    seed: int,
    refused: RefusedSamples = NOTHING_REFUSED,
    copies: AugmentedCopies | None = None,
) -> TrainingSet:
    """Read the training set of a run for a version that ``knew`` some labels of the set, or none.

    A quick run also tries the ``refused`` samples of earlier versions again, and leaves out those that were tried often enough.
    An unknown label is added as soon as it has enough samples. A first version waits until every label has.
    """
    lacking = missing(session, symbols, knew)
    added = tuple(label for label in symbols.labels if label not in knew and label not in lacking)
    if not knew and lacking:
        added = ()
    labels = knew + added
    reader = _Reader(session, symbols.name, labels, _unshipped(session, symbols, labels))
    apart = {split: reader.by_people(split) for split in BY_PEOPLE}
    divided = tuple(label for label in reader.unshipped if not all(_is_enough(people, label) for people in apart.values()))
    rows: Iterable[TrainingSample]
    if not labels:
        rows = []
    elif lane.relearns or not knew:
        rows = records.collected(session, symbols.name, FULL.samples, labels=labels, divided=divided)
    else:
        fresh = _untaught(session, symbols.name, lane, knew, divided, refused)
        rows = chain(fresh, *(records.of_label(session, symbols.name, one, lane.samples, divided=divided) for one in added))
    # Before the rows are read: a sample that is added meanwhile must not count as idle.
    waiting = records.idle(session, symbols.name, labels, divided, PUT_OFF)
    good, unreadable = _readable(rows)
    fine_tunes = lane.fine_tunes(knew)
    rehearsed = reader.rehearsed(good, knew, divided, seed) if fine_tunes else []
    validation = reader.held_out(apart["validation"], divided, VALIDATION_DIGITS)
    test = reader.held_out(apart["test"], divided, TEST_DIGITS)
    samples, new = _ids(good), squares(good, labels)
    copies = AugmentedCopies() if copies is None else copies
    return TrainingSet(
        knew=knew,
        labels=labels,
        samples=samples,
        given=tuple(sample.label for sample in good),
        squares=TrainingSquares(
            new,
            earlier=squares(rehearsed, labels) or None,
            held_out=HeldOut(squares(validation, labels), squares(test, labels)),
            augmented=augmented_by_strokes(session, samples, new.x, copies) if fine_tunes else None,
        ),
        used=UsedSamples(_ids(rehearsed), _ids(validation), _ids(test)),
        idle=(*waiting, *unreadable),
        lacking=lacking,
    )


def spread(people: Iterable[ByContributor], wanted: Mapping[str | None, int]) -> list[str]:
    """Choose as many samples of each label as are ``wanted``, at most ``OF_A_PERSON`` of them by one contributor. Pure.

    It stops reading when nothing is wanted any more.
    """
    left = {label: count for label, count in wanted.items() if count}
    of_person: Counter[tuple[str | None, str]] = Counter()
    chosen: list[str] = []
    for sample, label, contributor in people if left else ():
        if label in left and of_person[label, contributor] < OF_A_PERSON:
            of_person[label, contributor] += 1
            chosen.append(sample)
            left[label] -= 1
            if not left[label]:
                del left[label]
                if not left:
                    break
    return chosen


def squares(samples: Sequence[TrainingSample], labels: tuple[str, ...]) -> Squares:
    """Return the samples' squares; "not a symbol" is the class after the last label."""
    if not samples:
        return no_squares()
    places = {label: place for place, label in enumerate((*labels, None))}
    x = np.stack([sample.square for sample in samples if sample.square is not None])  # (n, 28, 28)
    return Squares(x, np.array([places[sample.label] for sample in samples], np.int64))


def augmented_by_strokes(session: Session, samples: Sequence[str], x: Pixels, copies: AugmentedCopies) -> Varied | None:
    """Return augmented copies of samples whose squares are ``x``."""
    drawn = records.strokes(session, samples) if copies_of_each(len(samples)) else {}
    return copies.of_all(x, [segments(drawn[sample]) if sample in drawn else None for sample in samples])


def _untaught(
    session: Session, set_name: str, lane: Lane, knew: tuple[str, ...], divided: tuple[str, ...], refused: RefusedSamples
) -> Iterator[TrainingSample]:
    """Yield the samples that no version has learned, and those that only this learner could not learn."""
    every = {
        sample.sample: sample
        for sample in chain(
            records.untaught(session, set_name, lane.samples, labels=knew, divided=divided),
            records.of_these(session, list(refused.again), labels=knew, divided=divided),
        )
    }
    yield from (sample for key, sample in every.items() if key not in refused.given_up)


def _unshipped(session: Session, symbols: SymbolSet, labels: tuple[str, ...]) -> tuple[str, ...]:
    originals = registry.original(session, symbols.name).values()
    shipped = {label for row in originals if row.original for label in row.labels}
    return tuple(label for label in labels if label not in shipped)


@dataclass(frozen=True)
class _Reader:
    """Reads samples of the ``labels`` of a set; no squares ship for the ``unshipped`` labels."""

    session: Session
    set_name: str
    labels: tuple[str, ...]
    unshipped: tuple[str, ...]

    def by_people(self, split: str) -> list[TrainingSample]:
        """Read samples of the contributors of a split."""

        def each(label: str | None) -> int:
            if label in self.unshipped:
                return self._each()
            return max(BY_PEOPLE[split] // (len(self.labels) + 1), 1) if label is None or label in self.labels else 0

        # Only of labels with samples: waiting for another one would read all of these samples.
        wanted = {label: each(label) for label in counts_by_label(self.session, self.set_name)}
        chosen = spread(records.by_contributor(self.session, self.set_name, split, AMONG), wanted)
        return _readable(records.by_id(self.session, chosen))[0]

    def rehearsed(
        self, new: list[TrainingSample], knew: tuple[str, ...], divided: tuple[str, ...], seed: int
    ) -> list[TrainingSample]:
        """Read learned samples of the labels that a version ``knew``, except the ``new`` ones."""
        rng = random.Random(seed)
        rows: list[Iterator[TrainingSample]] = [
            records.taught(self.session, self.set_name, NEWEST_LEARNED, lambda ids: rng.sample(ids, min(REMEMBERED, len(ids))))
        ]
        # Only these samples keep the accuracy on labels that do not ship.
        rows += [
            records.of_label(self.session, self.set_name, one, self._each(), divided=divided)
            for one in self.unshipped
            if one in knew
        ]
        learned_now = {sample.sample for sample in new}
        earlier = {sample.sample: sample for sample in chain(*rows) if sample.label is None or sample.label in knew}
        return _readable(sample for key, sample in earlier.items() if key not in learned_now)[0]

    def held_out(self, by_people: list[TrainingSample], divided: tuple[str, ...], digits: Digits) -> list[TrainingSample]:
        """Return the samples of a split: those ``by_people`` and those that ``digits`` hold out of the ``divided`` labels."""
        rows = (records.kept_apart(self.session, self.set_name, one, digits, self._each()) for one in divided)
        return sorted([*by_people, *_readable(chain(*rows))[0]], key=lambda sample: sample.sample)

    def _each(self) -> int:
        least, most = OF_A_LABEL
        return max(least, min(most, DIVIDED // len(self.unshipped)))


def _is_enough(people: Iterable[TrainingSample], label: str) -> bool:
    return sum(one.label == label for one in people) >= ENOUGH_HELD_OUT


def _ids(samples: Iterable[TrainingSample]) -> tuple[str, ...]:
    return tuple(sample.sample for sample in samples)


def _readable(rows: Iterable[TrainingSample]) -> tuple[list[TrainingSample], list[str]]:
    """Return the samples in order of their ids, and the ids of those that cannot be read."""
    rows = list(rows)
    good = sorted((sample for sample in rows if sample.square is not None), key=lambda sample: sample.sample)
    return good, [sample.sample for sample in rows if sample.square is None]
