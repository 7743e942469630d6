"""Waiting for work: on both databases a worker notices at once what another process wrote."""

from __future__ import annotations

import threading
import time
from typing import get_args

import pytest
from sqlalchemy import text

from functions import jobs
from functions.jobs.wakeups import watch
from functions.records.changes import Work
from functions.records.database import open_database
from functions.records.outbox import Object, remove, send
from functions.records.tables import SymbolSetRow

SOON = 0.3  # seconds, within which a worker is to notice


class Watching:
    """A worker's watch in a thread, and what it noticed."""

    def __init__(self, database) -> None:
        self.noticed: dict[str, threading.Event] = {work: threading.Event() for work in get_args(Work)}
        self._stop = threading.Event()
        on_work = lambda work: self.noticed[work].set()  # noqa: E731
        self._thread = threading.Thread(target=watch, args=(database, self._stop, on_work), daemon=True)

    def __enter__(self):
        self._thread.start()
        for event in self.noticed.values():  # at the start anything may be there
            assert event.wait(10)
        time.sleep(0.15)
        self.clear()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def clear(self) -> None:
        for event in self.noticed.values():
            event.clear()


@pytest.fixture
def other(database):
    """The same database, opened by another process."""
    with database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=["1", "7"]))
    opened = open_database(database.engine.url.render_as_string(hide_password=False))
    yield opened
    opened.engine.dispose()


def request(database):
    with database.writing() as session:
        jobs.request(session, "digits", "learn")


def deliver(database):
    with database.writing() as session:
        send(session, Object("a.png", b"picture", "image/png"))


def test_a_requested_run_is_noticed(database, other):
    with Watching(database) as watching:
        request(other)
        assert watching.noticed["runs"].wait(SOON)


def test_what_is_promised_to_the_store_is_noticed(database, other):
    with Watching(database) as watching:
        deliver(other)
        assert watching.noticed["outbox"].wait(SOON)
        time.sleep(0.2)
        watching.clear()
        with other.writing() as session:
            remove(session, "a.png")
        assert watching.noticed["outbox"].wait(SOON)


def test_work_that_was_undone_or_only_read_wakes_nobody(database, other):
    with Watching(database) as watching:
        with pytest.raises(ZeroDivisionError), other.writing() as session:
            jobs.request(session, "digits", "learn")
            raise ZeroDivisionError
        with other.reading() as session:
            assert jobs.next_due(session) is None
        assert not watching.noticed["runs"].wait(SOON)
        assert not watching.noticed["outbox"].is_set()


def test_a_watch_outlives_a_restart_of_the_database(database, other):
    with Watching(database) as watching:
        if database.engine.dialect.name == "postgresql":  # SQLite has no server that could restart
            with other.engine.connect() as connection:
                gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN inkloop'"
                assert connection.execute(text(gone)).all() == [(True,)]
            assert watching.noticed["runs"].wait(10)  # what was missed meanwhile is looked for
            time.sleep(0.15)
            watching.clear()
        request(other)
        assert watching.noticed["runs"].wait(SOON)
