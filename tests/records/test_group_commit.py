from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from functions.errors import Unavailable
from functions.records.database import Database
from functions.records.group_commit import GroupCommit
from functions.records.tables import Setting
from functions.settings import ROOT
from tests.support import forking
from tests.support.factories import sqlite


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Database]:
    opened = sqlite(tmp_path)
    yield opened
    opened.engine.dispose()


class Commits:
    """Counts a database's commits, holds them back while ``wait`` is set, and makes them fail with ``error``."""

    def __init__(self, database: Database) -> None:
        self.count, self.go, self.error = 0, threading.Event(), None
        self.go.set()
        event.listen(database.engine, "commit", self)

    def __call__(self, connection: object) -> None:
        self.go.wait(20)
        if self.error is not None:
            raise self.error
        self.count += 1


def together(house: Database, *acts: Callable[[], None]) -> list[threading.Thread]:
    """Start threads that queue behind a writer, let them go once all of them wait, and return them."""
    threads = [threading.Thread(target=act) for act in acts]
    with suppress(Unavailable), house.writing():
        for thread in threads:
            thread.start()
            time.sleep(0.02)
    return threads


def add(house: Database, name: str, value: str = "1") -> None:
    with house.writing() as session:
        session.add(Setting(name=name, value=value))


def names(house: Database) -> set[str]:
    with house.reading() as session:
        return set(session.scalars(select(Setting.name)))


def test_writers_that_wait_share_a_commit_and_nothing_is_lost(house: Database) -> None:
    commits = Commits(house)
    for thread in together(house, *(lambda name=f"n{number}": add(house, name) for number in range(8))):
        thread.join()
    assert {f"n{number}" for number in range(8)} <= names(house)
    assert commits.count <= 3


def test_a_writer_that_fails_undoes_its_own_statements_alone(house: Database) -> None:
    raised: list[Exception] = []

    def fail() -> None:
        try:
            with house.writing() as session:
                session.add(Setting(name="undone", value="1"))
                session.flush()
                raise RuntimeError
        except RuntimeError as error:
            raised.append(error)

    for thread in together(house, lambda: add(house, "before"), fail, lambda: add(house, "after")):
        thread.join()
    assert len(raised) == 1
    assert {"before", "after"} <= names(house)
    assert "undone" not in names(house)


def test_nobody_returns_before_the_commit(house: Database) -> None:
    commits, returned = Commits(house), []

    def write(name: str) -> None:
        add(house, name)
        returned.append(name)

    commits.go.clear()
    threads = [threading.Thread(target=write, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    assert returned == []
    commits.go.set()
    for thread in threads:
        thread.join()
    assert sorted(returned) == ["first", "second"]


def test_a_commit_that_fails_is_an_error_for_each_of_its_writers(house: Database) -> None:
    commits, failed = Commits(house), []

    def write(name: str) -> None:
        try:
            add(house, name)
        except OperationalError:
            failed.append(name)

    with suppress(OperationalError), house.writing():
        threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
            time.sleep(0.02)
        commits.error = OperationalError("COMMIT", None, Exception("disk full"))
    for thread in threads:
        thread.join()
    assert sorted(failed) == ["one", "two"]
    commits.error = None
    assert not {"one", "two"} & names(house)
    add(house, "later")
    assert "later" in names(house)


def test_what_sqlite_undid_by_itself_is_nobody_s_success(house: Database) -> None:
    failed = []

    def lose() -> None:
        with suppress(Exception), house.writing() as session:
            session.execute(text("ROLLBACK"))  # as SQLite does when the disk is full

    def write() -> None:
        try:
            add(house, "lost")
        except Unavailable:
            failed.append("lost")

    for thread in together(house, write, lose, lambda: add(house, "kept")):
        thread.join()
    assert failed == ["lost"]
    assert "lost" not in names(house)
    assert "kept" in names(house)


def test_a_fork_gives_the_child_locks_of_its_own(house: Database) -> None:
    """Before the child has threads: two that found the parent's locks at once would each make others."""
    assert forking.run_fresh("turns", str(house.engine.url)) == 0


def test_who_was_second_sees_what_was_in_its_way(house: Database) -> None:
    seen = []

    def second() -> None:
        try:
            add(house, "same", "second")
        except IntegrityError:
            with house.reading() as session:
                seen.append(session.get_one(Setting, "same").value)

    for thread in together(house, lambda: add(house, "same", "first"), second, lambda: add(house, "another")):
        thread.join()
    assert seen == ["first"]


@pytest.mark.long_run
def test_writers_of_several_processes_wait_in_turn(house: Database, tmp_path: Path) -> None:
    """Another process that writes all the time lets this one through between two of its writes."""
    script = (
        "import sys; from functions.records.database import open_database; from sqlalchemy import text\n"
        "database = open_database(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    with database.writing() as session:\n"
        "        session.execute(text(\"INSERT OR REPLACE INTO settings (name, value) VALUES ('other', '1')\"))\n"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(house.engine.url)], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        for number in range(50):
            add(house, f"n{number}")
        assert "other" in names(house)
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    add(house, "after")  # the lock of a process that was killed is free
    assert "after" in names(house)


def test_a_writer_gives_up_while_others_keep_the_database_for_too_long(house: Database) -> None:
    patient = Database(house.engine, GroupCommit(house.engine, patience=0.2))
    failures: list[str] = []

    def wait_in_vain() -> None:
        try:
            add(patient, "late")
        except Unavailable as refusal:
            failures.append(str(refusal))

    with patient.writing() as session:
        session.add(Setting(name="first", value="1"))
        threads = [threading.Thread(target=wait_in_vain) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == ["The database is busy; try again."] * 3
    add(patient, "afterwards")
    assert {"first", "afterwards"} <= names(house)
    assert "late" not in names(house)


def test_a_process_that_is_stopped_while_it_writes_costs_the_others_a_bounded_wait(house: Database) -> None:
    script = (
        "import sys, time; from functions.records.database import open_database; from sqlalchemy import text\n"
        "with open_database(sys.argv[1]).writing() as session:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(house.engine.url)], cwd=ROOT, stdout=subprocess.PIPE)
    impatient = Database(house.engine, GroupCommit(house.engine, patience=0.3))
    try:
        assert other.stdout is not None
        other.stdout.readline()
        other.send_signal(signal.SIGSTOP)
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                add(impatient, "late")
            assert time.monotonic() - began < 5
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    add(house, "afterwards")
    add(impatient, "and again")
    assert names(house) == {"afterwards", "and again"}
