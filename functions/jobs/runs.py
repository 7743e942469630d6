"""Runs, the background work: requested and listed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from functions.domain.problem import Problem
from functions.domain.run_step import Step
from functions.errors import Conflict, UnknownRun
from functions.jobs.leases import KINDS, _s, end
from functions.records.changes import announce
from functions.records.database import locked
from functions.records.runs import EXPORT, IMPORT, Kind, TrainingKind
from functions.records.tables import Run, new_id, now

PATIENCE = 10  # quiet times: a stream of corrections delays a run no longer
SLACK = 0.03  # of the quiet time: so much sooner a run may start after the last request
BY_OWNER = "cancelled_by_owner"
MOST_WAITING = 50  # exports; each takes minutes
UPLOAD = timedelta(days=1)  # until the file of an import is complete; then a worker removes what came of it
BURST = 15.0  # seconds: the shortest such delay, in which a hundred corrections come that are sent one after the other


# Built once: building a statement takes longer than running it.
_QUEUED = select(Run.id, Run.quiet, Run.deadline, Run.not_before, Run.forget).where(
    Run.set_name == bindparam("set"), Run.kind == bindparam("kind"), Run.state == "queued"
)
_LOCKED, _SHARED = _QUEUED.with_for_update(), _QUEUED.with_for_update(read=True)
_QUEUE = {
    "postgresql": postgresql.insert(Run).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(Run).on_conflict_do_nothing(),
}


def request(session: Session, set_name: str, kind: TrainingKind, delay: float = 0.0, *, forget: Collection[str] = ()) -> str:
    """Queue a run of a set after ``delay`` quiet seconds, or delay the queued run, and return its id.

    Each request restarts the quiet time; the shortest requested one counts. The run starts at the latest ten quiet times (at
    least fifteen seconds) after the first request, so a steady stream of corrections cannot delay it for ever. ``forget`` adds
    contributors whose withdrawn samples the run must unlearn.
    """
    session.flush()
    moment, asked = now(), {"set": set_name, "kind": kind}
    connection = session.connection()
    postgres = connection.dialect.name == "postgresql"
    while True:
        found = connection.execute(_QUEUED, asked).one_or_none()
        if found is None:
            row = {"id": new_id(), "set_name": set_name, "kind": kind, "quiet": delay, "deadline": moment + _patience(delay)}
            connection.execute(_QUEUE["postgresql" if postgres else "sqlite"], row | {"not_before": moment + _s(delay)})
            continue
        changes = _changes(found, moment, delay, forget)
        # Locked: a worker that leases the run now waits for this transaction, and then learns its samples too. Requests that
        # change nothing share the lock, so contributions do not wait for one another.
        if postgres:
            found = connection.execute(_LOCKED if changes else _SHARED, asked).one_or_none()
            if found is None:
                continue
            changes = changes and _changes(found, moment, delay, forget)
        if changes:
            connection.execute(update(Run).where(Run.id == found.id).values(changes))
        break
    announce(session, "runs")
    return str(found.id)


def request_export(session: Session, set_name: str, asked: dict[str, Any]) -> Run:
    """Queue an export, beside those that wait already; raise Conflict if too many do."""
    waiting = select(func.count()).where(Run.kind == EXPORT, Run.state == "queued")
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} exports wait already; try again when some of them are done.")
    row = Run(set_name=set_name, kind=EXPORT, request=asked)
    session.add(row)
    session.flush()
    announce(session, "runs")
    return row


def request_import(session: Session, set_name: str, asked: dict[str, Any]) -> Run:
    """Queue an import that waits for its file, for a day; ``begin_import`` makes it due. Raise Conflict if too many wait."""
    waiting = select(func.count()).where(Run.kind == IMPORT, Run.state == "queued")
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} imports wait already; try again when some of them are done.")
    row = Run(set_name=set_name, kind=IMPORT, request=asked, not_before=now() + UPLOAD)
    session.add(row)
    session.flush()
    return row


def begin_import(session: Session, run_id: str) -> None:
    """Make an import due whose file is complete; a repeated call is harmless."""
    row = session.get_one(Run, run_id, with_for_update=True)
    if row.state == "queued":
        row.not_before = min(row.not_before, now())
        session.flush()
        announce(session, "runs")


def _changes(found: Any, moment: datetime, delay: float, forget: Collection[str]) -> dict[str, Any]:
    """Return the columns of a queued run that another request changes."""
    quiet, deadline = min(found.quiet, delay), min(found.deadline, moment + _patience(delay))
    due = min(moment + _s(quiet), deadline)
    changes: dict[str, Any] = {}
    # A stream of contributions does not write for each.
    if quiet < found.quiet or deadline < found.deadline or abs(due - found.not_before) > _s(quiet * SLACK):
        changes |= {"quiet": quiet, "deadline": deadline, "not_before": due}
    if not set(forget) <= set(found.forget):
        changes["forget"] = sorted({*found.forget, *forget})
    return changes


def run(session: Session, run_id: str) -> Run:
    """Return a run, or raise UnknownRun."""
    row = session.get(Run, run_id)
    if row is None:
        raise UnknownRun("There is no run with that id.")
    return row


def cancel(session: Session, run_id: str) -> Run:
    """Cancel a run that waits or is in progress, for the owner; a worker that executes it notices at its next heartbeat.

    Nothing of the run is published. Raises UnknownRun, and Conflict if the run has ended.
    """
    run(session, run_id)
    locked(session, "lease")  # no worker may lease it between the look and the end
    row = session.get_one(Run, run_id, populate_existing=True, with_for_update=True)
    if row.state not in ("queued", "running"):
        raise Conflict(Problem("run_ended"))
    end(row, "cancelled", {"code": BY_OWNER}, Step(BY_OWNER))
    return row


def runs(session: Session, set_name: str, *, limit: int, before: str | None = None, kind: Kind | None = None) -> list[Run]:
    """Return up to ``limit`` runs of a set, newest first, older than the run ``before``; with ``kind``, of one kind."""
    question = select(Run).where(Run.set_name == set_name).order_by(Run.id.desc()).limit(limit)
    if kind is not None:
        question = question.where(Run.kind == kind)
    return list(session.scalars(question.where(Run.id < before) if before is not None else question))


def next_due(session: Session, kinds: Sequence[Kind] = KINDS) -> datetime | None:
    """Return the time at which the next run of some kinds may be leased, None when none waits."""
    moments = session.execute(
        select(func.min(Run.not_before))
        .where(Run.state == "queued", Run.kind.in_(kinds))
        .union_all(select(func.min(Run.lease_until)).where(Run.state == "running", Run.kind.in_(kinds)))
    ).scalars()
    return min((moment for moment in moments if moment is not None), default=None)


def queued(session: Session, kind: Kind) -> list[str]:
    """Return the symbol sets with a queued run of a kind."""
    return list(session.scalars(select(Run.set_name).where(Run.kind == kind, Run.state == "queued").order_by(Run.set_name)))


def _patience(quiet: float) -> timedelta:
    return _s(max(PATIENCE * quiet, BURST)) if quiet else _s(0.0)
