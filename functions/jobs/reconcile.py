"""Find samples that no run has considered, and request a run for them."""

from __future__ import annotations

import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.jobs.leases import _s
from functions.jobs.runs import BY_OWNER, request
from functions.records.database import Database
from functions.records.runs import QUICK
from functions.records.tables import Run, SymbolSetRow, now
from functions.records.training_samples import anything_unseen

# Seconds until samples are offered again after one, two, or more failed runs in a row.
RETRY_AFTER_FAILURES = (60.0, 300.0, 1800.0)


def reconcile(database: Database, quiet: float) -> list[str]:
    """Request a quick run for every set with accepted samples that no run has considered, and return these sets.

    A lost request or notification therefore delays learning, but loses no sample.
    """
    with database.reading() as session:
        names = session.scalars(select(SymbolSetRow.name)).all()
        left = [name for name in names if anything_unseen(session, name) and _may_ask(session, name)]
    for name in left:
        with database.writing() as session:
            request(session, name, QUICK, quiet)
    return left


def _may_ask(session: Session, set_name: str) -> bool:
    """Tell whether no quick run is queued or running, and the last failures are long enough ago."""
    quick_runs = select(Run).where(Run.set_name == set_name, Run.kind == QUICK).order_by(Run.id.desc())
    newest = session.scalars(quick_runs.limit(len(RETRY_AFTER_FAILURES))).all()
    if any(row.state in ("queued", "running") for row in newest):
        return False
    failed = list(itertools.takewhile(lambda row: row.state == "failed", newest))
    # What the owner cancelled does not begin again by itself at once; another drawing, or the owner, requests the next run.
    if newest and newest[0].result.get("code") == BY_OWNER:
        return newest[0].finished is None or now() >= newest[0].finished + _s(RETRY_AFTER_FAILURES[-1])
    return not failed or failed[0].finished is None or now() >= failed[0].finished + _s(RETRY_AFTER_FAILURES[len(failed) - 1])
