"""Bounded waits for something slow: a thread that waits gives its place to another request."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.orm import Session

from functions.errors import StoreUnavailable, TooManyWait, Unavailable
from functions.records.database import Database
from functions.registry import Artefacts
from functions.serving.live_models import LentNetwork, LiveModels
from functions.store import Store
from functions.web.security.addresses import site_of

if TYPE_CHECKING:
    from functions.records.bounded_postgres import Doubt

# Threads that may wait at once, of one site and of all. A thread that waits costs little, and writers share commits. Pictures:
# a browser asks for six at once, and a bucket's client has 16 connections (store/s3.py).
WRITES, PICTURES = (96, 128), (12, 16)
EXPORTS = (1, 2)  # each computes for a second or two
TURNS = (8, 16)  # readings and explanations: one computes at a time, up to a second, and the others wait for it
VERSIONS = (1, 2)  # each opens up to sixteen networks
COMPARISONS = (2, 4)  # one computes at a time, for a second
sender_now: ContextVar[str] = ContextVar("sender_now", default="")  # whose request this thread answers


class Waits:
    """Counts the threads that wait, by kind; ``most`` has the bounds for one site and for all. All calls are thread-safe."""

    def __init__(self, **most: tuple[int, int]) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._now: Counter[tuple[str, str]] = Counter()  # by kind and site; "" for all

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
        mine, all_ = (kind, site_of(sender_now.get()) or "nobody"), (kind, "")
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
    return Waits(write=WRITES, picture=PICTURES, export=EXPORTS, turn=TURNS, versions=VERSIONS, comparison=COMPARISONS)


@dataclass(frozen=True)
class WaitingDatabase(Database):
    """A database whose writing transactions are waits: they queue behind other writers."""

    waits: Waits = field(default_factory=request_waits)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction, or raise TooManyWait."""
        with self.waits.waiting("write", TooManyWait()), super().writing() as session:
            yield session

    def probing(self) -> Database:
        """Return the database without the bound of its waits."""
        return Database(self.engine, self.group_commit)


@dataclass(frozen=True)
class WaitingPostgres(WaitingDatabase):
    """PostgreSQL, whose writers have connections of their own and whose readers never wait for long."""

    writers: Database = field(kw_only=True)
    doubt: Doubt = field(kw_only=True)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction, or raise TooManyWait."""
        with self.waits.waiting("write", TooManyWait()), self.writers.writing() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads, or raise TimeoutError at once while the database answers nobody."""
        with self.doubt.trying(), super().reading() as session:
            yield session


def waiting_database(database: Database, waits: Waits) -> WaitingDatabase:
    """Return a web process's ``database``, with connections of its own on PostgreSQL."""
    if database.engine.dialect.name != "postgresql":
        return WaitingDatabase(database.engine, database.group_commit, waits)
    from functions.records.bounded_postgres import READS, WRITES, Doubt, bounded_engine  # the driver, which SQLite does not need

    readers, writers = (bounded_engine(database.engine.url, bounds) for bounds in (READS, WRITES))
    event.listen(readers, "engine_disposed", lambda engine: writers.dispose())
    return WaitingPostgres(readers, None, waits, writers=Database(writers), doubt=Doubt())


class WaitingModels(LiveModels):
    """Live networks that lend their CNN to one request at a time: a reading or an explanation asks it hundreds of times.

    Drawings have turns of their own (``web/api/parse_request.py``), so no prediction waits for a reading.
    """

    def __init__(self, database: Database, artefacts: Artefacts, waits: Waits) -> None:
        super().__init__(database, artefacts)
        self._waits = waits
        self._one_at_a_time = threading.Lock()

    @contextmanager
    def cnn(self, set_name: str) -> Iterator[LentNetwork]:
        """Lend the learned CNN, or raise Unavailable if too many wait for it; raises what ``LiveModels.cnn`` raises."""
        refusal = Unavailable("Too many drawings are read or explained here; try again in a moment.")
        with self._waits.waiting("turn", refusal), self._one_at_a_time, super().cnn(set_name) as network:
            yield network


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
