"""Background work: the ``runs`` table is the truth about who works on what, and Huey only wakes workers."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from functions.errors import LeaseLost, UnknownRun
from functions.records.database import Database
from functions.records.locks import alone
from functions.records.tables import Run, SymbolSetRow, new_id, now
from functions.records.training_samples import anything_unseen

Kind = Literal["learn", "train"]
KINDS: tuple[Kind, ...] = ("learn", "train")
State = Literal["queued", "running", "done", "failed", "cancelled"]

PATIENCE = 10  # quiet times that a stream of corrections may put a run off, not for ever
BURST = 15.0  # seconds that it may at the least: so long do a hundred corrections come that are sent one after the other
LEASE = timedelta(seconds=30)  # six missed heartbeats; a killed worker's run waits this long, a slow one is not robbed
ATTEMPTS = 3  # one bad moment is forgiven twice; what fails three times will fail again
WAITS = (5.0, 30.0)  # seconds until the second and the third attempt
AGAIN = (60.0, 300.0, 1800.0)  # seconds until samples whose runs failed once, twice, more often in a row are offered again


@dataclass(frozen=True)
class Lease:
    """A worker's claim on a run. Only who holds the newest ``fence`` may write about the run.

    ``forget`` are contributors: the run begins from versions that never saw their withdrawn samples.
    """

    run_id: str
    set_name: str
    kind: Kind
    fence: int
    attempt: int
    forget: tuple[str, ...] = ()


def request(session: Session, set_name: str, kind: Kind, delay: float = 0.0, *, forget: Collection[str] = ()) -> Run:
    """Queue a run of a set after ``delay`` quiet seconds, or put off the one that waits already, and return it.

    Each request starts the quiet time anew, with the shortest one asked for so far, but never past ten quiet times, and
    fifteen seconds, after the first request: a burst of corrections becomes one run and a steady stream cannot starve it.
    ``forget`` are contributors whose withdrawn samples the run is to forget, beside those that were asked for already.
    """
    moment = now()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    waiting = select(Run).where(Run.set_name == set_name, Run.kind == kind, Run.state == "queued")
    while True:
        # Locked: a worker that would lease it just now takes it after this transaction, with the samples in it.
        found = session.scalar(waiting.with_for_update().execution_options(populate_existing=True))
        if found is not None:
            break
        row = {"id": new_id(), "set_name": set_name, "kind": kind, "quiet": delay, "deadline": moment + _patience(delay)}
        session.execute(insert(Run).values(row | {"not_before": moment + _s(delay)}).on_conflict_do_nothing())
    found.quiet = min(found.quiet, delay)
    found.deadline = min(found.deadline, moment + _patience(delay))
    found.not_before = min(moment + _s(found.quiet), found.deadline)
    if not set(forget) <= set(found.forget):
        found.forget = sorted({*found.forget, *forget})  # a new list: a change within one would not be noticed
    session.flush()
    return found


def run(session: Session, run_id: str) -> Run:
    """Return a run.

    Raises:
        UnknownRun: there is none with that id.
    """
    row = session.get(Run, run_id)
    if row is None:
        raise UnknownRun("There is no run with that id.")
    return row


def runs(session: Session, set_name: str, *, limit: int, before: str | None = None) -> list[Run]:
    """Return up to ``limit`` runs of a set, newest first, older than the run ``before``."""
    question = select(Run).where(Run.set_name == set_name).order_by(Run.id.desc()).limit(limit)
    return list(session.scalars(question.where(Run.id < before) if before is not None else question))


def lease(database: Database, moment: datetime | None = None, *, kinds: Sequence[Kind] = KINDS) -> Lease | None:
    """Take the run of one of ``kinds`` that is due, or one whose worker has vanished; None when there is none.

    One run of a set works at a time, for two would each forget what the other has learned. Only a ``learn`` run may pass a
    ``train`` run, which catches up with it, until that one is ``close``d; where both are due the ``learn`` run comes first.
    A run that was begun three times and never ended is given up.
    """
    moment = moment or now()
    with database.writing() as session:
        alone(session, "lease")
        for row in session.scalars(_due(moment, kinds).with_for_update(skip_locked=True)):
            if row.attempts >= ATTEMPTS:
                _end(row, "failed", {"reason": "The worker stopped in the middle, three times."}, "given up")
                continue
            row.state, row.fence, row.attempts = "running", row.fence + 1, row.attempts + 1
            row.lease_until, row.closing = moment + LEASE, False
            row.started = row.started or moment
            row.step = "starting" if row.attempts == 1 else f"starting again (attempt {row.attempts} of {ATTEMPTS})"
            row.progress = 0.0
            return Lease(row.id, row.set_name, cast(Kind, row.kind), row.fence, row.attempts, tuple(row.forget))
    return None


def is_due(database: Database, kinds: Sequence[Kind]) -> bool:
    """Tell whether a run of one of ``kinds`` could be leased now, without keeping anybody from writing."""
    with database.reading() as session:
        return session.scalar(_due(now(), kinds).limit(1)) is not None


def close(database: Database, claim: Lease) -> bool:
    """Let no other run of the set begin until this one ends; return whether none is under way any more.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    with database.writing() as session:
        alone(session, "lease")  # nobody may take one between the two lines
        hold(session, claim, closing=True)
        others = select(Run.id).where(Run.set_name == claim.set_name, Run.id != claim.run_id)
        # One whose worker has vanished does not begin again before this one ends.
        under_way = others.where(Run.state == "running", Run.lease_until > now()).limit(1)
        return session.scalar(under_way) is None


