"""Queries about samples."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.errors import UnknownSample
from functions.records.tables import Sample

HELD = ("pending", "quarantined")  # the owner decides about these samples
LISTED = ("accepted", *HELD)  # a list shows rejected and withdrawn samples only on request
SCANNED_PER_PAGE = 2_000  # samples read for one page, at most: some hundredths of a second
A_FETCH = 500  # samples read at a time, after the first page


@dataclass(frozen=True)
class SampleFilter:
    """The samples that a list shows; rejected and withdrawn samples are shown only where ``status`` names them.

    ``without_label`` selects the samples that are not a symbol.
    """

    status: str | None = None
    source: str | None = None
    label: str | None = None
    without_label: bool = False


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
    theirs = select(Sample).where(Sample.contributor_id == contributor, Sample.set_name == set_name, Sample.status.in_(HELD))
    return list(session.scalars(theirs.order_by(Sample.created.desc()).limit(limit).with_for_update()))


def counts_waiting(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, int]:
    """Count the samples of a set that wait for the owner, by contributor."""
    theirs = select(Sample.contributor_id, func.count()).where(
        Sample.contributor_id.in_(contributors), Sample.set_name == set_name
    )
    return dict(session.execute(theirs.where(Sample.status.in_(HELD)).group_by(Sample.contributor_id)).all())


def page_of_samples(
    session: Session,
    set_name: str,
    wanted: SampleFilter = SampleFilter(),
    *,
    limit: int,
    before: str | None = None,
    looked_at: int = SCANNED_PER_PAGE,
) -> Page:
    """Return up to ``limit`` samples of a set that pass a filter, newest first, older than the id ``before``.

    At most ``looked_at`` samples are read. If few of these pass, the page is shorter than ``limit``.
    """
    found: list[Sample] = []
    seen, at_once = 0, limit + 1
    while True:
        some = _walk(session, set_name, wanted, before, at_once)
        found += [one for one in some if wanted.source in (None, one.source)]
        seen += len(some)
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].id)
        if len(some) < at_once:
            return Page(found, None)
        before = some[-1].id
        if seen >= looked_at:
            return Page(found, before)
        at_once = min(A_FETCH, looked_at - seen)


def _walk(session: Session, set_name: str, wanted: SampleFilter, before: str | None, limit: int) -> list[Sample]:
    """Return the newest samples of each listed status, by one index range each."""
    question = select(Sample).where(Sample.set_name == set_name).order_by(Sample.id.desc()).limit(limit)
    if before is not None:
        question = question.where(Sample.id < before)
    if wanted.without_label or wanted.label is not None:
        question = question.where(Sample.label.is_(None) if wanted.without_label else Sample.label == wanted.label)
    statuses = [wanted.status] if wanted.status else LISTED
    walks = [session.scalars(question.where(Sample.status == one)) for one in statuses]
    return sorted((one for walk in walks for one in walk), key=lambda one: one.id, reverse=True)[:limit]
