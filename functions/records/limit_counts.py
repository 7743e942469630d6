"""Counts that all processes share: how often something limited was done, for a while each."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from functions.records.tables import LimitCount


def add_counts(session: Session, counts: Mapping[str, tuple[int, float]], moment: float) -> dict[str, tuple[int, float]]:
    """Add to the counts of some keys, and return each key's count and its end; a count that has ended begins again.

    ``counts`` has each key's number to add, and the end of a new count. All times are seconds since 1970.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    found: dict[str, tuple[int, float]] = {}
    for key in sorted(counts):  # two processes lock rows in the same order, so neither waits for the other
        more, ends = counts[key]
        new = insert(LimitCount).values(key=key, count=more, ends=ends)
        ended = LimitCount.ends <= moment
        changed = {
            "count": case((ended, more), else_=LimitCount.count + more),
            "ends": case((ended, ends), else_=LimitCount.ends),
        }
        upsert = new.on_conflict_do_update(index_elements=["key"], set_=changed).returning(LimitCount.count, LimitCount.ends)
        number, end = session.execute(upsert).one()
        found[key] = (number, end)
    return found


def delete_ended_counts(session: Session, moment: float) -> None:
    """Delete the counts that ended before ``moment`` (seconds since 1970)."""
    session.execute(delete(LimitCount).where(LimitCount.ends < moment))
