from __future__ import annotations

from datetime import timedelta

from functions.domain.scopes import EVERYTHING, Scope
from functions.records.database import Database
from functions.records.tables import Token, now
from functions.records.tokens import create_token, find_token, is_use_due, list_tokens, note_use, scopes_held


def test_a_token_opens_nothing_after_its_end(database: Database) -> None:
    with database.writing() as session:
        text = create_token(session, "short", [Scope.READ], expires=now() + timedelta(days=1))
        assert scopes_held(find_token(session, text)) == {Scope.READ}
        find_token(session, text).expires = now()
        session.flush()
        assert find_token(session, text) is None
        assert [token.name for token in list_tokens(session)] == ["short"]


def test_a_token_that_was_made_before_scopes_may_do_everything(database: Database) -> None:
    with database.writing() as session:
        text = create_token(session, "old")
        columns = [column for column in Token.__table__.c if column.name != "scopes"]
        old = find_token(session, text)
        values = {column.name: getattr(old, column.name) for column in columns}
        session.delete(old)
        session.flush()
        session.connection().execute(Token.__table__.insert(), values)  # as the release before inserts it
        assert scopes_held(find_token(session, text)) == EVERYTHING


def test_the_last_use_is_noted_once_an_hour(database: Database) -> None:
    with database.writing() as session:
        text = create_token(session, "busy")
        token = find_token(session, text)
        note_use(session, token.id)
        session.refresh(token)
        first = token.used
        assert not is_use_due(token)
        note_use(session, token.id)
        session.refresh(token)
        assert token.used == first
        token.used = now() - timedelta(hours=2)
        session.flush()
        assert is_use_due(token)
        note_use(session, token.id)
        session.refresh(token)
        assert token.used >= first
