"""The outbox: what a transaction promised to the store, and its delivery afterwards.

A drainer claims rows by moving their ``next_attempt`` into the future, delivers them without holding a transaction, and
reports. One that is killed in between never reports: its claim runs out and another one repeats the delivery, which changes
nothing.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from functions.errors import StoreUnavailable
from functions.records.changes import announce
from functions.records.database import Database
from functions.records.tables import OutboxRow, now
from functions.store.base import Store

CLAIM = timedelta(seconds=60)  # twice the longest call of a store, its own retries included
CLAIM_MARGIN = CLAIM / 2  # a delivery that starts later than this before its claim's end might outlast it
ROWS_PER_CLAIM = 10  # rows a claim; what a killed drainer delays at most
LONGEST_WAIT = 300.0  # seconds between two attempts when the store stays away
KEYS_PER_STATEMENT = 500  # keys in one statement; SQLite's limit of parameters is far above
SWEEP = 10 * CLAIM  # a drainer silent for longer than this is not coming back with a late put

_log = logging.getLogger(__name__)


def send(session: Session, key: str, body: bytes, content_type: str) -> None:
    """Promise to put an object, in the caller's transaction. Send a picture before its facts."""
    _in_turn(session, key)
    # A removal that nobody has begun is overtaken: the put replaces whatever lies there.
    session.execute(delete(OutboxRow).where(OutboxRow.key == key, OutboxRow.body.is_(None), OutboxRow.attempts == 0))
    session.add(OutboxRow(key=key, subject=_subject(key), body=body, content_type=content_type))
    session.flush()
    announce(session, "outbox")


def remove(session: Session, *keys: str) -> None:
    """Promise to delete objects, in the caller's transaction; the bytes that still wait to be put are forgotten at once."""
    _in_turn(session, *keys)
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        some = keys[start : start + KEYS_PER_STATEMENT]
        # A waiting put becomes the delete. If it is under way just now, its drainer finds that out when it reports.
        puts = update(OutboxRow).where(OutboxRow.key.in_(some), OutboxRow.body.is_not(None)).values(body=None, content_type="")
        session.execute(puts)
        there = set(session.scalars(select(OutboxRow.key).where(OutboxRow.key.in_(some))))
        new = [key for key in dict.fromkeys(some) if key not in there]
        if new:  # thousands may go at once
            session.execute(
                insert(OutboxRow), [{"key": key, "subject": _subject(key), "body": None, "content_type": ""} for key in new]
            )
    announce(session, "outbox")


def waiting(session: Session, key: str) -> bytes | None:
    """Return the bytes that still wait to be put under ``key``; None if there are none."""
    return session.scalar(select(OutboxRow.body).where(OutboxRow.key == key).order_by(OutboxRow.id.desc()).limit(1))


def drain(database: Database, store: Store, limit: int = 200) -> int:
    """Deliver up to about ``limit`` rows that are due and return how many were. Any number of processes may do so at once.

    Returns early when the store is unavailable: nothing is lost, and each row's next attempt comes later than the last one.
    """
    delivered = 0
    while delivered < limit:
        rows, until = _claim(database, min(ROWS_PER_CLAIM, limit - delivered))
        reports = _deliver(store, rows, until)
        with database.writing() as session:
            for report in reports:
                _settle(session, report, until)
        done = sum(report.done for report in reports)
        delivered += done
        if not done:
            break
    return delivered


@dataclass(frozen=True)
class _Report:
    """What became of a claimed row; neither ``done`` nor ``error`` means that nothing was tried."""

    row: OutboxRow
    done: bool = False
    error: str = ""


def _claim(database: Database, count: int) -> tuple[list[OutboxRow], datetime]:
    """Take the longest due rows that are first of their subject, and keep other drainers from them until the returned time."""
    earlier = aliased(OutboxRow)
    with database.writing() as session:
        at = now()
        sweeping = and_(earlier.body.is_(None), earlier.attempts == 0, earlier.next_attempt > at)
        first = ~exists().where(earlier.subject == OutboxRow.subject, earlier.id < OutboxRow.id, ~sweeping)
        due = select(OutboxRow).where(OutboxRow.next_attempt <= at, first).order_by(OutboxRow.next_attempt, OutboxRow.id)
        # PostgreSQL passes over what another drainer is claiming; SQLite has one writer at a time and ignores the clause.
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
        except Exception as error:  # one object that cannot be delivered must not hold up the others
            _log.exception("An object could not be delivered.")
            reports.append(_Report(row, error=f"{type(error).__name__}: {error}"))
        else:
            reports.append(_Report(row, done=True))
    return reports


def _settle(session: Session, report: _Report, until: datetime) -> None:
    """Write down what became of a claimed row, unless the claim ran out and the row is another drainer's."""
    row = report.row
    mine = (OutboxRow.id == row.id, OutboxRow.next_attempt == until)
    unchanged = OutboxRow.body.is_(None) if row.body is None else OutboxRow.body.is_not(None)
    if report.error:
        later = now() + timedelta(seconds=_wait(row.attempts))
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=later, error=report.error[:500]))
    elif not report.done:
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now(), attempts=row.attempts - 1))
    elif row.body is None and row.attempts > 1:
        # Someone claimed this row before and may still be putting what it held then: delete once more when that is over.
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now() + SWEEP, attempts=0, error=""))
    elif _count(session, delete(OutboxRow).where(*mine, unchanged)) == 0:
        # Removed while the put was under way. It is over now, so the delete comes after it.
        session.execute(update(OutboxRow).where(*mine).values(next_attempt=now(), attempts=0))


def _count(session: Session, statement: object) -> int:
    rows: int = session.execute(statement).rowcount  # type: ignore[call-overload]
    return rows


def _wait(attempts: int) -> float:
    """Return seconds: doubling from 2, and up to half as much again, so that many drainers do not come back together."""
    return min(LONGEST_WAIT, 2.0 ** min(attempts, 10)) * random.uniform(1.0, 1.5)


def _subject(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _in_turn(session: Session, *keys: str) -> None:
    """Let writers of one subject follow each other, so that the order of ids is the order of commits."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        # In one order, or two writers of the same subjects could each wait for the other.
        for subject in sorted({_subject(key) for key in keys}):
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
