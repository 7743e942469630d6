"""The news that a transaction made work: PostgreSQL sends it to the workers that listen; SQLite needs none."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

Work = Literal["outbox", "runs"]  # objects wait for the store; a run was requested

CHANNEL = "inkloop"


def announce(session: Session, work: Work) -> None:
    """Tell listening workers about new work as soon as the caller's transaction is committed; they may miss the news."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, work)))
