from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from functions.errors import OutboxFull
from functions.records import outbox
from functions.records.database import Database
from functions.records.outbox_room import Depth, OutboxRoom, Waiting, depth, longest_waiting
from functions.records.tables import OutboxRow, now
from tests.support.factories import sqlite
from tests.support.fake_store import FakeStore


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _send(database: Database, count: int, body: bytes = b"body", first: int = 0) -> None:
    with database.writing() as session:
        outbox.send(session, *(outbox.Object(f"a/{first + n}.png", body, "image/png") for n in range(count)))


def _depth(database: Database) -> Depth:
    with database.reading() as session:
        return depth(session)


def test_the_depth_is_what_waits(database: Database) -> None:
    assert _depth(database) == Depth(0, 0)
    _send(database, 3, b"12345")
    assert _depth(database) == Depth(3, 15)
    with database.writing() as session:
        outbox.remove(session, "a/1.png")
    assert _depth(database) == Depth(3, 10)
    outbox.drain(database, FakeStore())
    assert _depth(database) == Depth(0, 0)


@pytest.mark.parametrize("room", [OutboxRoom(10, 10**9), OutboxRoom(10**9, 40)])
def test_there_is_no_room_from_the_bound_on_until_something_was_delivered(database: Database, room: OutboxRoom) -> None:
    clock = room._clock = Clock()
    room._next = 0.0
    _send(database, 9)
    room.check(database)
    _send(database, 1, first=9)
    clock.now += 60
    for _ in range(3):
        with pytest.raises(OutboxFull, match="wait for the object store"):
            room.check(database)
    outbox.drain(database, FakeStore(), limit=1)
    clock.now += 60
    room.check(database)


def test_the_outbox_is_not_counted_for_each_request(database: Database) -> None:
    clock = Clock()
    room = OutboxRoom(10, 10**9, clock)
    room.check(database)
    _send(database, 20)
    threads = [threading.Thread(target=room.check, args=(database,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.check(database)  # half a second has not passed
    clock.now += 60
    with pytest.raises(OutboxFull):
        room.check(database)


def test_a_count_reads_an_index_and_no_object(tmp_path: Path) -> None:
    with sqlite(tmp_path).reading() as session:
        plan = session.execute(text("EXPLAIN QUERY PLAN SELECT count(*), sum(size) FROM outbox")).all()
    assert "COVERING INDEX ix_outbox_next_attempt_id" in str(plan)


def test_what_the_store_should_have_by_now_is_told_with_its_answer(database: Database) -> None:
    with database.reading() as session:
        assert longest_waiting(session) is None
    _send(database, 1)
    with database.writing() as session:
        assert longest_waiting(session) is None
        session.execute(update(OutboxRow).values(created=now() - timedelta(minutes=12, seconds=5), error="refused"))
    _send(database, 1, first=1)
    with database.reading() as session:
        assert longest_waiting(session) == Waiting(12, "refused")
