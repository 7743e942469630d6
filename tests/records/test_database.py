from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from functions.records.database import Database, open_database, why_refused
from functions.records.tables import Contributor, Setting, SymbolSetRow, new_id, now
from tests.support import forking


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(Contributor(id="1"))
        session.flush()
        raise RuntimeError
    with database.writing() as session:
        session.add(Contributor(id="2"))
    with database.reading() as session:
        assert list(session.scalars(select(Contributor.id))) == ["2"]


def test_moments_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    at = now()
    with database.writing() as session:
        session.add(Contributor(id="1", created=at))
    with database.reading() as session:
        assert session.scalar(select(Contributor.created)) == at


def test_a_row_cannot_refer_to_what_is_not_there(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(
            text("INSERT INTO tokens (id, name, sha256, contributor_id, created) VALUES ('1', 'n', 's', 'nobody', :at)"),
            {"at": "2026-01-01 00:00:00"},
        )


def test_lists_and_texts_of_any_script_come_back(database: Database) -> None:
    with database.writing() as session:
        session.add(SymbolSetRow(name="greek", labels=["α", "β", "手", "\"'"]))
    with database.reading() as session:
        assert session.get_one(SymbolSetRow, "greek").labels == ["α", "β", "手", "\"'"]


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.writing() as writing:
        writing.add(Setting(name="a", value="1"))
        writing.flush()
        with database.reading() as reading:
            assert reading.get(Setting, "a") is None


def test_writers_that_read_first_lose_no_update(database: Database) -> None:
    with database.writing() as session:
        session.add(Setting(name="count", value="0"))

    def count_up() -> None:
        for _ in range(10):
            with database.writing() as session:
                row = session.get_one(Setting, "count", with_for_update=True)
                row.value = str(int(row.value) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get_one(Setting, "count").value == "40"


def test_a_forked_process_opens_connections_of_its_own(database: Database, database_url: str) -> None:
    assert forking.run_fresh("database", database_url) == 0
    with database.reading() as session:
        assert session.get(Setting, "child") is not None


def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'inkloop.sqlite'}")
    with database.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.engine.dispose()


def test_ids_sort_by_age_and_do_not_repeat() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)
    assert {len(one) for one in ids} == {32}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('connection failed: FATAL:  password authentication failed for user "u"', "password"),
        ("fe_sendauth: no password supplied", "password"),
        ('FATAL:  role "u" does not exist', "user"),
        ('FATAL:  database "d" does not exist', "no database of that name"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", no encryption', "from here"),
        ("unable to open database file", "folder"),
    ],
)
def test_a_refusal_that_waiting_does_not_mend_is_told_with_its_variable(said: str, told: str) -> None:
    words = why_refused(OperationalError("", {}, Exception(said)))
    assert words is not None and told in words and "DATABASE_URL" in words


@pytest.mark.parametrize(
    "said",
    [
        "connection refused",
        "FATAL:  the database system is starting up",
        'FATAL:  too many connections for role "u"',
        'FATAL:  database "d" is not currently accepting connections',
        "failed to resolve host 'db': [Errno -2] Name or service not known",
        "database is locked",
    ],
)
def test_a_database_that_may_come_back_is_no_mistake(said: str) -> None:
    assert why_refused(OperationalError("", {}, Exception(said))) is None
