"""What may teach: accepted samples with a label, and their squares."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from functions.records.tables import DrawingRow, Sample

# Written out, not bound: only so does the partial index ix_samples_untaught serve the question.
UNTAUGHT = text("samples.status = 'accepted' AND samples.taught_to IS NULL")
Asked = Select[str, str | None, bytes]
A_FETCH = 1000  # rows at a time: a megabyte of compressed squares at most


class Lesson(NamedTuple):
    """One sample to learn from: its square as bytes (28, 28), 255 ink; None when what was kept cannot be read."""

    sample: str
    label: str
    square: NDArray[np.uint8] | None


def anything_unseen(session: Session, set_name: str) -> bool:
    """Tell whether a set has an accepted, labelled sample that no run has looked at."""
    question = select(Sample.id).where(Sample.set_name == set_name, UNTAUGHT, Sample.label.is_not(None))
    return session.scalar(question.where(Sample.offered_to.is_(None)).limit(1)) is not None


def untaught(session: Session, set_name: str, limit: int) -> Iterator[Lesson]:
    """Give the newest ``limit`` lessons that no live version has learned, newest first."""
    return _lessons(session, _question(set_name).where(UNTAUGHT), limit)


def collected(session: Session, set_name: str, limit: int) -> Iterator[Lesson]:
    """Give the newest ``limit`` lessons of a set, taught or not, newest first."""
    return _lessons(session, _question(set_name).where(Sample.status == "accepted"), limit)


def taught(session: Session, set_name: str, limit: int, choose: Callable[[list[str]], list[str]]) -> Iterator[Lesson]:
    """Give those lessons that ``choose`` picks among the ids of the newest ``limit`` that a live version has learned."""
    learned = select(Sample.id).where(Sample.set_name == set_name, Sample.status == "accepted", Sample.taught_to.is_not(None))
    ids = choose(list(session.scalars(learned.order_by(Sample.id.desc()).limit(limit))))
    return _lessons(session, _question(set_name).where(Sample.id.in_(ids)), len(ids))


def _question(set_name: str) -> Asked:
    of_drawing = select(Sample.id, Sample.label, DrawingRow.square).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
    return of_drawing.where(Sample.set_name == set_name, Sample.label.is_not(None)).order_by(Sample.id.desc())


def _lessons(session: Session, question: Asked, limit: int) -> Iterator[Lesson]:
    rows = session.execute(question.limit(limit).execution_options(yield_per=A_FETCH))
    return (Lesson(sample, label, _pixels(square)) for sample, label, square in rows if label is not None)


def _pixels(square: bytes) -> NDArray[np.uint8] | None:
    try:
        return np.frombuffer(zlib.decompress(square), np.uint8).reshape(28, 28)
    except (zlib.error, ValueError):
        return None
