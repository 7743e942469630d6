"""Queries about samples that more than one room asks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.errors import UnknownSample
from functions.records.tables import Sample, now

WAITING = ("pending", "quarantined")  # what the owner decides about
HIDDEN = ("rejected", "withdrawn")  # what a list leaves out unless it is asked for by name


def find_sample(session: Session, sample_id: str, *, lock: bool = False) -> Sample:
    """Return a sample, withdrawn ones too; ``lock`` keeps other writers from it until the transaction ends.

    Raises:
        UnknownSample: no sample ever had that id.
    """
    sample = session.get(Sample, sample_id, with_for_update=lock or None)
    if sample is None:
        raise UnknownSample("There is no sample with that id.")
    return sample


def accepted_this_hour(session: Session, contributor: str) -> int:
    """Count what a contributor gave within the last hour that may teach."""
    an_hour_ago = now() - timedelta(hours=1)
    question = select(func.count()).where(
        Sample.contributor_id == contributor, Sample.created > an_hour_ago, Sample.status == "accepted"
    )
    return session.scalar(question) or 0


def waiting_of(session: Session, set_name: str, contributor: str, limit: int) -> list[Sample]:
    """Return up to ``limit`` samples of a contributor that wait in a set, newest first, kept from other writers."""
    theirs = select(Sample).where(Sample.contributor_id == contributor, Sample.set_name == set_name, Sample.status.in_(WAITING))
    return list(session.scalars(theirs.order_by(Sample.created.desc()).limit(limit).with_for_update()))


def counts_waiting(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, int]:
    """Count what waits of each of some contributors."""
    theirs = select(Sample.contributor_id, func.count()).where(
        Sample.contributor_id.in_(contributors), Sample.set_name == set_name
    )
    return dict(session.execute(theirs.where(Sample.status.in_(WAITING)).group_by(Sample.contributor_id)).all())


def counts_by_label(session: Session, set_name: str) -> dict[str | None, int]:
    """Count the accepted samples of a set by label; labels without any are left out, None is "not a symbol"."""
    question = (
        select(Sample.label, func.count()).where(Sample.set_name == set_name, Sample.status == "accepted").group_by(Sample.label)
    )
    return dict(session.execute(question).all())


def page_of_samples(
    session: Session,
    set_name: str,
    *,
    limit: int,
    before: str | None = None,
    status: str | None = None,
    source: str | None = None,
    label: str | None = None,
    without_label: bool = False,
) -> list[Sample]:
    """Return up to ``limit`` samples of a set, newest first, older than the id ``before``.

    ``without_label`` asks for those that are not a symbol. Rejected and withdrawn ones come only by their status.
    """
    question = select(Sample).where(Sample.set_name == set_name).order_by(Sample.id.desc()).limit(limit)
    question = question.where(Sample.status == status) if status else question.where(Sample.status.not_in(HIDDEN))
    if before is not None:
        question = question.where(Sample.id < before)
    if source is not None:
        question = question.where(Sample.source == source)
    if without_label:
        question = question.where(Sample.label.is_(None))
    elif label is not None:
        question = question.where(Sample.label == label)
    return list(session.scalars(question))
