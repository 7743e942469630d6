"""The bound of the outbox: when too much waits for the object store, nothing more is accepted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.domain.problem import Problem
from functions.errors import OutboxFull
from functions.records.database import Database
from functions.records.tables import OutboxRow, now

LATE = timedelta(minutes=1)  # a store that works has an object within a second
SOONEST = 0.5  # seconds between two counts
SHARE = 20  # the time between two counts, in times that one takes: a count of a full outbox takes some tenths of a second


@dataclass(frozen=True)
class Depth:
    """What waits in the outbox: the number of rows, and the bytes of their objects."""

    rows: int = 0
    bytes: int = 0


def depth(session: Session) -> Depth:
    """Count what waits in the outbox, by an index alone."""
    rows, size = session.execute(select(func.count(), func.coalesce(func.sum(OutboxRow.size), 0))).one()
    return Depth(int(rows), int(size))


@dataclass(frozen=True)
class Waiting:
    """The object that has waited longest: for how long, and what the store said, which is for the owner: it may name settings."""

    minutes: int
    error: str


def longest_waiting(session: Session) -> Waiting | None:
    """Return the object that has waited longest if the store should have it by now, else None."""
    row = session.execute(select(OutboxRow.created, OutboxRow.error).order_by(OutboxRow.id).limit(1)).one_or_none()
    if row is None or (age := now() - row.created) < LATE:
        return None
    return Waiting(age // timedelta(minutes=1), row.error)


class OutboxRoom:
    """Tells whether the outbox has room; it is counted now and then, not for each request."""

    def __init__(self, rows: int, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = Depth(rows, size), clock
        self._depth, self._next = Depth(), clock()
        self._counting = threading.Lock()

    def check(self, database: Database) -> None:
        """Return if there is room.

        Raises:
            OutboxFull: too much waits for the object store.
            SQLAlchemyError: the database cannot be read.
        """
        if self._clock() >= self._next and self._counting.acquire(blocking=False):
            try:
                self._count(database)
            finally:
                self._counting.release()
        if self._depth.rows >= self._most.rows or self._depth.bytes >= self._most.bytes:
            raise OutboxFull(Problem("outbox_full"))

    def reasons(self, database: Database) -> list[str]:
        """Return a sentence if there is no room; raise SQLAlchemyError if the database cannot be read."""
        try:
            self.check(database)
        except OutboxFull as full:
            return [full.problem]
        return []

    def _count(self, database: Database) -> None:
        begun = self._clock()
        with database.reading() as session:
            self._depth = depth(session)
        ended = self._clock()
        self._next = ended + max(SOONEST, SHARE * (ended - begun))
