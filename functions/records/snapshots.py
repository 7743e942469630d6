"""Snapshots: which samples a run learned from, and what that makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.tables import Sample, Snapshot, SnapshotSample

AT_ONCE = 500  # ids in one statement; SQLite's limit of parameters is far above
QUIETLY = {"synchronize_session": False}


def keep_snapshot(session: Session, set_name: str, snapshot: str, samples: Sequence[str]) -> None:
    """Write a snapshot down, unless an earlier run had the same samples and so the same snapshot."""
    if session.get(Snapshot, snapshot) is not None:
        return
    session.add(Snapshot(id=snapshot, set_name=set_name, count=len(samples)))
    session.flush()
    session.execute(insert(SnapshotSample), [{"snapshot_id": snapshot, "sample_id": sample} for sample in samples])


def in_snapshot(session: Session, snapshot: str) -> list[str]:
    """Return the ids of the samples of a snapshot, in order."""
    return list(session.scalars(_of(snapshot).order_by(SnapshotSample.sample_id)))


def withdrawn_since(session: Session, snapshot: str) -> int:
    """Count the samples of a snapshot that may no longer teach."""
    question = select(func.count()).select_from(Sample).where(Sample.id.in_(_of(snapshot)), Sample.status != "accepted")
    return session.scalar(question) or 0


def mark_offered(session: Session, run: str, snapshot: str) -> None:
    """Note that a run has looked at the samples of a snapshot."""
    session.execute(update(Sample).where(Sample.id.in_(_of(snapshot))).values(offered_to=run), execution_options=QUIETLY)


def mark_passed_over(session: Session, run: str, samples: Sequence[str]) -> None:
    """Note that a run has looked at samples that it could not teach."""
    for start in range(0, len(samples), AT_ONCE):
        some = Sample.id.in_(samples[start : start + AT_ONCE])
        session.execute(update(Sample).where(some).values(offered_to=run), execution_options=QUIETLY)


def mark_taught(session: Session, run: str, snapshot: str) -> None:
    """Note that a version that answers has learned the samples of a snapshot."""
    session.execute(update(Sample).where(Sample.id.in_(_of(snapshot))).values(taught_to=run), execution_options=QUIETLY)


def _of(snapshot: str) -> Select[str]:
    return select(SnapshotSample.sample_id).where(SnapshotSample.snapshot_id == snapshot)


def snapshot_id(samples: Iterable[str]) -> str:
    """Return the name of a list of samples: the SHA-256 of their sorted ids, one a line."""
    return hashlib.sha256("".join(f"{sample}\n" for sample in sorted(samples)).encode()).hexdigest()
