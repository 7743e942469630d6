"""Waking workers. A bell, not a letter: what is to do stands in the database, and a bell that nobody hears costs a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey

from functions.settings import Settings

log = logging.getLogger(__name__)

NAME = "inkloop"
AT_MOST_EVERY = 0.2  # seconds between two bells for the outbox from one process; one drainer takes all that has gathered
SILENCE = 10.0  # seconds without another try after the queue did not answer: requests must not wait for it


class Wake(Protocol):
    """Tells workers that there is something to do. Never raises, and may be lost."""

    def outbox(self) -> None:
        """Objects wait for their way to the store."""

    def runs(self, delay: float) -> None:
        """A run waits, and is due in ``delay`` seconds."""


class FakeWake:
    """Remembers what it was told, for tests."""

    def __init__(self) -> None:
        self.outboxes = 0
        self.delays: list[float] = []

    def outbox(self) -> None:
        """Count one."""
        self.outboxes += 1

    def runs(self, delay: float) -> None:
        """Keep the delay."""
        self.delays.append(delay)


class HueyWake:
    """Wakes workers through Huey."""

    def __init__(self, open_queue: Callable[[], Huey]) -> None:
        self._open = open_queue
        self._bells: Bells | None = None
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._outbox_again = 0.0

    def outbox(self) -> None:
        """Ring for the outbox, unless this process just did."""
        if time.monotonic() < self._outbox_again:
            return
        self._outbox_again = time.monotonic() + AT_MOST_EVERY
        self._ring("outbox")

    def runs(self, delay: float) -> None:
        """Ring for the runs at once; the worker that hears it reads from the database when the next one is due."""
        self._ring("runs")

    def _ring(self, name: str) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            with self._lock:
                self._bells = self._bells or Bells(self._open())
            self._bells.ring(name)
        except Exception as error:  # whatever a queue's driver raises: a contribution never fails for a bell
            self._silent_until = time.monotonic() + SILENCE
            log.warning("The queue does not answer (%s); workers find their work by looking.", type(error).__name__)


class Bells:
    """The two tasks that both sides of the queue must know by name."""

    def __init__(self, queue: Huey, outbox: Callable[[], object] = bool, runs: Callable[[], object] = bool) -> None:
        self._tasks: dict[str, Any] = {
            "outbox": queue.task(name="outbox")(_calling(outbox)),
            "runs": queue.task(name="runs")(_calling(runs)),
        }

    def ring(self, name: str) -> None:
        """Put one bell into the queue."""
        self._tasks[name]()


def _calling(act: Callable[[], object]) -> Callable[[], None]:
    def rung() -> None:  # Huey knows a task by this module and its name
        act()

    return rung


def queue(settings: Settings) -> Huey:
    """Open the queue that the settings name: a SQLite file on one machine, Redis or PostgreSQL beyond."""
    url = settings.queue_url
    if url is None:
        # A bell that a power cut swallows is not missed, so the file need not be synchronised.
        return SqliteHuey(NAME, filename=str(settings.home / "queue.sqlite"), results=False, fsync=False, timeout=1)
    if url.startswith(("redis://", "rediss://")):
        from redis import ConnectionPool  # only for those who use it

        pool = ConnectionPool.from_url(url, socket_connect_timeout=1, socket_timeout=5)
        return RedisHuey(NAME, connection_pool=pool, results=False)
    return PostgresHuey(NAME, dsn=url, connect_timeout=2, table_prefix="inkloop_queue", results=False)
