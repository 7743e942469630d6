"""Bounded waits for something slow: a thread that waits gives its place to another request."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from functions.errors import StoreUnavailable, Unavailable
from functions.records.database import Database
from functions.store import Store

# Threads that may wait at once, of one sender and of all. A thread that waits costs little, and writers share commits. Pictures:
# a browser asks for six at once, and a bucket's client has 16 connections (store/s3.py).
WRITES, PICTURES = (96, 128), (12, 16)
EXPORTS = (1, 2)  # each computes for a second or two
sender_now: ContextVar[str] = ContextVar("sender_now", default="")  # whose request this thread answers


class Waits:
    """Counts the threads that wait, by kind; ``most`` has the bounds for one sender and for all. All calls are thread-safe."""

    def __init__(self, **most: tuple[int, int]) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._now: Counter[tuple[str, str]] = Counter()  # by kind and sender; "" for all

    @property
    def most(self) -> int:
        """How many threads may wait at the same time, of all kinds together."""
        return sum(of_all for _, of_all in self._most.values())

    @property
    def now(self) -> int:
        """How many threads wait now."""
        return sum(self._now[kind, ""] for kind in self._most)

    def begun(self) -> None:
        """Called when a wait has begun; a server replaces it to start another request."""

    @contextmanager
    def waiting(self, kind: str, refusal: Unavailable) -> Iterator[None]:
        """Count this thread as waiting, or raise ``refusal`` if too many wait already."""
        of_one, of_all = self._most[kind]
        mine, all_ = (kind, sender_now.get() or "nobody"), (kind, "")
        with self._lock:
            if self._now[mine] >= of_one or self._now[all_] >= of_all:
                raise refusal
            self._now.update((mine, all_))
        try:
            self.begun()
            yield
        finally:
            with self._lock:
                self._now.subtract((mine, all_))
                if not self._now[mine]:
                    del self._now[mine]


def request_waits() -> Waits:
    """Return the waits of a web process."""
    return Waits(write=WRITES, picture=PICTURES, export=EXPORTS)


@dataclass(frozen=True)
class WaitingDatabase(Database):
    """A database whose writing transactions are waits: they queue behind other writers."""

    waits: Waits = field(default_factory=request_waits)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction, or raise Unavailable if too many wait for one."""
        with self.waits.waiting("write", Unavailable("Too many wait for the database; try again.")), super().writing() as session:
            yield session


class WaitingStore:
    """A store whose reads are waits."""

    def __init__(self, store: Store, waits: Waits) -> None:
        self._store, self._waits = store, waits
        self.put, self.put_new, self.delete = store.put, store.put_new, store.delete
        self.put_pieces, self.size = store.put_pieces, store.size
        self.exists, self.keys, self.sha256 = store.exists, store.keys, store.sha256

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return bytes of an object, or raise StoreUnavailable if too many wait for the store."""
        with self._waits.waiting("picture", StoreUnavailable("Too many wait for the bucket; try again.")):
            return self._store.read(key, start, length)

    def get(self, key: str) -> bytes:
        """Return an object's bytes, or raise StoreUnavailable if too many wait for the store."""
        with self._waits.waiting("picture", StoreUnavailable("Too many wait for the bucket; try again.")):
            return self._store.get(key)
