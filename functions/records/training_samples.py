"""Accepted samples with their squares: those to train on, and those held out for validation and test.

A sample's ``split`` follows from its contributor (``functions.dataset.splits``) and always has priority.

A shipped label has shipped squares for the test. Any other label is ``divided``: it has no test squares until enough test
contributors have drawn it, and a set with few contributors has none. Until then, some train samples of the label are held out.
The last digit of the sample's id decides: ids end in random digits of the server, which are as good as a hash and easy to query.
Corrections are never held out: a contributor waits for their effect, and drawings that the networks got wrong are a biased test.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select, text, true
from sqlalchemy.orm import Session

from functions.domain.drawing import Strokes, from_json
from functions.errors import Situation
from functions.records.database import batches, strings
from functions.records.drawings import read_strokes
from functions.records.tables import DrawingRow, Sample

# Literal SQL, not bound values: otherwise the partial indexes ix_samples_untaught, _unseen, _apart and _taught are not used.
UNTAUGHT = text("samples.status = 'accepted' AND samples.taught_to IS NULL AND samples.split = 'train'")
UNSEEN = text("samples.status = 'accepted' AND samples.offered_to IS NULL AND (samples.split IS NULL OR samples.split = 'train')")
APART = text("samples.status = 'accepted' AND samples.split IN ('validation', 'test')")
TAUGHT = text("samples.status = 'accepted' AND samples.taught_to IS NOT NULL")
TRAIN = text("samples.status = 'accepted' AND samples.split = 'train'")
Asked = Select[str, str | None, bytes]
Digits = tuple[str, ...]
MOST_STROKE_BYTES = 32_768  # compressed, some thousand points: a longer scribble must not delay a run
A_FETCH = 1000  # rows at a time: a megabyte of compressed squares at most
TEST_DIGITS: Digits = ("0", "1", "2")  # three samples in sixteen
VALIDATION_DIGITS: Digits = ("3", "4", "5")  # as many
FEWEST_TEST = 2  # test samples of a label; of thirty samples there are fewer one time in sixty
FEWEST_TRAIN = 10  # train samples of a label; of thirty samples there are fewer one time in five hundred


class TrainingSample(NamedTuple):
    """One sample to learn from: its square as bytes (28, 28), 255 ink; None where the stored square cannot be read."""

    sample: str
    label: str | None  # None is "not a symbol"
    square: NDArray[np.uint8] | None


class ByContributor(NamedTuple):
    """A sample of a validation or test contributor."""

    sample: str
    label: str | None
    contributor: str


def anything_unseen(session: Session, set_name: str) -> bool:
    """Tell whether a set has an accepted sample that no run has considered."""
    return session.scalar(_unseen(set_name).limit(1)) is not None


def unseen(session: Session, set_name: str, limit: int) -> list[str]:
    """Return the newest ``limit`` accepted samples that no run has considered, of train or without a split."""
    return list(session.scalars(_unseen(set_name).order_by(Sample.id.desc()).limit(limit)))


def idle(session: Session, set_name: str, labels: Sequence[str], divided: Sequence[str], limit: int) -> list[str]:
    """Return up to ``limit`` train samples that no run has considered and that a version of ``labels`` cannot be trained on.

    Their label cannot be learned yet, or they are held out. A version without labels learns nothing at all.
    """
    question = _unseen(set_name).where(Sample.split == "train").order_by(Sample.id).limit(limit)
    if labels:
        question = question.where(~and_(_wanted(labels), _not_held_out(divided)))
    return list(session.scalars(question))


def untaught(
    session: Session, set_name: str, limit: int, *, labels: Sequence[str] | None = None, divided: Sequence[str] = ()
) -> Iterator[TrainingSample]:
    """Yield the newest ``limit`` train samples that no live version has learned, newest first.

    ``labels`` selects labels, beside "not a symbol"; None selects all. Held-out samples of ``divided`` labels are left out.
    """
    return _samples(session, _question(set_name).where(UNTAUGHT, _wanted(labels), _not_held_out(divided)), limit)


def collected(
    session: Session, set_name: str, limit: int, *, labels: Sequence[str] | None = None, divided: Sequence[str] = ()
) -> Iterator[TrainingSample]:
    """Yield the newest ``limit`` train samples of a set, learned or not; ``labels`` and ``divided`` as in ``untaught``."""
    return _samples(session, _question(set_name).where(TRAIN, _wanted(labels), _not_held_out(divided)), limit)


def of_these(
    session: Session, samples: Sequence[str], *, labels: Sequence[str] | None = None, divided: Sequence[str] = ()
) -> Iterator[TrainingSample]:
    """Yield those of ``samples`` that are still train samples, newest first; ``labels`` and ``divided`` as in ``untaught``."""
    question = _WITH_SQUARE.where(TRAIN, _wanted(labels), _not_held_out(divided)).order_by(Sample.id.desc())
    for some in batches(sorted(samples, reverse=True), A_FETCH):
        yield from _samples(session, question.where(Sample.id.in_(some)), A_FETCH)


def of_label(session: Session, set_name: str, label: str, limit: int, *, divided: Sequence[str] = ()) -> Iterator[TrainingSample]:
    """Yield the newest ``limit`` train samples of a label, learned or not; ``divided`` as in ``untaught``."""
    return _samples(session, _question(set_name).where(Sample.label == label, TRAIN, _not_held_out(divided)), limit)


def by_id(session: Session, samples: Sequence[str]) -> Iterator[TrainingSample]:
    """Yield the samples with some ids, whatever their status; ids without a row are left out."""
    for some in batches(samples, A_FETCH):
        rows = session.connection().execute(_OF_IDS, {"ids": some})
        yield from map(_sample, rows.all())


def strokes(session: Session, samples: Sequence[str]) -> dict[str, Strokes]:
    """Return the strokes by sample; uploaded pictures, unreadable strokes and very long strokes are left out."""
    found = {}
    question = select(Sample.id, DrawingRow.strokes).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
    question = question.where(func.length(DrawingRow.strokes) <= MOST_STROKE_BYTES)
    for some in batches(samples, A_FETCH):
        for sample, kept in session.execute(question.where(Sample.id.in_(some))):
            with suppress(zlib.error, ValueError, Situation):
                if kept is not None:
                    found[sample] = from_json(read_strokes(kept))
    return found


def by_contributor(session: Session, set_name: str, split: str, limit: int) -> Iterator[ByContributor]:
    """Yield the newest ``limit`` samples of a ``split`` (validation or test), newest first."""
    newest = select(Sample.id, Sample.label, Sample.contributor_id).where(
        Sample.set_name == set_name, APART, Sample.split == split
    )
    question = newest.order_by(Sample.id.desc()).limit(limit).execution_options(yield_per=A_FETCH)
    with session.connection().execute(question) as rows:
        yield from map(ByContributor._make, rows)


def kept_apart(session: Session, set_name: str, label: str, digits: Digits, limit: int) -> Iterator[TrainingSample]:
    """Yield the oldest ``limit`` samples of a divided label that are held out by ``digits``; the oldest never change.

    A sample that was learned before the label was divided is not among them.
    """
    held_out = _question(set_name).order_by(None).where(Sample.label == label, UNTAUGHT, _held_out(digits))
    return _samples(session, held_out.order_by(Sample.id), limit)


def still_needed(session: Session, set_name: str, label: str, needed: int) -> int:
    """Return how many more accepted samples a label needs before it can be learned.

    It needs ``needed`` in all, ``FEWEST_TEST`` for the test and ``FEWEST_TRAIN`` for training. A sample without a split counts as
    a train sample.
    """
    in_train = or_(Sample.split == "train", Sample.split.is_(None))

    def lacking(wanted: int, *which: ColumnElement[bool]) -> int:
        accepted = select(Sample.id).where(Sample.set_name == set_name, Sample.label == label, Sample.status == "accepted")
        # The count stops at ``wanted``: the time must not grow with the number of samples.
        return wanted - (session.scalar(select(func.count()).select_from(accepted.where(*which).limit(wanted).subquery())) or 0)

    test = or_(Sample.split == "test", and_(in_train, _held_out(TEST_DIGITS)))
    train = and_(in_train, ~_held_out(TEST_DIGITS + VALIDATION_DIGITS))
    return max(lacking(needed), lacking(FEWEST_TEST, test), lacking(FEWEST_TRAIN, train), 0)


def taught(session: Session, set_name: str, limit: int, choose: Callable[[list[str]], list[str]]) -> Iterator[TrainingSample]:
    """Yield the samples that ``choose`` selects among the ids of the newest ``limit`` that a live version has learned."""
    learned = select(Sample.id).where(Sample.set_name == set_name, TAUGHT)
    return by_id(session, choose(strings(session, learned.order_by(Sample.id.desc()).limit(limit))))


def _unseen(set_name: str) -> Select[str]:
    return select(Sample.id).where(Sample.set_name == set_name, UNSEEN)


_WITH_SQUARE = select(Sample.id, Sample.label, DrawingRow.square).join(DrawingRow, DrawingRow.id == Sample.drawing_id)

_OF_IDS = _WITH_SQUARE.where(Sample.id.in_(bindparam("ids", expanding=True)))


def _question(set_name: str) -> Asked:
    return _WITH_SQUARE.where(Sample.set_name == set_name).order_by(Sample.id.desc())


def _wanted(labels: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if labels is None else or_(Sample.label.is_(None), Sample.label.in_(labels))


def _not_held_out(divided: Sequence[str]) -> ColumnElement[bool]:
    if not divided:
        return true()
    return or_(Sample.label.is_(None), Sample.label.not_in(divided), ~_held_out(TEST_DIGITS + VALIDATION_DIGITS))


def _held_out(digits: Digits) -> ColumnElement[bool]:
    return and_(Sample.source != "correction", or_(*(Sample.id.endswith(digit) for digit in digits)))


def _samples(session: Session, question: Asked, limit: int) -> Iterator[TrainingSample]:
    rows = session.connection().execute(question.limit(limit).execution_options(yield_per=A_FETCH))
    return map(_sample, rows)


def _sample(row: Row[str, str | None, bytes]) -> TrainingSample:
    return TrainingSample(row[0], row[1], _pixels(row[2]))


def _pixels(square: bytes) -> NDArray[np.uint8] | None:
    try:
        return np.frombuffer(zlib.decompress(square), np.uint8).reshape(28, 28)
    except (zlib.error, ValueError):
        return None
