"""Opens SQLite and PostgreSQL databases."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Select, create_engine, event, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from functions.records.group_commit import GroupCommit

WAIT = 30  # seconds to wait for another writer; a transaction takes milliseconds, a migration a few seconds
REFUSALS = {  # by a pattern of the words of an error of libpq or SQLite, which give connection errors no codes
    "password authentication failed": "The database does not accept the user's password.",
    "no password supplied": "The database asks for a password, and none is given.",
    r"no pg_hba\.conf entry": "The database accepts no connection of this user from here.",
    "does not support SSL": "The database has no TLS, which the address asks for.",
    'role ".*" does not exist': "The database does not know the user.",
    'database ".*" does not exist': "The server has no database of that name.",
    "file is not a database": "The file is no SQLite database.",
    "unable to open database file": "The SQLite file cannot be opened or made: its folder is missing or may not be written.",
    "readonly database": "The SQLite file may not be written.",
}
# A server that has vanished is noticed within half a minute, also by a worker that waits for its answer.
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
PARAMETERS = 500  # ids in one statement; SQLite allows far more

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int = PARAMETERS) -> Iterator[Sequence[Item]]:
    """Yield ``items`` in batches of ``size``, by default as many as one statement takes."""
    return (items[start : start + size] for start in range(0, len(items), size))


def strings(session: Session, question: Select[str]) -> list[str]:
    """Return the strings, without commas, that a query selects, in descending order.

    The database sends them as one string: thousands of rows take several times as long.
    """
    found = question.subquery()
    joined = session.connection().scalar(select(func.aggregate_strings(found.c[0], ",")))
    return sorted(joined.split(","), reverse=True) if joined else []


@dataclass(frozen=True)
class Database:
    """Opens transactions. Every verb opens exactly one."""

    engine: Engine
    group_commit: GroupCommit | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end of the block and undone by any exception."""
        if self.group_commit is not None:
            with self.group_commit.writing() as session:
                yield session
            return
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def probing(self) -> Database:
        """Return the database for a health check, which must not wait in a row with requests."""
        return self

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads; on SQLite it never waits for a writer."""
        with Session(self.engine.execution_options(reading=True), expire_on_commit=False) as session:
            yield session


def open_database(url: str) -> Database:
    """Return the database at a SQLAlchemy URL; SQLite gets WAL, full synchronisation and foreign keys."""
    # Hidden: the message of an error goes to the log, and the values are hashes of tokens, labels and drawings.
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": WAIT}, hide_parameters=True)
        _prepare_sqlite(engine)
        _forget_after_fork(engine)
        return Database(engine, GroupCommit(engine))
    return Database(postgres_engine(url))


def postgres_engine(url: str | URL, connect_timeout: int = 10, **pool: Any) -> Engine:
    """Return an engine for PostgreSQL, with the arguments ``pool`` for its pool of connections."""
    arguments = {"connect_timeout": connect_timeout, **KEEPALIVE}
    engine = create_engine(url, pool_pre_ping=True, connect_args=arguments, hide_parameters=True, **pool)
    _forget_after_fork(engine)
    return engine


def why_away(error: DBAPIError) -> str:
    """Return a sentence about a database that does not answer; drivers name host, port and user, never a password."""
    lines = str(error.orig).strip().splitlines()
    return f"The database at DATABASE_URL does not answer ({lines[0] if lines else type(error).__name__})."


def why_refused(error: DBAPIError) -> str | None:
    """Return a sentence about a mistake in DATABASE_URL that waiting does not mend; None if the database may only be away."""
    said = str(error.orig)
    return next((f"{why} See DATABASE_URL." for words, why in REFUSALS.items() if re.search(words, said)), None)


def locked(session: Session, name: str) -> None:
    """Wait for the lock ``name`` and hold it until the transaction ends; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"inkloop {name}"))))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's late one
        _use_wal(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads and then writes takes the write lock at once; otherwise it may fail ("database is locked").
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _use_wal(connection: Any) -> None:
    """Switch to write-ahead logging, with retries: SQLite does not wait when another process switches at the same moment."""
    for pause in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            time.sleep(pause)
    connection.execute("PRAGMA journal_mode=WAL")


def _forget_after_fork(engine: Engine) -> None:
    """Stop a forked process from using its parent's connections: two processes on one socket would mix their answers."""

    @event.listens_for(engine, "connect")
    def _remember(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["pid"] = os.getpid()

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: Any, proxy: Any) -> None:
        if record.info["pid"] != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise DisconnectionError("opened by another process")
