"""Wake-ups: a worker notices within a tenth of a second that another process created work.

PostgreSQL sends a notification to the worker's listening connection. SQLite has no notifications, but a connection can read in
microseconds whether another connection has written; the queries for work follow only then. Workers also query regularly
(``worker.loops``), so a lost notification only delays work.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from typing import Any, get_args

from functions.records.changes import CHANNEL, Work, Writes
from functions.records.database import Database

log = logging.getLogger(__name__)

EVERY = 0.1  # seconds between two questions to SQLite, and between two wake-ups: a burst of notifications is one
HEARING = 1.0  # seconds that a listening connection waits before it checks whether the worker stops
SOONEST, LATEST = 0.5, 10.0  # seconds between two tries to reach an unavailable database
ALL: Collection[Work] = get_args(Work)


def watch(database: Database, stop: threading.Event, on_work: Callable[[Work], None]) -> None:
    """Call ``on_work`` for each kind of work that may have been created, until ``stop``; retry while the database is away."""
    news = _notifications if database.engine.dialect.name == "postgresql" else _writes
    wait = SOONEST
    while not stop.is_set():
        try:
            for kinds in news(database, stop):
                for kind in kinds:
                    on_work(kind)
                wait = SOONEST
        except Exception as error:  # any driver's error: meanwhile the worker's regular queries find the work
            log.warning("The database sends no notifications (%s); next try in %.1f s.", type(error).__name__, wait)
            stop.wait(wait)
            wait = min(2 * wait, LATEST)


def _writes(database: Database, stop: threading.Event) -> Iterator[Collection[Work]]:
    """Yield whenever another connection has written, and at first: work may have been made while nobody watched."""
    writes = Writes(database)
    try:
        while not stop.is_set():
            if writes.any():
                yield ALL
            stop.wait(EVERY)
    finally:
        writes.close()


def _notifications(database: Database, stop: threading.Event) -> Iterator[Collection[Work]]:
    """Yield the kinds of work that transactions announced (``records.changes``)."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        listening: Any = connection.connection.driver_connection
        connection.detach()  # a connection that listens must not return to the pool
        listening.execute(f"LISTEN {CHANNEL}")
        yield ALL  # work may have been created before
        while not stop.is_set():
            heard = {notice.payload for notice in listening.notifies(timeout=HEARING, stop_after=1)}
            if heard:
                yield [kind for kind in ALL if kind in heard]
                stop.wait(EVERY)
