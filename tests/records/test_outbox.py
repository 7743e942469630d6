from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from functions.records import outbox
from functions.records.database import Database, open_database
from functions.records.tables import OutboxRow, now
from functions.store import FolderStore, Store
from functions.store.outage_log import OutageLog
from tests.support.fake_store import FakeStore, LyingStore


def _send(database: Database, *keys: str, body: bytes = b"body") -> None:
    with database.writing() as session:
        for key in keys:
            outbox.send(session, outbox.Object(key, body, "image/png"))


def _remove(database: Database, *keys: str) -> None:
    with database.writing() as session:
        for key in keys:
            outbox.remove(session, key)


def _rows(database: Database) -> list[OutboxRow]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def _make_due(database: Database) -> None:
    """Let all waiting and all claims be over."""
    with database.writing() as session:
        session.execute(update(OutboxRow).values(next_attempt=now() - timedelta(seconds=1)))


def test_what_was_sent_arrives_and_waits_no_longer(database: Database, store: Store) -> None:
    _send(database, "samples/digits/7/1.png", "samples/digits/7/1.json")
    assert outbox.drain(database, store) == 2
    assert store.get("samples/digits/7/1.png") == b"body"
    assert _rows(database) == []
    assert outbox.drain(database, store) == 0


def test_a_worker_without_deliveries_does_not_stand_in_the_way_of_writers(database: Database, store: Store) -> None:
    ended = threading.Event()
    with database.writing():  # SQLite has one writer at a time: a drain that wanted to write would wait for this block
        drainer = threading.Thread(target=lambda: (outbox.drain(database, store), ended.set()))
        drainer.start()
        assert ended.wait(5.0)
    drainer.join()


