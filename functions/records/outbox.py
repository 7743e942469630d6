"""The outbox: objects that a transaction sends to the store, or removes from the store, after its commit.

A worker claims rows by moving their ``next_attempt`` into the future, delivers the objects outside a transaction, and then
updates the rows. If the worker is killed before the update, its claim expires and another worker repeats the delivery. A
repeated delivery changes nothing.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from functions.errors import StoreUnavailable
from functions.records.changes import announce
from functions.records.database import Database, batches
from functions.records.tables import OutboxRow, now
from functions.store.base import Store

CLAIM = timedelta(seconds=60)  # twice the longest call of a store, its own retries included
CLAIM_MARGIN = CLAIM / 2  # a delivery that starts later than this before its claim's end might outlast the claim
ROWS_PER_CLAIM = 50  # a killed worker delays at most so many rows
LONGEST_WAIT = 300.0  # seconds between two attempts while the store is unavailable
SWEEP = 10 * CLAIM  # no worker finishes a put so long after its claim

_ONLY_SQL = {"synchronize_session": False}
_INSERT = OutboxRow.__table__.insert()  # type: ignore[attr-defined]

_log = logging.getLogger(__name__)


class Object(NamedTuple):
    """An object for the store."""

    key: str
    body: bytes
    content_type: str


def send(session: Session, *objects: Object) -> None:
    """Put objects into the store after the caller's transaction, in this order. Send a picture before its facts."""
    keys = [one.key for one in objects]
    _in_turn(session, *keys)
    # A removal that no worker has begun is dropped: the put replaces the object.
    session.execute(delete(OutboxRow).where(OutboxRow.key.in_(keys), OutboxRow.body.is_(None), OutboxRow.attempts == 0))
    send_new(session, *objects)


def send_new(session: Session, *objects: Object) -> None:
    """Put objects under keys that no other transaction can have used, such as those of a new id."""
    rows = [{"key": one.key, "subject": _subject(one.key), "body": one.body, "content_type": one.content_type} for one in objects]
    session.execute(_INSERT, rows)
    announce(session, "outbox")


def remove(session: Session, *keys: str) -> None:
    """Delete objects from the store after the caller's transaction; bytes that wait to be put are deleted at once."""
    _in_turn(session, *keys)
    for some in batches(keys):
        # A waiting put becomes the delete. If a worker is putting the object now, ``_settle`` notices the change.
        puts = update(OutboxRow).where(OutboxRow.key.in_(some), OutboxRow.body.is_not(None)).values(body=None, content_type="")
        session.execute(puts)
        there = set(session.scalars(select(OutboxRow.key).where(OutboxRow.key.in_(some))))
        new = [key for key in dict.fromkeys(some) if key not in there]
        if new:  # thousands may go at once
            session.execute(_INSERT, [{"key": key, "subject": _subject(key), "body": None, "content_type": ""} for key in new])
    announce(session, "outbox")


def waiting(session: Session, key: str) -> bytes | None:
    """Return the bytes that wait to be put under ``key``, None if there are none."""
    return session.scalar(select(OutboxRow.body).where(OutboxRow.key == key).order_by(OutboxRow.id.desc()).limit(1))


def drain(database: Database, store: Store, limit: int = 200) -> int:
    """Deliver up to about ``limit`` due rows and return their number. Any number of processes may do this at once.

    Returns early when the store is unavailable: each row is tried again, after a longer pause each time.
    """
    delivered = 0
    while delivered < limit:
        rows, until = _claim(database, min(ROWS_PER_CLAIM, limit - delivered))
        reports = _deliver(store, rows, until)
        with database.writing() as session:
            _settle_puts(session, [report.row.id for report in reports if report.done and report.row.body is not None], until)
            for report in reports:
                if not report.done or report.row.body is None:
                    _settle(session, report, until)
        done = sum(report.done for report in reports)
        delivered += done
        if not done:
            break
    return delivered


