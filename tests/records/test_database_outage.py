"""A database that is away is waited for."""

from __future__ import annotations

import logging
import threading

import pytest
from sqlalchemy.exc import OperationalError

from functions.errors import BadSettings
from functions.records.database_outage import outlast
from functions.store.outage_log import OutageLog

log = logging.getLogger("inkloop.test")


class Waits(threading.Event):
    """Notes how long it is waited for, and does not wait; it is set after ``most`` waits."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        """Note a wait."""
        self.seconds.append(timeout or 0.0)
        if len(self.seconds) >= self._most:
            self.set()
        return self.is_set()


def away(times: int, said: str = "connection refused"):
    """Return a function that fails so many times."""
    left = [OperationalError("", {}, Exception(said))] * times

    def attempt() -> str:
        if left:
            raise left.pop()
        return "opened"

    return attempt


def test_it_is_tried_again_less_often_and_told_once(caplog):
    stop = Waits()
    assert outlast(away(6), OutageLog(log), stop) == "opened"
    assert stop.seconds == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    first, last = (record.getMessage() for record in caplog.records)
    assert first == "The database cannot be used: The database at DATABASE_URL does not answer (connection refused)."
    assert last.startswith("The database can be used again")


def test_a_database_that_answers_at_once_is_no_outage(caplog):
    assert outlast(away(0), OutageLog(log), threading.Event()) == "opened"
    assert caplog.records == []


def test_a_refusal_is_not_waited_for():
    with pytest.raises(BadSettings, match="password"):
        outlast(away(1, "password authentication failed for user"), OutageLog(log), threading.Event())


def test_who_is_stopped_waits_no_longer():
    assert outlast(away(9), OutageLog(log), Waits(2)) is None


def test_patience_has_an_end():
    with pytest.raises(OperationalError):
        outlast(away(9), OutageLog(log), threading.Event(), patience=0.01)
