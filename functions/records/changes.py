"""Notifications about new work: PostgreSQL sends them to the workers that listen; SQLite needs none."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

Work = Literal["outbox", "runs"]  # objects wait for the store; a run was requested

CHANNEL = "inkloop"


def announce(session: Session, work: Work) -> None:
    """Notify listening workers of new work when the caller's transaction is committed; a worker may miss a notification."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, work)))
