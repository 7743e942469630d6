"""Snapshots: the samples that a run learned from, and the columns of samples that name the run."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from functions.records.database import batches
from functions.records.tables import Sample, Snapshot, SnapshotSample

QUIETLY = {"synchronize_session": False}


def keep_snapshot(session: Session, set_name: str, snapshot: str, samples: Sequence[str]) -> None:
    """Store a snapshot, unless an earlier run had the same samples and therefore the same snapshot.

    Samples that were withdrawn meanwhile are marked. The foreign keys of the new rows wait for withdrawals that are under way;
    later ones find the rows, and a trigger marks them.
    """
    if session.get(Snapshot, snapshot) is not None:
        return
    session.add(Snapshot(id=snapshot, set_name=set_name, count=len(samples)))
    session.flush()
    if samples:
        session.execute(insert(SnapshotSample), [{"snapshot_id": snapshot, "sample_id": sample} for sample in samples])
        gone = select(Sample.id).where(Sample.id.in_(_of(snapshot)), Sample.status == "withdrawn")
        theirs = update(SnapshotSample).where(SnapshotSample.snapshot_id == snapshot, SnapshotSample.sample_id.in_(gone))
        session.execute(theirs.values(withdrawn=True), execution_options=QUIETLY)


def in_snapshot(session: Session, snapshot: str) -> list[str]:
    """Return the ids of the samples of a snapshot, in order."""
    return list(session.scalars(_of(snapshot).order_by(SnapshotSample.sample_id)))


def in_snapshots(session: Session, snapshots: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the samples of each of some snapshots, in no order."""
    found: dict[str, list[str]] = {snapshot: [] for snapshot in snapshots}
    pairs = select(SnapshotSample.snapshot_id, SnapshotSample.sample_id).where(SnapshotSample.snapshot_id.in_(snapshots))
    for snapshot, sample in session.execute(pairs):
        found[snapshot].append(sample)
    return found


def withdrawn_since(session: Session, snapshot: str) -> int:
    """Count the samples of a snapshot that are no longer accepted."""
    question = select(func.count()).select_from(Sample).where(Sample.id.in_(_of(snapshot)), Sample.status != "accepted")
    return session.scalar(question) or 0


def mark_offered(session: Session, run: str, snapshot: str) -> None:
    """Mark the samples of a snapshot as offered to a run."""
    session.execute(update(Sample).where(Sample.id.in_(_of(snapshot))).values(offered_to=run), execution_options=QUIETLY)


def mark_passed_over(session: Session, run: str, samples: Sequence[str]) -> None:
    """Mark samples as offered to a run that could not train on them."""
    for some in batches(samples):
        session.execute(update(Sample).where(Sample.id.in_(some)).values(offered_to=run), execution_options=QUIETLY)


def mark_taught(session: Session, run: str, snapshot: str) -> None:
    """Mark the samples of a snapshot as learned by a live version of a run."""
    session.execute(update(Sample).where(Sample.id.in_(_of(snapshot))).values(taught_to=run), execution_options=QUIETLY)


def _of(snapshot: str) -> Select[str]:
    return select(SnapshotSample.sample_id).where(SnapshotSample.snapshot_id == snapshot)


def snapshot_id(samples: Iterable[str]) -> str:
    """Return the name of a list of samples: the SHA-256 of their sorted ids, one a line."""
    return hashlib.sha256("".join(f"{sample}\n" for sample in sorted(samples)).encode()).hexdigest()
