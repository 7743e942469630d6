"""Claims on rows of the outbox: which rows a process may deliver now, and what becomes of each row afterwards.

A claim moves the ``next_attempt`` of its rows into the future, so no transaction is open during a delivery. If the process is
killed, the claim expires, and another process repeats the delivery. A repeated delivery changes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Update, and_, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from functions.records.database import batches
from functions.records.tables import OutboxRow, now

CLAIM = timedelta(seconds=60)  # twice the longest call of a store, its own retries included
CLAIM_MARGIN = CLAIM / 2  # a delivery that starts later than this before its claim's end might outlast the claim
SWEEP = 10 * CLAIM  # no worker finishes a put so long after its claim
LONGEST_OUTAGE_WAIT = 8.0  # seconds between two attempts while the store is unavailable: it may be back at any moment
LONGEST_WAIT = 300.0  # seconds between two attempts for an object that the store or its client cannot handle

_ONLY_SQL = {"synchronize_session": False}


class Row(NamedTuple):
    """A claimed row: an object to put (``body``), or to delete (``body`` None)."""

    id: int
    key: str
    body: bytes | None
    content_type: str
    attempts: int
    request_id: str | None = None


@dataclass(frozen=True)
class Claim:
    """Rows that belong to one process ``until`` a moment."""

    rows: Sequence[Row]
    until: datetime


@dataclass(frozen=True)
class Outcome:
    """The result of a delivery: done, or an ``error`` of the object, or of the store that is ``away``."""

    error: str = ""
    away: bool = False


def anything_due(session: Session) -> bool:
    """Tell whether any row's time has come, by one look at an index and without a lock."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.next_attempt <= now()).limit(1)) is not None


def claim(session: Session, count: int) -> Claim:
    """Claim the longest due rows that are the first of their subject."""
    at = now()
    earlier = aliased(OutboxRow)
    sweeping = and_(earlier.body.is_(None), earlier.attempts == 0, earlier.next_attempt > at)
    first = ~exists().where(earlier.subject == OutboxRow.subject, earlier.id < OutboxRow.id, ~sweeping)
    columns = (OutboxRow.id, OutboxRow.key, OutboxRow.body, OutboxRow.content_type, OutboxRow.attempts + 1, OutboxRow.request_id)
    due = select(*columns).where(OutboxRow.next_attempt <= at, first).order_by(OutboxRow.next_attempt, OutboxRow.id)
    # PostgreSQL skips rows that another worker is claiming; SQLite has one writer at a time and ignores the clause.
    rows = [Row(*found) for found in session.execute(due.limit(count).with_for_update(of=OutboxRow, skip_locked=True))]
    for some in batches([row.id for row in rows]):
        claimed = update(OutboxRow).where(OutboxRow.id.in_(some))
        claimed = claimed.values(next_attempt=at + CLAIM, attempts=OutboxRow.attempts + 1)
        session.execute(claimed, execution_options=_ONLY_SQL)
    return Claim(rows, at + CLAIM)


def settle(session: Session, claim: Claim, outcomes: Mapping[int, Outcome]) -> None:
    """Update claimed rows with their outcomes, by id; a row without an outcome was not tried and is due at once.

    A row whose claim expired, and which another worker has claimed since, belongs to that worker.
    """
    done = {row.id for row in claim.rows if row.id in outcomes and not outcomes[row.id].error}
    puts = [row.id for row in claim.rows if row.id in done and row.body is not None]
    again = [row.id for row in claim.rows if row.id in done and row.body is None and row.attempts > 1]
    deletes = [row.id for row in claim.rows if row.id in done and row.body is None and row.attempts <= 1]
    _settle_puts(session, claim, puts)
    # An earlier worker that claimed this row may still be putting the old bytes: delete once more after that.
    _change(session, claim, again, lambda row: row.values(next_attempt=now() + SWEEP, attempts=0, error=""))
    for some in batches(deletes):
        session.execute(delete(OutboxRow).where(*_mine(claim, some), OutboxRow.body.is_(None)), execution_options=_ONLY_SQL)
    untried = [row.id for row in claim.rows if row.id not in outcomes]
    _change(session, claim, untried, lambda row: row.values(next_attempt=now(), attempts=OutboxRow.attempts - 1))
    for row in claim.rows:
        if row.id in outcomes and row.id not in done:
            failed = outcomes[row.id]
            later = now() + timedelta(seconds=_wait(row.attempts, LONGEST_OUTAGE_WAIT if failed.away else LONGEST_WAIT))
            changed = update(OutboxRow).where(*_mine(claim, [row.id])).values(next_attempt=later, error=failed.error[:500])
            session.execute(changed, execution_options=_ONLY_SQL)


def _settle_puts(session: Session, claim: Claim, ids: Sequence[int]) -> None:
    for some in batches(ids):
        put = delete(OutboxRow).where(*_mine(claim, some), OutboxRow.body.is_not(None))
        session.execute(put, execution_options=_ONLY_SQL)
    # An object that was removed while this worker was putting it is deleted now.
    _change(session, claim, ids, lambda row: row.values(next_attempt=now(), attempts=0))


def _change(session: Session, claim: Claim, ids: Sequence[int], change: Callable[[Update], Update]) -> None:
    for some in batches(ids):
        session.execute(change(update(OutboxRow).where(*_mine(claim, some))), execution_options=_ONLY_SQL)


def _mine(claim: Claim, ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.id.in_(ids), OutboxRow.next_attempt == claim.until


def _wait(attempts: int, longest: float) -> float:
    """Return seconds: doubling from 2, plus a random half, so that many workers do not try again together."""
    return min(longest, 2.0 ** min(attempts, 10)) * random.uniform(1.0, 1.5)
