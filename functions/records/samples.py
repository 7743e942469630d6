"""Queries about samples."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import Session

from functions.errors import UnknownSample
from functions.records.tables import DOUBTED, WAITS, DrawingRow, Sample

HELD = ("pending", "quarantined")  # the owner decides about these samples
LISTED = ("accepted", *HELD)  # a list shows rejected and withdrawn samples only on request
# Literal SQL, not bound values: otherwise the partial index ix_samples_doubted is not used.
_DOUBTED, _WAITS = text(DOUBTED), text(WAITS)


@dataclass(frozen=True)
class SampleFilter:
    """The samples that a list shows; rejected and withdrawn samples are shown only where ``status`` names them.

    ``without_label`` selects the samples that are not a symbol. ``since`` is inclusive, ``until`` is not. ``doubted`` selects the
    accepted samples of which the networks thought otherwise than their label says.
    """

    status: str | None = None
    source: str | None = None
    label: str | None = None
    without_label: bool = False
    split: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    doubted: bool = False


@dataclass(frozen=True)
class Page:
    """Some samples, newest first; the next page begins before the id ``next``, None on the last page."""

    samples: list[Sample]
    next: str | None


def find_sample(session: Session, sample_id: str, *, lock: bool = False) -> Sample:
    """Return a sample, also a withdrawn one, or raise UnknownSample; ``lock`` locks its row until the transaction ends."""
    sample = session.get(Sample, sample_id, with_for_update=lock or None)
    if sample is None:
        raise UnknownSample("There is no sample with that id.")
    return sample


def waiting_of(session: Session, set_name: str, contributor: str, limit: int) -> list[Sample]:
    """Return up to ``limit`` samples of a contributor that wait in a set, newest first, locked for update."""
    theirs = select(Sample).where(Sample.contributor_id == contributor, Sample.set_name == set_name, _WAITS)
    return list(session.scalars(theirs.order_by(Sample.created.desc()).limit(limit).with_for_update()))


def counts_waiting(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, int]:
    """Count the samples of a set that wait for the owner, by contributor."""
    if not contributors:
        return {}
    of_set = select(Sample.contributor_id, func.count()).where(Sample.set_name == set_name, _WAITS)
    theirs = of_set.where(Sample.contributor_id.in_(contributors)).group_by(Sample.contributor_id)
    return dict(session.execute(theirs).all())


def page_of_samples(
    session: Session, set_name: str, wanted: SampleFilter = SampleFilter(), *, limit: int, before: str | None = None
) -> Page:
    """Return up to ``limit`` samples of a set that pass a filter, newest first, older than the id ``before``.

    Each status is one range of an index, which has the columns of the other filters too: a rare sample is found without reading
    the samples before it.
    """
    statuses = ("accepted",) if wanted.doubted else (wanted.status,) if wanted.status else LISTED
    question = _question(set_name, wanted, before).order_by(Sample.id.desc()).limit(limit + 1)
    walks = [session.scalars(question.where(Sample.status == one)) for one in statuses]
    found = sorted((one for walk in walks for one in walk), key=lambda one: one.id, reverse=True)
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def count_up_to(session: Session, set_name: str, wanted: SampleFilter, most: int, *, before: str | None = None) -> int:
    """Count the samples of one status that pass a filter and are older than the id ``before``, but not beyond ``most``."""
    some = _question(set_name, wanted, before).with_only_columns(Sample.id).where(Sample.status == (wanted.status or "accepted"))
    return session.scalar(select(func.count()).select_from(some.limit(most).subquery())) or 0


def drawings_of(session: Session, samples: Collection[Sample]) -> dict[str, DrawingRow]:
    """Return the drawings of some samples by the ids of the drawings."""
    rows = session.scalars(select(DrawingRow).where(DrawingRow.id.in_([sample.drawing_id for sample in samples])))
    return {row.id: row for row in rows}


def _question(set_name: str, wanted: SampleFilter, before: str | None) -> Select[Sample]:
    where: list[ColumnElement[bool]] = [Sample.set_name == set_name]
    if before is not None:
        where.append(Sample.id < before)
    if wanted.without_label or wanted.label is not None:
        where.append(Sample.label.is_(None) if wanted.without_label else Sample.label == wanted.label)
    if wanted.source is not None:
        where.append(Sample.source == wanted.source)
    if wanted.split is not None:
        where.append(Sample.split == wanted.split)
    if wanted.since is not None:
        where.append(Sample.created >= wanted.since)
    if wanted.until is not None:
        where.append(Sample.created < wanted.until)
    question = select(Sample).where(*where)
    return question.where(_DOUBTED) if wanted.doubted else question
