"""When a set has grown so much that its slow lane is worth its minutes."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import jobs
from functions.records.database import Database
from functions.records.label_counts import accepted
from functions.records.tables import Run, now

GROWTH = 0.1  # of what there was when it was trained the last time: less would change little that quick runs have not
LEAST = 500  # accepted samples: with fewer the quick lane has everything in its rehearsal anyway
A_DAY = timedelta(days=1)
QUIET = 60.0  # seconds without a lesson before it begins, ten times that at most
NEWEST_FULL_RUNS = 20  # slow runs, the newest, among which the last one that was through is looked for


def is_grown(session: Session, set_name: str, *, least: int = LEAST) -> bool:
    """Tell whether a set has grown by a tenth since a slow run was through with it, or has the ``least`` for a first one.

    One that failed or was cancelled counts as none, but after a failure no other is asked for until the next day.
    """
    slow = select(Run).where(Run.set_name == set_name, Run.kind == jobs.FULL).order_by(Run.id.desc()).limit(NEWEST_FULL_RUNS)
    runs = list(session.scalars(slow))
    if runs and (runs[0].state == "running" or _failed_lately(runs[0])):
        return False
    before = next(islice((run.result["accepted"] for run in runs if "accepted" in run.result), 1), 0)
    count = accepted(session, set_name)
    return count >= least and count >= (1 + GROWTH) * before


def _failed_lately(run: Run) -> bool:
    return run.state == "failed" and run.finished is not None and now() < run.finished + A_DAY


def ask_if_grown(database: Database, set_name: str, *, least: int = LEAST) -> str | None:
    """Ask for a slow run of a set that has grown, put off the one that waits, and return its id; None where none is needed."""
    with database.reading() as session:
        if not is_grown(session, set_name, least=least):
            return None
    with database.writing() as session:
        return jobs.request(session, set_name, jobs.FULL, QUIET).id
