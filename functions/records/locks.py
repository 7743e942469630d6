"""Named locks for transactions that must not overlap."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def locked(session: Session, name: str) -> None:
    """Wait for the lock ``name`` and hold it until the transaction ends; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"inkloop {name}"))))
