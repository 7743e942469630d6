"""Decide when a set has grown so much that a full run is worth its minutes."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import jobs
from functions.records.database import Database
from functions.records.label_counts import accepted
from functions.records.tables import Run, now

GROWTH = 0.1  # share of the samples of the last full run: after a smaller growth quick runs have learned nearly as much
LEAST = 500  # accepted samples: with fewer the rehearsal of a quick run holds all of them
A_DAY = timedelta(days=1)
QUIET = 60.0  # seconds without a quick run before a full run begins; it waits ten times as long at most
NEWEST_FULL_RUNS = 20  # the newest full runs, among which the last one that was done is looked for


def is_grown(session: Session, set_name: str, *, least: int = LEAST) -> bool:
    """Tell whether a set has grown by a tenth since its last full run was done, or has the ``least`` samples for a first one.

    A full run that failed or was cancelled does not count, but a failed one delays the next request by a day.
    """
    full = select(Run).where(Run.set_name == set_name, Run.kind == jobs.FULL).order_by(Run.id.desc()).limit(NEWEST_FULL_RUNS)
    runs = list(session.scalars(full))
    newest = runs[0] if runs else None
    if newest is not None:
        failed_lately = newest.state == "failed" and newest.finished is not None and now() < newest.finished + A_DAY
        if newest.state == "running" or failed_lately:
            return False
    before = next(islice((run.result["accepted"] for run in runs if "accepted" in run.result), 1), 0)
    count = accepted(session, set_name)
    return count >= least and count >= (1 + GROWTH) * before


def ask_if_grown(database: Database, set_name: str, *, least: int = LEAST) -> str | None:
    """Request a full run of a set that has grown and return its id, or None. A request postpones a run that waits already."""
    with database.reading() as session:
        if not is_grown(session, set_name, least=least):
            return None
    with database.writing() as session:
        return jobs.request(session, set_name, jobs.FULL, QUIET)
