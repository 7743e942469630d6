from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from functions.records.database import Database
from functions.records.owner_sessions import close_all_sessions, close_session, is_open, open_session
from functions.records.tables import OwnerSessionRow

HOUR = timedelta(hours=1)


def test_a_session_is_open_until_it_is_closed(database: Database) -> None:
    with database.writing() as session:
        one, other = open_session(session, HOUR), open_session(session, HOUR)
    with database.writing() as session:
        assert is_open(session, one)
        assert not is_open(session, "another")
        close_session(session, one)
        close_session(session, one)
        assert not is_open(session, one)
        assert is_open(session, other)
        close_all_sessions(session)
        assert not is_open(session, other)


def test_a_session_ends_by_itself_and_its_row_goes(database: Database) -> None:
    with database.writing() as session:
        ended = open_session(session, -HOUR)
        assert not is_open(session, ended)
        open_session(session, HOUR)
        assert len(session.scalars(select(OwnerSessionRow)).all()) == 1


def test_only_the_hash_of_an_id_is_kept(database: Database) -> None:
    with database.writing() as session:
        opened = open_session(session, HOUR)
        session.flush()
        assert opened not in session.scalars(select(OwnerSessionRow.sha256)).one()
