"""The outbox: objects that a transaction sends to the store, or removes from the store, after its commit.

A worker claims rows (``outbox_claims``), delivers their objects outside a transaction, and then updates the rows.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from functions.domain.log_line import OWN
from functions.errors import StoreUnavailable
from functions.records.changes import announce
from functions.records.database import Database, batches
from functions.records.outbox_claims import CLAIM_MARGIN, Claim, Outcome, Row, anything_due, claim, settle
from functions.records.tables import OutboxRow, now
from functions.store import Store, delete_checked, put_checked
from functions.store.outage_log import OutageLog
from functions.telemetry.tracing import span

ROWS_PER_CLAIM = 200  # a killed worker delays at most so many rows
DELIVERERS = 8  # objects under way at once; a bucket answers many as fast as one
STORE = "The object store"

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
    session.execute(_INSERT, [{**one._asdict(), "subject": _subject(one.key), "size": len(one.body)} for one in objects])
    announce(session, "outbox")


def remove(session: Session, *keys: str) -> None:
    """Delete objects from the store after the caller's transaction; bytes that wait to be put are deleted at once."""
    _in_turn(session, *keys)
    for some in batches(keys):
        # A waiting put becomes the delete. If a worker is putting the object now, ``settle`` notices the change.
        puts = (
            update(OutboxRow)
            .where(OutboxRow.key.in_(some), OutboxRow.body.is_not(None))
            .values(body=None, size=0, content_type="")
        )
        session.execute(puts)
        there = set(session.scalars(select(OutboxRow.key).where(OutboxRow.key.in_(some))))
        new = [key for key in dict.fromkeys(some) if key not in there]
        if new:  # thousands may go at once
            session.execute(_INSERT, [{"key": key, "subject": _subject(key), "body": None, "content_type": ""} for key in new])
    announce(session, "outbox")


def waiting(session: Session, key: str) -> bytes | None:
    """Return the bytes that wait to be put under ``key``, None if there are none."""
    return session.scalar(select(OutboxRow.body).where(OutboxRow.key == key).order_by(OutboxRow.id.desc()).limit(1))


def under_way(session: Session, keys: Collection[str]) -> set[str]:
    """Return the ``keys`` that wait to be put or deleted."""
    found = (session.scalars(select(OutboxRow.key).where(OutboxRow.key.in_(some))) for some in batches(list(keys)))
    return {key for some in found for key in some}


def drain(
    database: Database,
    store: Store,
    limit: int = ROWS_PER_CLAIM,
    outages: OutageLog | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Deliver up to about ``limit`` due rows and return their number. Any number of processes may do this at once.

    A row is done when the store, asked after the put or the delete, has exactly its bytes, or no object. Returns early when
    nothing gets through, of which ``outages`` tells the log, or when ``stopped``.
    """
    outages = outages or OutageLog(_log)
    delivered = 0
    with database.reading() as session:
        if not anything_due(session):
            return 0
    with ThreadPoolExecutor(DELIVERERS, thread_name_prefix="deliver") as threads:
        while delivered < limit and not stopped():
            with database.writing() as session:
                claimed = claim(session, min(ROWS_PER_CLAIM, limit - delivered))
            with span("deliver", {"inkloop.objects": len(claimed.rows)}) if claimed.rows else nullcontext():
                outcomes = _deliver(store, claimed, threads, stopped)
            with database.writing() as session:
                settle(session, claimed, outcomes)
            done = sum(not outcome.error for outcome in outcomes.values())
            if done and _log.isEnabledFor(logging.DEBUG):
                rows = [row for row in claimed.rows if row.id in outcomes and not outcomes[row.id].error]
                asked = sorted({row.request_id for row in rows if row.request_id is not None})
                facts = {"keys": [row.key for row in rows], "request_ids": asked}
                _log.debug("%d objects are delivered.", done, extra={OWN: facts})
            _tell(outages, outcomes, done)
            delivered += done
            if not done:
                break
    return delivered


def _deliver(store: Store, claimed: Claim, threads: ThreadPoolExecutor, stopped: Callable[[], bool]) -> dict[int, Outcome]:
    """Return the outcomes of the rows that were tried, by id; once the store is away, or when ``stopped``, none is tried."""
    away = threading.Event()

    def deliver(row: Row) -> Outcome | None:
        if away.is_set() or stopped() or now() > claimed.until - CLAIM_MARGIN:
            return None
        outcome = _delivered(store, row)
        if outcome.away:
            away.set()
        return outcome

    tried = zip(claimed.rows, threads.map(deliver, claimed.rows), strict=True)
    return {row.id: outcome for row, outcome in tried if outcome is not None}


def _delivered(store: Store, row: Row) -> Outcome:
    try:
        if row.body is None:
            delete_checked(store, row.key)
        else:
            put_checked(store, row.key, row.body, row.content_type)
    except StoreUnavailable as error:
        return Outcome(error.for_owner, away=True)
    except Exception as error:  # one object that cannot be delivered must not delay the others
        _log.exception("An object could not be delivered.")
        return Outcome(f"{type(error).__name__}: {error}")
    return Outcome()


def _tell(outages: OutageLog, outcomes: dict[int, Outcome], done: int) -> None:
    failed = next((outcome.error for outcome in outcomes.values() if outcome.away), None)
    if done:
        outages.back(STORE)
    elif failed is not None:
        outages.away(STORE, f"{failed} Drawings wait in the database.")


def _subject(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    return folder + slash + name.partition(".")[0]


def _in_turn(session: Session, *keys: str) -> None:
    """Serialise the writers of one subject, so that the order of ids is the order of commits."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        # Sorted: otherwise two writers of the same subjects could wait for each other.
        for subject in sorted({_subject(key) for key in keys}):
            session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