def next_due(session: Session) -> datetime | None:
    """Return when the next run may be leased, None when none waits."""
    moments = session.execute(
        select(func.min(Run.not_before))
        .where(Run.state == "queued")
        .union_all(select(func.min(Run.lease_until)).where(Run.state == "running"))
    ).scalars()
    return min((moment for moment in moments if moment is not None), default=None)


def queued(session: Session, kind: Kind) -> list[str]:
    """Return the symbol sets for which a run of a kind waits."""
    return list(session.scalars(select(Run.set_name).where(Run.kind == kind, Run.state == "queued").order_by(Run.set_name)))


def beat(database: Database, claim: Lease, progress: float, step: str) -> None:
    """Keep a lease and tell how far the run is.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    with database.writing() as session:
        hold(session, claim, progress=progress, step=step)


def hold(session: Session, claim: Lease, **changes: Any) -> None:
    """Check a lease inside a transaction; nobody can take the run over until that ends.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    mine = update(Run).where(Run.id == claim.run_id, Run.fence == claim.fence, Run.state == "running")
    changed = mine.values(lease_until=now() + LEASE, **changes).execution_options(synchronize_session=False)
    held: Any = session.execute(changed)
    if held.rowcount != 1:
        raise LeaseLost(f"run {claim.run_id} belongs to another worker by now")


def finish(session: Session, claim: Lease, state: State, result: dict[str, Any], step: str) -> None:
    """End a run, in the transaction that publishes what it made.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    hold(session, claim)
    _end(session.get_one(Run, claim.run_id, populate_existing=True), state, result, step)
    session.flush()


def set_back(database: Database, claim: Lease, reason: str) -> None:
    """Let a run that went wrong be tried again a little later; the third time it has failed, with ``reason`` in words.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    with database.writing() as session:
        if claim.attempt >= ATTEMPTS:
            finish(session, claim, "failed", {"reason": reason}, "failed")
            return
        hold(session, claim, step=f"{reason} It will be tried again.", closing=False)
        # It stays "running" with a lease that runs out then: the place of the waiting run may be taken by now.
        session.get_one(Run, claim.run_id).lease_until = now() + _s(WAITS[claim.attempt - 1])


def hand_back(database: Database, claim: Lease) -> None:
    """Give a run up without blame, as a worker does that is told to stop; another one can begin it at once.

    Raises:
        LeaseLost: another worker has taken the run over.
    """
    with database.writing() as session:
        hold(session, claim, step="waiting for a worker", progress=0.0, attempts=claim.attempt - 1, closing=False)
        session.get_one(Run, claim.run_id).lease_until = now()


def reconcile(database: Database, quiet: float) -> list[str]:
    """Request a learn run for every set with accepted samples that no run has looked at, and return those sets.

    Nothing depends on a message that was sent once: whatever was lost, this finds what is left to learn.
    """
    with database.reading() as session:
        names = session.scalars(select(SymbolSetRow.name)).all()
        left = [name for name in names if anything_unseen(session, name) and _may_ask(session, name)]
    for name in left:
        with database.writing() as session:
            request(session, name, "learn", quiet)
    return left


def _may_ask(session: Session, set_name: str) -> bool:
    """Tell whether no learn run is under way, and the last ones that failed are long enough ago."""
    learning = select(Run).where(Run.set_name == set_name, Run.kind == "learn").order_by(Run.id.desc()).limit(len(AGAIN))
    newest = session.scalars(learning).all()
    if any(row.state in ("queued", "running") for row in newest):
        return False
    failed = list(itertools.takewhile(lambda row: row.state == "failed", newest))
    return not failed or failed[0].finished is None or now() >= failed[0].finished + _s(AGAIN[len(failed) - 1])


def _due(moment: datetime, kinds: Sequence[Kind]) -> Select[Run]:
    other = aliased(Run)
    another = exists().where(other.set_name == Run.set_name, other.state == "running", other.id != Run.id)
    passable = and_(other.kind == "train", ~other.closing, Run.kind == "learn")
    vanished = and_(Run.state == "running", Run.lease_until <= moment, ~another.where(other.closing))
    waiting = and_(Run.state == "queued", Run.not_before <= moment, ~another.where(~passable))
    due = select(Run).where(or_(vanished, waiting), Run.kind.in_(kinds))
    return due.order_by(Run.state.desc(), Run.kind, Run.not_before, Run.id)  # "running" first, then "learn"


def _end(row: Run, state: State, result: dict[str, Any], step: str) -> None:
    row.state, row.step, row.finished, row.lease_until = state, step, now(), None
    row.result = {"activated": [], "rejected": [], **result}
    if state == "done":
        row.progress = 1.0


def _patience(quiet: float) -> timedelta:
    return _s(max(PATIENCE * quiet, BURST)) if quiet else _s(0.0)


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
