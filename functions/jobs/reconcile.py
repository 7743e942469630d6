"""Find samples that no run has looked at, and ask for the run that was lost or never asked for."""

from __future__ import annotations

import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.jobs.leases import _s
from functions.jobs.runs import request
from functions.records.database import Database
from functions.records.runs import QUICK
from functions.records.tables import Run, SymbolSetRow, now
from functions.records.training_samples import anything_unseen

RETRY_AFTER_FAILURES = (
    60.0,
    300.0,
    1800.0,
)  # seconds until samples whose runs failed once, twice, more often in a row are offered again


def reconcile(database: Database, quiet: float) -> list[str]:
    """Request a learn run for every set with accepted samples that no run has looked at, and return those sets.

    Nothing depends on a message that was sent once: whatever was lost, this finds what is left to learn.
    """
    with database.reading() as session:
        names = session.scalars(select(SymbolSetRow.name)).all()
        left = [name for name in names if anything_unseen(session, name) and _may_ask(session, name)]
    for name in left:
        with database.writing() as session:
            request(session, name, QUICK, quiet)
    return left


def _may_ask(session: Session, set_name: str) -> bool:
    """Tell whether no learn run is under way, and the last ones that failed are long enough ago."""
    learning = (
        select(Run).where(Run.set_name == set_name, Run.kind == QUICK).order_by(Run.id.desc()).limit(len(RETRY_AFTER_FAILURES))
    )
    newest = session.scalars(learning).all()
    if any(row.state in ("queued", "running") for row in newest):
        return False
    failed = list(itertools.takewhile(lambda row: row.state == "failed", newest))
    return not failed or failed[0].finished is None or now() >= failed[0].finished + _s(RETRY_AFTER_FAILURES[len(failed) - 1])
