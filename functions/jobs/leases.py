"""A worker's lease of a run: taken, held with heartbeats, handed back. A fence distinguishes an old lease from the newest.

All functions that take a ``claim``, other than ``finish``, raise LeaseLost if another worker has taken the run over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from functions.domain.problem import Problem, failure
from functions.domain.run_step import Step
from functions.errors import LeaseLost
from functions.records.database import Database, locked
from functions.records.runs import FULL, QUICK, Kind, TrainingKind
from functions.records.tables import Run, now

KINDS: tuple[TrainingKind, ...] = (QUICK, FULL)
State = Literal["queued", "running", "done", "failed", "cancelled"]

LEASE = timedelta(seconds=30)  # six missed heartbeats: a slow worker keeps its run, a killed worker's run waits no longer
ATTEMPTS = 3  # a run that failed three times will fail again
WAITS = (5.0, 30.0)  # seconds until the second and the third attempt
GAVE_UP = failure(Problem("worker_stopped", attempts=ATTEMPTS))


@dataclass(frozen=True)
class Lease:
    """A worker's claim on a run. Only the worker with the newest ``fence`` may change the run.

    The run starts from versions that never learned the withdrawn samples of the contributors ``forget``. An export has in
    ``request`` what was asked for. ``request_id`` names the web request that queued it first.
    """

    run_id: str
    set_name: str
    kind: Kind
    fence: int
    attempt: int
    forget: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None


def lease(database: Database, moment: datetime | None = None, *, kinds: Sequence[Kind] = KINDS) -> Lease | None:
    """Take a due run of one of ``kinds``, or a run with an expired lease; None when there is none.

    A set has one running run at a time: of two, each would lack the samples of the other. But a quick run may start beside a full
    run, which catches up with it, until the full run is ``close``d. Where both are due, the quick run comes first. Exports run
    beside all others. A run that was started three times and never ended is given up.
    """
    moment = moment or now()
    with database.writing() as session:
        locked(session, "lease")
        for row in session.scalars(_due(moment, kinds).with_for_update(skip_locked=True)):
            if row.attempts >= ATTEMPTS:
                end(row, "failed", GAVE_UP, Step("given_up"))
                continue
            row.state, row.fence, row.attempts = "running", row.fence + 1, row.attempts + 1
            row.lease_until, row.closing = moment + LEASE, False
            row.started = row.started or moment
            again = Step.of("starting_again", attempt=row.attempts, attempts=ATTEMPTS)
            row.step = Step("starting") if row.attempts == 1 else again
            row.progress = 0.0
            forget, kind = tuple(row.forget), cast(Kind, row.kind)
            return Lease(row.id, row.set_name, kind, row.fence, row.attempts, forget, row.request, row.request_id)
    return None


def is_due(database: Database, kinds: Sequence[Kind]) -> bool:
    """Tell whether a run of one of ``kinds`` could be leased now, without a write lock."""
    with database.reading() as session:
        return session.scalar(_due(now(), kinds).limit(1)) is not None


def close(database: Database, claim: Lease) -> bool:
    """Stop other training of the set from beginning until this run ends; return whether none is running any more."""
    with database.writing() as session:
        locked(session, "lease")  # no run may be leased between the next two statements
        hold(session, claim, closing=True)
        others = select(Run.id).where(Run.set_name == claim.set_name, Run.id != claim.run_id, Run.kind.in_(KINDS))
        # A run with an expired lease does not begin again before this run ends.
        under_way = others.where(Run.state == "running", Run.lease_until > now()).limit(1)
        return session.scalar(under_way) is None


def beat(database: Database, claim: Lease, progress: float, step: Step) -> None:
    """Extend a lease and store the progress of the run."""
    with database.writing() as session:
        hold(session, claim, progress=progress, step=step)


def hold(session: Session, claim: Lease, **changes: Any) -> None:
    """Check and extend a lease; no other worker can take the run over until the transaction ends."""
    mine = update(Run).where(Run.id == claim.run_id, Run.fence == claim.fence, Run.state == "running")
    changed = mine.values(lease_until=now() + LEASE, **changes).execution_options(synchronize_session=False)
    held: Any = session.execute(changed)
    if held.rowcount != 1:
        raise LeaseLost(f"run {claim.run_id} belongs to another worker by now")


@contextmanager
def holding(database: Database, claim: Lease) -> Iterator[Session]:
    """Open a transaction that writes and that holds the lease."""
    with database.writing() as session:
        hold(session, claim)
        yield session


def finish(session: Session, claim: Lease, state: State, result: dict[str, Any], step: Step) -> None:
    """End a run, in the transaction that publishes its versions and holds its lease."""
    end(session.get_one(Run, claim.run_id, populate_existing=True), state, result, step)
    session.flush()


def set_back(database: Database, claim: Lease, reason: str) -> None:
    """Retry a run after an error, a little later; after the third error it has failed, with ``reason`` in words."""
    with holding(database, claim) as session:
        if claim.attempt >= ATTEMPTS:
            finish(session, claim, "failed", failure(reason), Step("failed"))
            return
        hold(session, claim, step=Step.of("retrying", reason=reason, problem=failure(reason)), closing=False)
        # It stays "running" with a lease that expires then: by now another run may be the one queued run of the set.
        session.get_one(Run, claim.run_id).lease_until = now() + _s(WAITS[claim.attempt - 1])


def hand_back(database: Database, claim: Lease) -> None:
    """Return a run to the queue without counting the attempt, because this worker stops; another one can begin it at once."""
    with database.writing() as session:
        hold(session, claim, step=Step("handed_back"), progress=0.0, attempts=claim.attempt - 1, closing=False)
        session.get_one(Run, claim.run_id).lease_until = now()


def _due(moment: datetime, kinds: Sequence[Kind]) -> Select[Run]:
    other = aliased(Run)
    another = exists().where(other.set_name == Run.set_name, other.state == "running", other.id != Run.id)
    another = another.where(other.kind.in_(KINDS), Run.kind.in_(KINDS))
    passable = and_(other.kind == FULL, ~other.closing, Run.kind == QUICK)
    vanished = and_(Run.state == "running", Run.lease_until <= moment, ~another.where(other.closing))
    waiting = and_(Run.state == "queued", Run.not_before <= moment, ~another.where(~passable))
    due = select(Run).where(or_(vanished, waiting), Run.kind.in_(kinds))
    return due.order_by(Run.state.desc(), Run.kind, Run.not_before, Run.id)  # "running" before "queued", "learn" before "train"


def end(row: Run, state: State, result: dict[str, Any], step: Step) -> None:
    """Set the columns of a run that ends now."""
    row.state, row.step, row.finished, row.lease_until = state, step, now(), None
    row.result = {"activated": [], "rejected": [], **result}
    if state == "done":
        row.progress = 1.0


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)
