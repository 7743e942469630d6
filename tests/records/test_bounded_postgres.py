"""Connections of web processes to PostgreSQL: nobody waits without a bound."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, TimeoutError

from functions.records import bounded_postgres
from functions.records.bounded_postgres import Bounds, Doubt, bounded_engine
from tests.support.stopped_postgres import stopped

QUICK = Bounds(connections=2, free=0.3, lock=0.3, statement=1.0)


@pytest.fixture
def engine(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(bounded_postgres, "PING", 1.0)
    made = bounded_engine(make_url(postgres_url), QUICK)
    yield made
    made.dispose()


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def one(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1"))


def test_a_lock_a_statement_and_a_free_connection_are_waited_for_within_bounds(engine: Engine) -> None:
    with engine.begin() as session:
        session.execute(text("CREATE TABLE things (id int)"))
    with engine.begin() as holder, engine.begin() as second:
        holder.execute(text("LOCK TABLE things IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            second.execute(text("SELECT * FROM things"))
        with pytest.raises(TimeoutError):
            one(engine)
    with engine.begin() as session, pytest.raises(OperationalError, match="statement timeout"):
        session.execute(text("SELECT pg_sleep(60)"))
    assert one(engine) == 1


def test_a_server_that_has_stopped_is_an_error_within_seconds(engine: Engine, postgres_url: str) -> None:
    with engine.connect() as in_use:
        in_use.execute(text("SELECT 1"))
        with stopped(postgres_url):

            def fail() -> None:
                with pytest.raises(OperationalError):
                    in_use.execute(text("SELECT 'late'"))
                with pytest.raises(OperationalError):
                    one(engine)

            assert seconds(fail) < 15
    assert one(engine) == 1


def test_while_a_failure_is_tried_again_the_others_do_not_wait_for_it() -> None:
    doubt, inside, go_on = Doubt(), threading.Event(), threading.Event()
    away = OperationalError("SELECT", None, Exception("away"))
    with pytest.raises(OperationalError), doubt.trying():
        raise away

    def try_again() -> None:
        with doubt.trying(), doubt.trying():  # the same thread may read within a read
            inside.set()
            assert go_on.wait(20)

    trying = threading.Thread(target=try_again)
    trying.start()
    assert inside.wait(20)

    def refused() -> None:
        with pytest.raises(TimeoutError), doubt.trying():
            pass

    assert seconds(refused) < 5
    go_on.set()
    trying.join()
    with doubt.trying(), doubt.trying():
        pass
