"""What may teach: accepted samples and their squares; and which of them are kept apart, to choose and to judge by.

People are on one side or the other (``functions.dataset.splits``).
What a sample's ``side`` says comes before everything here.

A label that ships comes with squares of its own to judge by. Any other label (``divided``), whoever defined the set, has nothing
until enough people who only judge have drawn it, and in a set of a few people there are none. Until then some of the samples of
those who teach are kept apart. The last digit of a sample's id decides: ids end in random digits that the server draws, so that
is as good as a hash, and a database can ask for it. Corrections always teach: somebody waits for them, and they are drawings that
the networks got wrong, which is no fair sample.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, true
from sqlalchemy.orm import Session

from functions.domain.drawing import Strokes, from_json
from functions.errors import Situation
from functions.records.drawings import read_strokes
from functions.records.tables import DrawingRow, Sample

# Written out, not bound: only so do the partial indexes ix_samples_untaught, _unseen and _apart serve the questions.
UNTAUGHT = text("samples.status = 'accepted' AND samples.taught_to IS NULL AND samples.split = 'train'")
UNSEEN = text("samples.status = 'accepted' AND samples.offered_to IS NULL AND (samples.split IS NULL OR samples.split = 'train')")
APART = text("samples.status = 'accepted' AND samples.split IN ('validation', 'test')")
TRAIN = text("samples.status = 'accepted' AND samples.split = 'train'")
Asked = Select[str, str | None, bytes]
Digits = tuple[str, ...]
MOST_STROKE_BYTES = 32_768  # bytes of kept strokes, some thousand points: whoever scribbles more must not keep a lesson waiting
A_FETCH = 1000  # rows at a time: a megabyte of compressed squares at most
TEST_DIGITS: Digits = ("0", "1", "2")  # three samples in sixteen, about a fifth, only judge
VALIDATION_DIGITS: Digits = ("3", "4", "5")  # as many choose how much is learned
FEWEST = 2  # samples of a label without which nothing can be said about it; of thirty there are fewer one time in sixty
TAUGHT = 10  # samples of a label without which there is nothing to learn; of thirty there are fewer one time in five hundred


class TrainingSample(NamedTuple):
    """One sample to learn from: its square as bytes (28, 28), 255 ink; None when what was kept cannot be read."""

    sample: str
    label: str | None  # None is "not a symbol"
    square: NDArray[np.uint8] | None


class ByContributor(NamedTuple):
    """A sample that is kept apart because of who drew it."""

    sample: str
    label: str | None
    contributor: str


def anything_unseen(session: Session, set_name: str) -> bool:
    """Tell whether a set has an accepted sample that no run has looked at."""
    return session.scalar(_unseen(set_name).limit(1)) is not None


def unseen(session: Session, set_name: str, limit: int) -> list[str]:
    """Return the newest ``limit`` accepted samples that no run has looked at and that may teach."""
    return list(session.scalars(_unseen(set_name).order_by(Sample.id.desc()).limit(limit)))


def idle(session: Session, set_name: str, labels: Sequence[str], divided: Sequence[str], limit: int) -> list[str]:
    """Return up to ``limit`` samples that no run has looked at and that teach nothing to a version of ``labels``.

    Their label waits until it can be learned, or they are kept apart. A version without labels learns nothing at all. Those whose
    side is not decided yet are left for the next run.
    """
    question = _unseen(set_name).where(Sample.split == "train").order_by(Sample.id).limit(limit)
    if labels:
        question = question.where(~and_(_wanted(labels), _may_teach(divided)))
    return list(session.scalars(question))


def untaught(
    session: Session, set_name: str, limit: int, *, labels: Sequence[str] | None = None, divided: Sequence[str] = ()
) -> Iterator[TrainingSample]:
    """Give the newest ``limit`` lessons that no live version has learned, newest first.

    ``labels`` says which ones are wanted, beside "not a symbol"; None are all. Of ``divided`` ones only those that may teach.
    """
    return _lessons(session, _question(set_name).where(UNTAUGHT, _wanted(labels), _may_teach(divided)), limit)


def collected(
    session: Session, set_name: str, limit: int, *, labels: Sequence[str] | None = None, divided: Sequence[str] = ()
) -> Iterator[TrainingSample]:
    """Give the newest ``limit`` lessons of a set, taught or not, newest first; ``labels`` and ``divided`` as in ``untaught``."""
    return _lessons(session, _question(set_name).where(TRAIN, _wanted(labels), _may_teach(divided)), limit)


def of_label(session: Session, set_name: str, label: str, limit: int, *, divided: Sequence[str] = ()) -> Iterator[TrainingSample]:
    """Give the newest ``limit`` lessons of a label that may teach, taught or not; ``divided`` as in ``untaught``."""
    of_it = _question(set_name).where(Sample.label == label, TRAIN, _may_teach(divided))
    return _lessons(session, of_it, limit)


def by_id(session: Session, samples: Sequence[str]) -> Iterator[TrainingSample]:
    """Give the lessons of some samples, whatever became of these; those that were deleted are left out."""
    for start in range(0, len(samples), A_FETCH):
        some = samples[start : start + A_FETCH]
        question = select(Sample.id, Sample.label, DrawingRow.square).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
        yield from _lessons(session, question.where(Sample.id.in_(some)), len(some))


def strokes(session: Session, samples: Sequence[str]) -> dict[str, Strokes]:
    """Return the strokes of some samples; a picture that was sent has none, and what cannot be read or is long is left out."""
    found = {}
    for start in range(0, len(samples), A_FETCH):
        some = Sample.id.in_(samples[start : start + A_FETCH])
        question = select(Sample.id, DrawingRow.strokes).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
        for sample, kept in session.execute(question.where(some, func.length(DrawingRow.strokes) <= MOST_STROKE_BYTES)):
            with suppress(zlib.error, ValueError, Situation):
                if kept is not None:
                    found[sample] = from_json(read_strokes(kept))
    return found


def by_contributor(session: Session, set_name: str, split: str, limit: int) -> list[ByContributor]:
    """Return the newest ``limit`` samples of a ``split`` (validation or test), newest first."""
    newest = select(Sample.id, Sample.label, Sample.contributor_id).where(
        Sample.set_name == set_name, APART, Sample.split == split
    )
    return [ByContributor(*row) for row in session.execute(newest.order_by(Sample.id.desc()).limit(limit))]


def kept_apart(session: Session, set_name: str, label: str, digits: Digits, limit: int) -> Iterator[TrainingSample]:
    """Give the oldest ``limit`` lessons of a divided label that are kept apart by ``digits``, so that they stay the same ones.

    One that was taught while the label was not divided by digits is none of them any more.
    """
    mine = _question(set_name).order_by(None).where(Sample.label == label, UNTAUGHT, _apart(digits))
    return _lessons(session, mine.order_by(Sample.id), limit)


def still_needed(session: Session, set_name: str, label: str, needed: int) -> int:
    """Return how many more accepted samples a label needs to be learned.

    ``needed`` in all, ``FEWEST`` of them to judge by and ``TAUGHT`` to teach. One whose side nobody has decided yet counts as if
    its author taught.
    """
    teaches = or_(Sample.split == "train", Sample.split.is_(None))

    def count(most: int, *which: ColumnElement[bool]) -> int:
        accepted = select(Sample.id).where(Sample.set_name == set_name, Sample.label == label, Sample.status == "accepted")
        # No more are counted than matter: the time must not grow with what was collected.
        return session.scalar(select(func.count()).select_from(accepted.where(*which).limit(most).subquery())) or 0

    judges = or_(Sample.split == "test", and_(teaches, _apart(TEST_DIGITS)))
    may_teach = and_(teaches, ~_apart(TEST_DIGITS + VALIDATION_DIGITS))
    return max(needed - count(needed), FEWEST - count(FEWEST, judges), TAUGHT - count(TAUGHT, may_teach), 0)


def taught(session: Session, set_name: str, limit: int, choose: Callable[[list[str]], list[str]]) -> Iterator[TrainingSample]:
    """Give those lessons that ``choose`` picks among the ids of the newest ``limit`` that a live version has learned."""
    learned = select(Sample.id).where(Sample.set_name == set_name, Sample.status == "accepted", Sample.taught_to.is_not(None))
    ids = choose(list(session.scalars(learned.order_by(Sample.id.desc()).limit(limit))))
    return by_id(session, ids)


def _unseen(set_name: str) -> Select[str]:
    return select(Sample.id).where(Sample.set_name == set_name, UNSEEN)


def _question(set_name: str) -> Asked:
    of_drawing = select(Sample.id, Sample.label, DrawingRow.square).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
    return of_drawing.where(Sample.set_name == set_name).order_by(Sample.id.desc())


def _wanted(labels: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if labels is None else or_(Sample.label.is_(None), Sample.label.in_(labels))


def _may_teach(divided: Sequence[str]) -> ColumnElement[bool]:
    if not divided:
        return true()
    return or_(Sample.label.is_(None), Sample.label.not_in(divided), ~_apart(TEST_DIGITS + VALIDATION_DIGITS))


def _apart(digits: Digits) -> ColumnElement[bool]:
    return and_(Sample.source != "correction", or_(*(Sample.id.endswith(digit) for digit in digits)))


def _lessons(session: Session, question: Asked, limit: int) -> Iterator[TrainingSample]:
    rows = session.execute(question.limit(limit).execution_options(yield_per=A_FETCH))
    return (TrainingSample(sample, label, _pixels(square)) for sample, label, square in rows)


def _pixels(square: bytes) -> NDArray[np.uint8] | None:
    try:
        return np.frombuffer(zlib.decompress(square), np.uint8).reshape(28, 28)
    except (zlib.error, ValueError):
        return None
