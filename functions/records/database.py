"""The database: one place that knows how SQLite and PostgreSQL are opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from functions.settings import ROOT


@dataclass(frozen=True)
class Database:
    """Opens transactions. Every verb opens exactly one."""

    engine: Engine

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end of the block and undone by any exception."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that only reads; on SQLite it never waits for a writer."""
        with Session(self.engine.execution_options(reading=True), expire_on_commit=False) as session:
            yield session


def open_database(url: str) -> Database:
    """Return the database at a SQLAlchemy URL; SQLite gets WAL, full synchronisation and foreign keys."""
    if not url.startswith("sqlite"):
        return Database(create_engine(url, pool_pre_ping=True))
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's late one
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads and then writes must not lose its turn in between ("database is locked").
        reading = connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return Database(engine)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to ``revision`` (the newest by default), forwards only."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
