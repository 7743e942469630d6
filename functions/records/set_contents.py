"""What refers to a symbol set: whether it may be deleted, which of its labels are in use, and the deletion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Text, cast, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from functions.records.tables import (
    Base,
    DrawingRow,
    EvidenceRow,
    GoldAnswer,
    IdempotencyKey,
    LabelCount,
    Prediction,
    Report,
    Run,
    Sample,
    Snapshot,
    SnapshotSample,
    SplitRow,
    SymbolSetRow,
    Version,
)

# In this order no row refers to one that was deleted before it.
ROWS: tuple[type[Base], ...] = (
    Report,
    EvidenceRow,
    Sample,
    Prediction,
    DrawingRow,
    GoldAnswer,
    SplitRow,
    LabelCount,
    Snapshot,
    Run,
)


def used_by(session: Session, set_name: str) -> Literal["drawings", "networks", "run"] | None:
    """Return what keeps a symbol set from being deleted, None where nothing does."""
    kept = exists().where(DrawingRow.set_name == set_name, func.length(DrawingRow.square) > 0)
    if session.scalar(select(kept)):
        return "drawings"
    if known_labels(session, set_name):
        return "networks"
    # A queued run, too: a worker might begin it at this moment.
    in_progress = exists().where(Run.set_name == set_name, Run.state.in_(("queued", "running")))
    return "run" if session.scalar(select(in_progress)) else None


def known_labels(session: Session, set_name: str) -> set[str]:
    """Return the labels that any version of the set knows, also one that never was live."""
    as_text = cast(Version.labels, Text)  # PostgreSQL does not compare JSON
    lists = session.scalars(select(as_text).where(Version.set_name == set_name).distinct())
    return {label for labels in lists for label in json.loads(labels)}


def given_labels(session: Session, set_name: str, labels: Sequence[str]) -> set[str]:
    """Return those of ``labels`` that a sample has which is not withdrawn; each is found by the index alone."""
    other = or_(Sample.status < "withdrawn", Sample.status > "withdrawn")  # "!=" would scan the whole label
    return {
        label
        for label in labels
        if session.scalar(select(exists().where(Sample.set_name == set_name, Sample.label == label, other)))
    }


def delete_contents(session: Session, set_name: str) -> None:
    """Delete a symbol set with what is left of withdrawn drawings and ended runs; ``used_by`` must have found nothing."""
    of_set = select(Snapshot.id).where(Snapshot.set_name == set_name)
    session.execute(delete(SnapshotSample).where(SnapshotSample.snapshot_id.in_(of_set)))
    for subjects in (Sample, Prediction):
        ids = select(subjects.id).where(subjects.set_name == set_name)
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.subject.in_(ids)))
    for rows in ROWS:
        session.execute(delete(rows).where(rows.__table__.c.set_name == set_name))
    session.execute(delete(SymbolSetRow).where(SymbolSetRow.name == set_name))
