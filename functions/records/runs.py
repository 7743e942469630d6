"""Queries about the run that a correction waits for, and about where a version comes from."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.records.tables import Run, Version


def active_run(session: Session, set_name: str) -> str | None:
    """Return the id of the learn run that waits, else of the one that runs, else None."""
    question = select(Run).where(Run.set_name == set_name, Run.kind == "learn", Run.state.in_(("queued", "running")))
    runs = sorted(session.scalars(question), key=lambda run: (run.state == "queued", run.id))
    return runs[-1].id if runs else None


def unfinished_runs(session: Session, sets: Collection[str]) -> list[Run]:
    """Return the runs of some sets that wait or are under way, newest first."""
    question = select(Run).where(Run.set_name.in_(sets), Run.state.in_(("queued", "running")))
    return list(session.scalars(question.order_by(Run.id.desc())))


def lineage(session: Session, version: Version) -> list[str]:
    """Return the ids of a version's ancestors, its parent first, the original last."""
    ids: list[str] = []
    parent = version.parent_id
    while parent is not None and parent not in ids:
        ids.append(parent)
        parent = session.scalar(select(Version.parent_id).where(Version.id == parent))
    return ids
