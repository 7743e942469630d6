"""The samples of an export, a page at a time in the order of their ids, so that a million of them never are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select, text
from sqlalchemy.orm import Session

from functions.records.database import Database
from functions.records.tables import DOUBTED, DrawingRow, GoldAnswer, Sample, Snapshot, SnapshotSample
from functions.records.withdrawals import HAS_SQUARE

A_PAGE = 500  # samples of one short transaction: a writer or a clean-up of the database never waits for an export
EXPORTABLE = ("accepted", "pending", "quarantined", "rejected")  # a withdrawn drawing has neither strokes nor a square


@dataclass(frozen=True)
class ExportFilter:
    """The samples that an export holds; empty tuples and None select all. A label of None is "not a symbol".

    ``agreement`` (0..1) is the least share of gold questions that a contributor answered rightly; contributors who answered none
    are then left out. ``since`` is inclusive, ``until`` is not. ``doubted`` selects accepted samples with a label that a network
    did not expect.
    """

    labels: tuple[str | None, ...] = ()
    statuses: tuple[str, ...] = ("accepted",)
    splits: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    agreement: float | None = None
    snapshot: str | None = None
    doubted: bool = False


class ExportRow(NamedTuple):
    """A sample with its drawing, as the database has them; ``split`` is None until a run has assigned it."""

    id: str
    label: str | None
    status: str
    reason: str
    reason_figures: dict[str, Any]
    source: str
    split: str | None
    contributor: str
    created: datetime
    drawing: str
    strokes: bytes | None
    square: bytes
    png_sha256: str


def has_snapshot(session: Session, set_name: str, snapshot: str) -> bool:
    """Tell whether a set has a snapshot."""
    found = session.get(Snapshot, snapshot)
    return found is not None and found.set_name == set_name


def count_samples(session: Session, set_name: str, wanted: ExportFilter) -> int:
    """Count the samples that pass a filter; the filter by split is left out, because runs assign splits later."""
    chosen = _chosen(set_name, wanted, select(func.count()).select_from(Sample)).where(Sample.status.in_(wanted.statuses))
    return session.scalar(chosen) or 0


def count_contributors(session: Session, set_name: str, wanted: ExportFilter) -> int:
    """Count the contributors of the samples that pass a filter, without the filter by split."""
    theirs = _chosen(set_name, wanted, select(Sample.contributor_id)).where(Sample.status.in_(wanted.statuses)).distinct()
    return session.scalar(select(func.count()).select_from(theirs.subquery())) or 0


def pages_of_samples(
    database: Database, set_name: str, wanted: ExportFilter, after: str = "", limit: int = A_PAGE
) -> Iterator[list[ExportRow]]:
    """Yield all samples that pass a filter, by status and then by id, behind the place ``after`` (see ``place``).

    Each page is a transaction of its own. A sample that is withdrawn meanwhile is not in the pages that follow.
    """
    begun, _, last = after.partition("/")
    rest = wanted.statuses[wanted.statuses.index(begun) :] if begun else wanted.statuses
    for status in rest:
        question = _chosen(set_name, wanted, _ROWS).where(Sample.status == status, HAS_SQUARE).order_by(Sample.id).limit(limit)
        while True:
            with database.reading() as session:
                rows = session.connection().execute(question.where(Sample.id > last)).all()
            if not rows:
                break
            yield [ExportRow(*row) for row in rows]
            last = rows[-1][0]
        last = ""


def place(row: ExportRow) -> str:
    """Return the place of a sample in an export, from which ``pages_of_samples`` can go on."""
    return f"{row.status}/{row.id}"


def _chosen(set_name: str, wanted: ExportFilter, question: Select[Any]) -> Select[Any]:
    where: list[ColumnElement[bool]] = [Sample.set_name == set_name]
    if wanted.labels:
        named = [label for label in wanted.labels if label is not None]
        of_labels = Sample.label.in_(named)
        where.append(or_(of_labels, Sample.label.is_(None)) if None in wanted.labels else of_labels)
    if wanted.sources:
        where.append(Sample.source.in_(wanted.sources))
    if wanted.splits:
        where.append(or_(Sample.split.in_(wanted.splits), Sample.split.is_(None)))
    if wanted.since is not None:
        where.append(Sample.created >= wanted.since)
    if wanted.until is not None:
        where.append(Sample.created < wanted.until)
    if wanted.agreement is not None:
        share = func.avg(case((GoldAnswer.right, 1.0), else_=0.0))
        reliable = select(GoldAnswer.contributor_id).where(GoldAnswer.set_name == set_name)
        where.append(Sample.contributor_id.in_(reliable.group_by(GoldAnswer.contributor_id).having(share >= wanted.agreement)))
    if wanted.snapshot is not None:
        where.append(Sample.id.in_(select(SnapshotSample.sample_id).where(SnapshotSample.snapshot_id == wanted.snapshot)))
    if wanted.doubted:
        question = question.where(text(DOUBTED))
    return question.where(*where)


_ROWS: Select[Any] = select(
    Sample.id,
    Sample.label,
    Sample.status,
    Sample.reason,
    Sample.reason_figures,
    Sample.source,
    Sample.split,
    Sample.contributor_id,
    Sample.created,
    DrawingRow.id,
    DrawingRow.strokes,
    DrawingRow.square,
    DrawingRow.png_sha256,
).join(DrawingRow, DrawingRow.id == Sample.drawing_id)
