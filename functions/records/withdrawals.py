"""Withdrawn samples, and the versions that learned from them. Each query uses an index, however many samples there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, distinct, func, select, text
from sqlalchemy.orm import Session

from functions.domain.trust.reason_codes import Reason
from functions.records import objects, outbox
from functions.records.evidence_log import wipe_evidence
from functions.records.tables import Contributor, DrawingRow, Run, Sample, SnapshotSample, Version

# Literal SQL, not a bound value: otherwise the partial index ix_drawings_kept is not used.
HAS_SQUARE = text("length(drawings.square) > 0")
MARKED = text("snapshot_samples.withdrawn")  # for ix_snapshot_samples_withdrawn


@dataclass(frozen=True)
class Withdrawn:
    """How many samples of a version were withdrawn later: its ``own``, and those of it and its ancestors (``line``)."""

    own: int
    line: int


def is_contributor(session: Session, contributor: str) -> bool:
    """Tell whether a contributor exists."""
    return session.get(Contributor, contributor) is not None


def kept_drawings(session: Session, contributor: str, limit: int) -> list[DrawingRow]:
    """Return up to ``limit`` drawings of a contributor that are not wiped, oldest first, locked for update."""
    theirs = select(DrawingRow).where(DrawingRow.contributor_id == contributor, HAS_SQUARE).order_by(DrawingRow.id)
    return list(session.scalars(theirs.limit(limit).with_for_update()))


def samples_of(session: Session, drawings: Collection[DrawingRow]) -> list[Sample]:
    """Return the samples of some drawings that are not withdrawn, locked for update."""
    theirs = select(Sample).where(Sample.drawing_id.in_([row.id for row in drawings]), Sample.status != "withdrawn")
    return list(session.scalars(theirs.order_by(Sample.id).with_for_update()))


def counts_by_status(session: Session, contributor: str) -> dict[tuple[str, str], int]:
    """Count the samples of a contributor by set and status."""
    counted = select(Sample.set_name, Sample.status, func.count()).where(Sample.contributor_id == contributor)
    rows = session.execute(counted.group_by(Sample.set_name, Sample.status).order_by(Sample.set_name, Sample.status))
    return {(set_name, status): count for set_name, status, count in rows}


def learned_from(session: Session, sample_id: str) -> list[Version]:
    """Return the versions whose snapshot contains a sample, newest first."""
    return _versions(session, select(SnapshotSample.snapshot_id).where(SnapshotSample.sample_id == sample_id))


def learned_from_withdrawn(session: Session, contributors: Collection[str]) -> list[Version]:
    """Return the versions whose snapshot contains a withdrawn sample of some contributors, newest first."""
    return _versions(session, _snapshots(contributors))


def sets_to_forget_in(session: Session, contributor: str) -> list[str]:
    """Return the sets with a version that learned from a contributor's withdrawn samples, or with a run that may be doing it."""
    learned = {version.set_name for version in learned_from_withdrawn(session, [contributor])}
    theirs = select(Sample.set_name).where(Sample.contributor_id == contributor, Sample.status == "withdrawn")
    under_way = select(Run.set_name).where(Run.state == "running", Run.set_name.in_(theirs))
    return sorted(learned | set(session.scalars(under_way)))


def withdrawn_since(session: Session, version: Version, ancestors: Sequence[str]) -> Withdrawn:
    """Count the samples of a version, and of its line with some ``ancestors``, that were withdrawn later."""

    def count(snapshots: Collection[str]) -> int:
        gone = select(func.count(distinct(SnapshotSample.sample_id))).where(MARKED, SnapshotSample.snapshot_id.in_(snapshots))
        return session.scalar(gone) or 0

    own = [version.snapshot_id] if version.snapshot_id is not None else []
    of_ancestors = select(Version.snapshot_id).where(Version.id.in_(ancestors), Version.snapshot_id.is_not(None))
    return Withdrawn(count(own), count([*own, *session.scalars(of_ancestors)]))


def _versions(session: Session, snapshots: Select[str]) -> list[Version]:
    question = select(Version).where(Version.snapshot_id.in_(snapshots))
    return list(session.scalars(question.order_by(Version.created.desc(), Version.id.desc())))


def _snapshots(contributors: Collection[str]) -> Select[str]:
    withdrawn = select(SnapshotSample.snapshot_id).join(Sample, Sample.id == SnapshotSample.sample_id)
    return withdrawn.where(Sample.contributor_id.in_(contributors), Sample.status == "withdrawn")


def wipe(session: Session, drawings: Sequence[DrawingRow], samples: Sequence[Sample], reason: Reason) -> None:
    """Delete the strokes, squares and objects of drawings that the caller has locked; the rows of their samples are withdrawn."""
    for sample in samples:
        sample.status, sample.reason, sample.reason_figures = "withdrawn", reason.code, dict(reason.figures)
    for drawing in drawings:
        drawing.strokes, drawing.square = None, b""
    session.flush()
    wipe_evidence(session, *(sample.id for sample in samples))  # the hash of a picture reveals something about the picture
    outbox.remove(session, *_keys(drawings, samples))


def _keys(drawings: Iterable[DrawingRow], samples: Sequence[Sample]) -> Iterable[str]:
    labelled = {sample.drawing_id for sample in samples}
    for sample in samples:
        yield from objects.keys_of_sample(sample)
    for drawing in drawings:
        if drawing.id not in labelled:
            yield from objects.keys_of_drawing(drawing)
