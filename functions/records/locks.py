"""One at a time: a transaction that must not overlap with another of its kind."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def locked(session: Session, name: str) -> None:
    """Wait until no other transaction that said ``name`` is open; holds until this one ends.

    SQLite has one writer at a time anyway; PostgreSQL is asked for an advisory lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"inkloop {name}"))))