@dataclass(frozen=True)
class _Report:
    """The result of delivering a claimed row; neither ``done`` nor ``error`` means that nothing was tried."""

    row: OutboxRow
    done: bool = False
    error: str = ""


def _claim(database: Database, count: int) -> tuple[list[OutboxRow], datetime]:
    """Claim the longest due rows that are the first of their subject, until the returned time."""
    earlier = aliased(OutboxRow)
    with database.writing() as session:
        at = now()
        sweeping = and_(earlier.body.is_(None), earlier.attempts == 0, earlier.next_attempt > at)
        first = ~exists().where(earlier.subject == OutboxRow.subject, earlier.id < OutboxRow.id, ~sweeping)
        due = select(OutboxRow).where(OutboxRow.next_attempt <= at, first).order_by(OutboxRow.next_attempt, OutboxRow.id)
        # PostgreSQL skips rows that another worker is claiming; SQLite has one writer at a time and ignores the clause.
        rows = list(session.scalars(due.limit(count).with_for_update(of=OutboxRow, skip_locked=True)))
        for row in rows:
            row.attempts += 1
            row.next_attempt = at + CLAIM
    return rows, at + CLAIM


def _deliver(store: Store, rows: list[OutboxRow], until: datetime) -> list[_Report]:
    reports: list[_Report] = []
    for position, row in enumerate(rows):
        if now() > until - CLAIM_MARGIN:
            return reports + [_Report(left) for left in rows[position:]]
        try:
            if row.body is None:
                store.delete(row.key)
            else:
                store.put(row.key, row.body, row.content_type)
        except StoreUnavailable as error:
            _log.warning("The store is unavailable, %d rows of the outbox wait: %s", len(rows) - position, error)
            return [*reports, _Report(row, error=str(error)), *(_Report(left) for left in rows[position + 1 :])]
        except Exception as error:  # one object that cannot be delivered must not delay the others
            _log.exception("An object could not be delivered.")
            reports.append(_Report(row, error=f"{type(error).__name__}: {error}"))
        else:
            reports.append(_Report(row, done=True))
    return reports


def _settle(session: Session, report: _Report, until: datetime) -> None:
    """Update a claimed row with its result, unless the claim expired and another worker has claimed the row."""
    row = report.row
    mine = (OutboxRow.id == row.id, OutboxRow.next_attempt == until)
    if report.error:
        later = now() + timedelta(seconds=_wait(row.attempts))
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=later, error=report.error[:500]))
    elif not report.done:
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now(), attempts=row.attempts - 1))
    elif row.body is None and row.attempts > 1:
        # An earlier worker that claimed this row may still be putting the old bytes: delete once more after that.
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now() + SWEEP, attempts=0, error=""))
    else:
        session.execute(delete(OutboxRow).where(*mine, OutboxRow.body.is_(None)))


def _settle_puts(session: Session, ids: list[int], until: datetime) -> None:
    """Delete the rows of delivered puts, unless the claim expired and another worker has claimed them."""
    for some in batches(ids):
        mine = (OutboxRow.id.in_(some), OutboxRow.next_attempt == until)
        session.execute(delete(OutboxRow).where(*mine, OutboxRow.body.is_not(None)), execution_options=_ONLY_SQL)
        # An object that was removed while this worker was putting it is deleted now.
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now(), attempts=0), execution_options=_ONLY_SQL)


def _wait(attempts: int) -> float:
    """Return seconds: doubling from 2, plus a random half, so that many workers do not try again together."""
    return min(LONGEST_WAIT, 2.0 ** min(attempts, 10)) * random.uniform(1.0, 1.5)


def _subject(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _in_turn(session: Session, *keys: str) -> None:
    """Serialise the writers of one subject, so that the order of ids is the order of commits."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        # Sorted: otherwise two writers of the same subjects could wait for each other.
        for subject in sorted({_subject(key) for key in keys}):
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
