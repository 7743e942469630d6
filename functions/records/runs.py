"""Queries about unfinished runs, and about the ancestors of a version."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from functions.records.tables import Run, Version

TrainingKind = Literal["learn", "train"]  # a quick run and a full run, as the API and the database name them
Kind = Literal[TrainingKind, "export", "import"]
QUICK: TrainingKind = "learn"
FULL: TrainingKind = "train"
EXPORT: Kind = "export"
IMPORT: Kind = "import"
NEAREST = 500  # ancestors of a version that are shown: each fine-tuning adds one, and an answer must not grow without limit


def active_run(session: Session, set_name: str) -> str | None:
    """Return the id of the queued quick run of a set, else of the running one, else None."""
    question = select(Run).where(Run.set_name == set_name, Run.kind == QUICK, Run.state.in_(("queued", "running")))
    runs = sorted(session.scalars(question), key=lambda run: (run.state == "queued", run.id))
    return runs[-1].id if runs else None


def unfinished_runs(session: Session, sets: Collection[str]) -> list[Run]:
    """Return the queued and running runs of some sets, newest first."""
    question = select(Run).where(Run.set_name.in_(sets), Run.state.in_(("queued", "running")))
    # Sorted here: with ORDER BY, a database scans all runs of the sets instead of using the index on states.
    return sorted(session.scalars(question), key=lambda run: run.id, reverse=True)


def lineage(session: Session, version: Version, nearest: int | None = None, since: datetime | None = None) -> list[str]:
    """Return the ids of a version's ancestors, its parent first, the original last.

    Or only the ``nearest``, or those that were made ``since`` then and perhaps one more: a parent is older than its child.
    """
    itself = select(Version.parent_id.label("id"), literal(1).label("far")).where(Version.id == version.id)
    line = itself.cte("line", recursive=True)
    further = select(Version.parent_id, line.c.far + 1).join(line, Version.id == line.c.id).where(Version.parent_id.is_not(None))
    if nearest is not None:
        further = further.where(line.c.far < nearest)
    if since is not None:
        further = further.where(Version.created >= since)
    line = line.union_all(further)
    return list(session.scalars(select(line.c.id).where(line.c.id.is_not(None)).order_by(line.c.far)))
