"""What contributors gave: the newest contributors, the samples of one in pages, and the versions that learned them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Select, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from functions.records.samples import Page
from functions.records.tables import Contributor, GoldAnswer, Sample, Version

A_FETCH = 1_000  # samples read at a time
MOST_COUNTED = 500  # samples of each contributor in a list, the newest


def newest_contributors(session: Session, limit: int, before: str | None = None) -> list[tuple[Contributor, dict[str, int]]]:
    """Return contributors with their samples counted by status, newest first, older than the contributor ``before``."""
    newest = select(Contributor).order_by(Contributor.id.desc()).limit(limit)
    found = list(session.scalars(newest.where(Contributor.id < before) if before is not None else newest))
    counts: dict[str, dict[str, int]] = {one.id: {} for one in found}
    if found:
        # One bounded walk of an index for each contributor, in one query.
        for contributor, status, count in session.execute(union_all(*map(_statuses, counts))):
            counts[contributor][status] = count
    return [(one, counts[one.id]) for one in found]


def _statuses(contributor: str) -> Select[str, str, int]:
    theirs = select(Sample.status).where(Sample.contributor_id == contributor).order_by(Sample.id.desc())
    some = theirs.limit(MOST_COUNTED).subquery()
    return select(literal(contributor), some.c.status, func.count()).group_by(some.c.status)


def page_of_theirs(session: Session, contributor: str, *, limit: int, before: str | None = None) -> Page:
    """Return up to ``limit`` samples of a contributor in all sets, newest first, without withdrawn ones."""
    theirs = select(Sample).where(Sample.contributor_id == contributor, Sample.status != "withdrawn")
    if before is not None:
        theirs = theirs.where(Sample.id < before)
    found = list(session.scalars(theirs.order_by(Sample.id.desc()).limit(limit + 1)))
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def all_of_theirs(session: Session, contributor: str) -> Iterator[Sample]:
    """Yield all samples of a contributor that are not withdrawn, newest first."""
    before: str | None = None
    while True:
        page = page_of_theirs(session, contributor, limit=A_FETCH, before=before)
        yield from page.samples
        if page.next is None:
            return
        before = page.next


def gold_answers(session: Session, contributor: str) -> tuple[int, int]:
    """Return how many gold questions a contributor answered correctly, and how many they answered."""
    answers = select(func.count(), func.sum(case((GoldAnswer.right, 1), else_=0))).where(GoldAnswer.contributor_id == contributor)
    count, right = session.execute(answers).one()
    return int(right or 0), int(count)


def versions_of_runs(session: Session, runs: Collection[str]) -> dict[str, list[Version]]:
    """Return the versions that some runs made, by run."""
    found: dict[str, list[Version]] = {}
    if not runs:
        return found
    for version in session.scalars(select(Version).where(Version.run_id.in_(runs)).order_by(Version.learner.desc())):
        found.setdefault(str(version.run_id), []).append(version)
    return found
