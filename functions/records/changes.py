"""How processes notice what others wrote: PostgreSQL notifies the workers that listen; SQLite is asked for its data version."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.records.database import Database

Work = Literal["outbox", "runs", "webhooks"]  # objects wait for the store; a run was requested; a webhook is to be told

CHANNEL = "inkloop"


def announce(session: Session, work: Work) -> None:
    """Notify listening workers of new work when the caller's transaction is committed; a worker may miss a notification."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, work)))


class Writes:
    """Tells whether another connection may have written since the last question; for one thread.

    SQLite answers over a kept connection within microseconds. For other databases the answer is always yes.
    """

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._kept: Any = None
        self._version: int | None = None

    def any(self) -> bool:
        """Return True at the first call, and after each write.

        Raises:
            SQLAlchemyError, sqlite3.Error: the database cannot be read.
        """
        if self._engine.dialect.name != "sqlite":
            return True
        if self._kept is None:
            self._kept = self._engine.raw_connection()
        version = self._kept.cursor().execute("PRAGMA data_version").fetchone()[0]
        before, self._version = self._version, version
        return bool(version != before)

    def close(self) -> None:
        """Return the kept connection."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
