"""PostgreSQL for web processes: no request waits without a bound, for a connection, for a lock or for a server that has stopped.

Readers and writers have connections of their own, so writers that wait for a lock leave readers theirs. A worker needs none of
this: its migrations, exports and runs may take as long as they take.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, TimeoutError

from functions.records.database import postgres_engine

CONNECT = 3  # seconds
PING = 2.0  # seconds that a connection has to show that it still works, before each use
MOMENT = 0.2  # seconds that a reader waits for the one that tries: a read takes some milliseconds


@dataclass(frozen=True)
class Bounds:
    """The most connections, and the seconds that a thread waits: for one of them, for a lock, and for a statement's end."""

    connections: int
    free: float
    lock: float
    statement: float


READS = Bounds(connections=7, free=3, lock=3, statement=8)  # a read takes some milliseconds, and holds a request's thread
WRITES = Bounds(connections=8, free=15, lock=10, statement=20)


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when its server does not answer within ``seconds``.

    The server cannot do this: where it has stopped, the system goes on accepting what is sent to it.
    """

    seconds = PING

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer; raise OperationalError if none comes in time."""
        seconds = self.seconds if timeout is None else timeout
        until = time.monotonic() + seconds
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError:
            if timeout is None and time.monotonic() >= until:
                self.close()  # the answer may still come, to whatever would be asked next
            raise


def bounded_engine(url: URL, bounds: Bounds) -> Engine:
    """Return an engine whose connections keep ``bounds``."""
    engine = postgres_engine(
        url,
        connect_timeout=CONNECT,
        pool_size=(bounds.connections + 1) // 2,
        max_overflow=bounds.connections // 2,
        pool_timeout=bounds.free,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, record: Any, arguments: Any, given: dict[str, Any]) -> BoundedConnection:
        return BoundedConnection.connect(*arguments, **given)

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, record: Any) -> None:
        # Not as options of the connection: poolers such as PgBouncer refuse those.
        for name, seconds in (("lock_timeout", bounds.lock), ("statement_timeout", bounds.statement)):
            connection.execute(f"SET {name} = {round(1000 * seconds)}")
        connection.commit()

    @event.listens_for(engine, "checkout")
    def _in_use(connection: Any, record: Any, proxy: Any) -> None:
        connection.seconds = bounds.statement + PING

    @event.listens_for(engine, "checkin")
    def _unused(connection: Any, record: Any) -> None:
        if connection is not None:
            connection.seconds = PING

    return engine


class Doubt:
    """Lets one thread at a time try what has just failed: the others are refused, and do not wait for the same failure."""

    def __init__(self) -> None:
        self._doubted = False
        self._alone = threading.RLock()

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Try; raise TimeoutError at once if the last try failed and another thread tries just now."""
        alone = self._doubted
        if alone and not self._alone.acquire(timeout=MOMENT):
            raise TimeoutError("The database does not answer.")
        try:
            yield
            self._doubted = False
        except (OperationalError, TimeoutError):
            self._doubted = True
            raise
        finally:
            if alone:
                self._alone.release()
