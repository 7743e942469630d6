"""Named locks for transactions that must not overlap."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def locked(session: Session, name: str) -> None:
    """Take the lock ``name`` until the transaction ends, waiting for its turn.

    SQLite has only one writer at a time anyway; on PostgreSQL it is an advisory lock.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"inkloop {name}"))))