def test_what_was_rolled_back_is_never_delivered(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        outbox.send(session, outbox.Object("a/1.png", b"1", "image/png"))
        raise RuntimeError
    assert outbox.drain(database, FakeStore()) == 0


def test_waiting_bytes_can_be_read_until_they_are_delivered(database: Database) -> None:
    _send(database, "a/1.png", body=b"first")
    _send(database, "a/1.png", body=b"second")
    with database.reading() as session:
        assert outbox.waiting(session, "a/1.png") == b"second"
        assert outbox.waiting(session, "a/2.png") is None
    outbox.drain(database, FakeStore())
    with database.reading() as session:
        assert outbox.waiting(session, "a/1.png") is None


def test_the_last_of_two_bodies_stays(database: Database) -> None:
    store = FakeStore()
    _send(database, "a/1.png", body=b"first")
    _send(database, "a/1.png", body=b"second")
    assert outbox.drain(database, store) == 2
    assert store.objects == {"a/1.png": b"second"}


def test_a_picture_is_there_before_its_facts(database: Database) -> None:
    store = FakeStore()
    for number in range(25):
        _send(database, f"a/{number}.png", f"a/{number}.json")
    outbox.drain(database, store)
    assert len(store.objects) == 50
    for number in range(25):
        assert store.calls.index(("put", f"a/{number}.png")) < store.calls.index(("put", f"a/{number}.json"))


def test_facts_wait_while_their_picture_cannot_be_delivered(database: Database) -> None:
    store = FakeStore()

    def refuse(call: str, key: str) -> None:
        if key == "a/1.png":
            raise ValueError("this one is broken")

    store.before = refuse
    _send(database, "a/1.png", "a/1.json", "a/2.png", "a/2.json")
    assert outbox.drain(database, store) == 2
    assert sorted(store.objects) == ["a/2.json", "a/2.png"]
    assert [row.key for row in _rows(database)] == ["a/1.png", "a/1.json"]
    assert "this one is broken" in _rows(database)[0].error


def test_a_store_that_is_down_loses_nothing_and_is_asked_a_few_times_a_drain(database: Database) -> None:
    store = FakeStore()
    store.down = True
    _send(database, *(f"a/{number}.png" for number in range(30)))
    assert outbox.drain(database, store) == 0
    assert 1 <= len(store.calls) <= outbox.DELIVERERS
    assert len(_rows(database)) == 30
    store.down = False
    _make_due(database)
    assert outbox.drain(database, store) == 30
    assert len(store.objects) == 30


def _waits(database: Database, store: Store, times: int) -> list[float]:
    waits = []
    for _ in range(times):
        _make_due(database)
        before = now()
        assert outbox.drain(database, store) == 0
        waits.append((_rows(database)[0].next_attempt - before).total_seconds())
    return waits


def test_an_outage_makes_rows_wait_seconds_however_long_it_lasts(database: Database) -> None:
    store = FakeStore()
    store.down = True
    _send(database, "a/1.png")
    waits = _waits(database, store, 12)
    assert 2 <= waits[0] < waits[2]
    assert max(waits) < 15
    assert outbox.drain(database, store) == 0
    assert len(store.calls) == 12  # not asked again before its time


def test_an_object_that_is_refused_for_itself_waits_longer_each_time(database: Database) -> None:
    store = FakeStore()

    def refuse(call: str, key: str) -> None:
        raise ValueError("this one is broken")

    store.before = refuse
    _send(database, "a/1.png")
    waits = _waits(database, store, 9)
    assert waits[0] >= 2
    assert waits[5] >= 64
    assert max(waits) <= 450


def test_whatever_waited_through_an_outage_is_delivered_seconds_after_it(database: Database) -> None:
    store = FakeStore()
    store.down = True
    _send(database, *(f"a/{number:03}.{ending}" for number in range(100) for ending in ("png", "json")))
    for _ in range(40):  # rounds of an outage, each with every row due
        _make_due(database)
        outbox.drain(database, store)
    store.down = False
    with database.writing() as session:  # fifteen seconds later
        for row in session.scalars(select(OutboxRow)):
            row.next_attempt -= timedelta(seconds=15)
    while outbox.drain(database, store):
        pass
    assert len(store.objects) == 200
    assert _rows(database) == []


def test_rows_that_were_not_tried_are_due_at_once_when_the_store_is_back(database: Database) -> None:
    store = FakeStore()
    store.down = True
    _send(database, *(f"a/{number:03}.png" for number in range(50)))
    outbox.drain(database, store)
    tried = len(store.calls)
    store.down = False
    assert outbox.drain(database, store) == 50 - tried
    assert [row.attempts for row in _rows(database)] == [1] * tried


def test_puts_that_are_acknowledged_and_not_stored_are_repeated(database: Database, store: Store) -> None:
    _send(database, *(f"a/{number}.{ending}" for number in range(3) for ending in ("png", "json")))
    lying = LyingStore(store, lies=7)
    while _rows(database):
        _make_due(database)
        outbox.drain(database, lying)
    assert lying.lies == 0
    assert len(list(store.keys("a/"))) == 6


def test_a_body_that_is_stored_cut_is_put_again(database: Database, store: Store) -> None:
    _send(database, "a/1.png", body=b"a whole body")
    lying = LyingStore(store, lies=2, keeps=4)
    assert outbox.drain(database, lying) == 0
    assert store.get("a/1.png") == b"a wh"
    while _rows(database):
        _make_due(database)
        outbox.drain(database, lying)
    assert store.get("a/1.png") == b"a whole body"


def test_a_delete_that_is_acknowledged_and_not_done_is_repeated(database: Database, store: Store) -> None:
    store.put("a/1.png", b"body", "image/png")
    _remove(database, "a/1.png")
    lying = LyingStore(store, lies=2)
    for _ in range(3):
        _make_due(database)
        outbox.drain(database, lying)
    assert list(store.keys("")) == []


def test_the_log_tells_of_an_outage_once_and_of_its_end(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    store, outages = FakeStore(), OutageLog(logging.getLogger("a test"))
    store.down = True
    _send(database, *(f"a/{number}.png" for number in range(20)))
    for _ in range(10):
        _make_due(database)
        outbox.drain(database, store, outages=outages)
    assert [record.message for record in caplog.records] == [
        "The object store cannot be used: The store is down. Drawings wait in the database."
    ]
    store.down = False
    _make_due(database)
    outbox.drain(database, store, outages=outages)
    assert caplog.records[-1].message.startswith("The object store can be used again")


def test_a_drain_delivers_no_more_than_it_was_asked_to(database: Database) -> None:
    store = FakeStore()
    _send(database, *(f"a/{number:02}.png" for number in range(30)))
    assert outbox.drain(database, store, limit=12) == 12
    assert len(store.objects) == 12
    assert min(store.objects) == "a/00.png"


def test_removing_deletes_what_was_delivered(database: Database, store: Store) -> None:
    _send(database, "a/1.png")
    outbox.drain(database, store)
    _remove(database, "a/1.png")
    assert outbox.drain(database, store) == 1
    assert list(store.keys("")) == []
    assert _rows(database) == []


def test_removing_forgets_waiting_bytes_at_once_and_never_puts_them(database: Database) -> None:
    store = FakeStore()
    _send(database, "a/1.png")
    _remove(database, "a/1.png")
    assert [row.body for row in _rows(database)] == [None]
    outbox.drain(database, store)
    assert store.calls == [("delete", "a/1.png")]


def test_removing_twice_is_the_same_as_once(database: Database) -> None:
    _remove(database, "a/1.png")
    _remove(database, "a/1.png")
    assert len(_rows(database)) == 1


def test_what_is_sent_after_a_removal_stays(database: Database) -> None:
    store = FakeStore()
    _remove(database, "a/1.png")
    _send(database, "a/1.png", body=b"again")
    outbox.drain(database, store)
    assert store.objects == {"a/1.png": b"again"}


def test_removing_while_the_put_is_under_way_leaves_no_orphan(database: Database) -> None:
    store = FakeStore()

    def withdraw(call: str, key: str) -> None:
        if call == "put":
            _remove(database, "a/1.png", "a/1.json")

    _send(database, "a/1.png", "a/1.json")
    store.before = withdraw
    outbox.drain(database, store)
    outbox.drain(database, store)
    assert store.objects == {}
    assert _rows(database) == []


def test_sending_while_the_delete_is_under_way_leaves_the_object(database: Database) -> None:
    store = FakeStore()

    def send(call: str, key: str) -> None:
        if call == "delete":
            _send(database, "a/1.png", body=b"again")

    _remove(database, "a/1.png")
    store.before = send
    while outbox.drain(database, store):
        pass
    assert store.objects == {"a/1.png": b"again"}
    assert _rows(database) == []


def test_no_transaction_is_open_while_the_store_works(database: Database) -> None:
    store = FakeStore()
    store.before = lambda call, key: _send(database, "other/1.png") if key == "a/1.png" else None
    _send(database, "a/1.png")
    assert outbox.drain(database, store) == 2  # on SQLite an open transaction would have kept the sender waiting


def test_a_drainer_that_died_between_put_and_report_is_repeated_harmlessly(database: Database) -> None:
    store = FakeStore()

    class Killed(BaseException):
        pass

    def die(call: str, key: str) -> None:
        if key == "a/2.png":
            raise Killed

    _send(database, "a/1.png", "a/2.png")
    store.before = die
    with pytest.raises(Killed):
        outbox.drain(database, store)
    store.before = lambda call, key: None
    assert outbox.drain(database, store) == 0  # the dead drainer's claim still holds
    _make_due(database)
    assert outbox.drain(database, store) == 2
    assert store.objects == {"a/1.png": b"body", "a/2.png": b"body"}


def test_a_late_put_of_a_drainer_that_lost_its_claim_is_swept_away(database: Database) -> None:
    store = FakeStore()

    def stall(call: str, key: str) -> None:
        """Be so slow with the put that the claim runs out, and another drainer finishes the removal in between."""
        store.before = lambda call, key: None
        _make_due(database)
        _remove(database, "a/1.png")
        assert outbox.drain(database, store) == 1

    _send(database, "a/1.png")
    store.before = stall
    outbox.drain(database, store)
    assert store.objects == {"a/1.png": b"body"}  # the late put
    _make_due(database)
    outbox.drain(database, store)
    assert store.objects == {}
    assert _rows(database) == []


def test_a_waiting_sweep_holds_up_nothing_and_gives_way_to_a_new_put(database: Database) -> None:
    store = FakeStore()
    _remove(database, "a/1.png")
    with database.writing() as session:
        session.execute(update(OutboxRow).values(attempts=1))
    outbox.drain(database, store)
    assert [row.attempts for row in _rows(database)] == [0]  # the sweep
    _send(database, "a/1.json")
    assert outbox.drain(database, store) == 1
    _send(database, "a/1.png")
    assert outbox.drain(database, store) == 1
    _make_due(database)
    assert outbox.drain(database, store) == 0
    assert sorted(store.objects) == ["a/1.json", "a/1.png"]


def test_many_drainers_deliver_everything_once(database: Database) -> None:
    store = FakeStore()
    store.before = lambda call, key: time.sleep(0.002)
    for number in range(60):
        _send(database, f"a/{number}.png", f"a/{number}.json")
    counts: list[int] = []

    def work() -> None:
        while delivered := outbox.drain(database, store):
            counts.append(delivered)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while delivered := outbox.drain(database, store):  # facts whose picture another one was just delivering
        counts.append(delivered)
    assert sum(counts) == 120
    assert len(store.calls) == 120
    for number in range(60):
        assert store.calls.index(("put", f"a/{number}.png")) < store.calls.index(("put", f"a/{number}.json"))
    assert _rows(database) == []


def test_writers_of_one_key_take_turns_so_that_the_last_commit_wins(database: Database) -> None:
    store = FakeStore()

    def write(number: int) -> None:
        for turn in range(5):
            _send(database, "a/1.png", body=f"{number} {turn}".encode())
            with database.writing() as session:
                outbox.remove(session, "a/1.png")
                outbox.send(session, outbox.Object("a/1.png", f"{number} {turn} again".encode(), "x/y"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        last = outbox.waiting(session, "a/1.png")
        assert session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.body.is_not(None))) == 1
    while outbox.drain(database, store):
        pass
    assert store.objects == {"a/1.png": last}


DRAIN = """
import sys, time
from pathlib import Path
from functions.records.database import open_database
from functions.records import outbox
from functions.store import FolderStore
database, store = open_database(sys.argv[1]), FolderStore(Path(sys.argv[2]))
print("ready", flush=True)
while outbox.drain(database, store, limit=3):
    print("some", flush=True)
"""


@pytest.mark.long_run
def test_drainers_killed_at_any_moment_lose_nothing(database_url: str, tmp_path: object) -> None:
    database, folder = open_database(database_url), tmp_path / "objects"
    keys = sorted(f"a/{number:03}.{ending}" for number in range(40) for ending in ("png", "json"))
    _send(database, *keys)
    for lines in range(1, 6):
        drainer = subprocess.Popen([sys.executable, "-c", DRAIN, database_url, str(folder)], stdout=subprocess.PIPE)
        assert drainer.stdout is not None
        assert drainer.stdout.readline() == b"ready\n"
        for _ in range(1, lines):
            drainer.stdout.readline()
        drainer.kill()
        drainer.wait()
        drainer.stdout.close()
        _make_due(database)
    store = FolderStore(folder)
    while outbox.drain(database, store):
        pass
    assert list(store.keys("")) == keys
    assert _rows(database) == []
    database.engine.dispose()


def test_a_stopping_worker_leaves_the_rest_to_others_at_once(database: Database) -> None:
    keys = [f"a/{number}.png" for number in range(40)]
    _send(database, *keys)
    stopping, going_on = FakeStore(), FakeStore()
    tried = outbox.drain(database, stopping, stopped=lambda: len(stopping.objects) > 0)
    assert 0 < tried < 40
    assert tried == len(stopping.objects)
    assert outbox.drain(database, going_on) == 40 - tried  # at once: no claim has to expire
