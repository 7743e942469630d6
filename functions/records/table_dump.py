"""All rows of all tables as JSON values, from one moment, and back: the same for SQLite and PostgreSQL."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, DateTime, LargeBinary, Table, func, select, text
from sqlalchemy.orm import Session

from functions.domain.run_step import Step
from functions.records.database import Database
from functions.records.tables import Base, DrawingRow, Moment, StepText

A_FETCH = 500
# Triggers on ``samples`` and ``sides`` count; the counts of limits and the sessions of browsers are of an hour.
LEFT_OUT = ("tallies", "day_counts", "split_counts", "limit_counts")


def tables() -> list[Table]:
    """Return the tables in an order in which their rows can be inserted."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


@contextmanager
def one_moment(database: Database) -> Iterator[Connection]:
    """Open a transaction that sees the database as it is now, whatever others write meanwhile."""
    engine = database.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.execution_options(reading=True).connect() as connection, connection.begin():
        yield connection


def dump(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as JSON values; a version comes behind its parent."""
    order = [table.c.created, *table.primary_key] if table.name == "versions" else list(table.primary_key)
    rows = connection.execute(select(table).order_by(*order).execution_options(yield_per=A_FETCH))
    for row in rows.mappings():
        yield {column.name: _written(row[column.name]) for column in table.c}


def is_unused(session: Session) -> bool:
    """Tell whether nobody has drawn for this platform yet."""
    return session.scalar(select(DrawingRow.id).limit(1)) is None


def clear(session: Session) -> None:
    """Delete every row."""
    tallies = Base.metadata.tables["tallies"]
    for table in reversed(Base.metadata.sorted_tables):
        if table.name == "symbol_sets":
            session.execute(tallies.delete())  # again: the triggers count the deleted samples; the others go with their set
        session.execute(table.delete())


def load(session: Session, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert rows that ``dump`` gave, and return their number."""
    count, waiting = 0, []
    for row in rows:
        waiting.append({column.name: _read(column, row[column.name]) for column in table.c})
        if len(waiting) >= A_FETCH:
            session.execute(table.insert(), waiting)
            count, waiting = count + len(waiting), []
    if waiting:
        session.execute(table.insert(), waiting)
    return count + len(waiting)


def go_on_counting(session: Session) -> None:
    """Let PostgreSQL number new rows behind those that were inserted with their numbers."""
    if session.get_bind().dialect.name == "postgresql":
        for name in ("outbox", "activations"):
            newest = session.scalar(select(func.max(Base.metadata.tables[name].c.id))) or 0
            ask = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :next, false)")
            session.execute(ask, {"name": name, "next": newest + 1})


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return value.as_text() if isinstance(value, Step) else value


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value)
    if isinstance(column.type, StepText):
        return Step.parse(value)
    return datetime.fromisoformat(value) if isinstance(column.type, Moment | DateTime) else value
