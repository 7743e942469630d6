"""Find the version from which a run that forgets some contributors starts: the newest one that never saw their samples.

A version has seen a sample if the sample is in its snapshot, in the snapshot of an ancestor, or among the samples that one of
them rehearsed. Rehearsal uses only samples that an activated version had learned before. Therefore

- a version that is older than the first version that learned from the contributors has seen none of their samples;
- a newer version has seen none of them if it and its newer ancestors have none in their snapshots and were made by full runs,
  which do not rehearse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from functions.domain.answer import LEARNERS
from functions.records.runs import FULL
from functions.records.tables import Activation, Run, Version
from functions.records.withdrawals import learned_from_withdrawn
from functions.registry.versions import is_of_older_form, live, original

NEWEST_FULL_RUNS = 50  # whose versions may be newer than the samples, and clean; there is less than one a day
ACTIVATED = exists().where(Activation.version_id == Version.id)
NEWEST_FIRST = Version.created.desc(), Version.id.desc()


def clean_starts(session: Session, set_name: str, contributors: Collection[str]) -> dict[str, Version]:
    """Return, by learner, the newest activated version that never saw a withdrawn sample of some contributors.

    A learner is left out if even the first version of its set has learned such a sample: it has to start again.
    """
    saw = [version for version in learned_from_withdrawn(session, contributors) if version.set_name == set_name]
    if not saw:
        return live(session, set_name)
    first, tainted = min(version.created for version in saw), {version.id for version in saw}
    found = {learner: _newest_clean(session, set_name, learner, first, tainted) for learner in LEARNERS}
    return {learner: version for learner, version in found.items() if version is not None}


def _newest_clean(session: Session, set_name: str, learner: str, first: datetime, tainted: set[str]) -> Version | None:
    for version in session.scalars(_of_full_runs(session, set_name, learner, first)):
        if not is_of_older_form(version) and all(_never_saw(session, one, tainted) for one in _later(session, version, first)):
            return version
    earlier = session.scalar(_earlier(set_name, learner, first).limit(1))
    # A newer release may have shipped its original later; a shipped version has not learned from contributors.
    shipped = original(session, set_name).get(learner)
    found = [one for one in (earlier, shipped) if one is not None and (one is earlier or one.original)]
    return max((one for one in found if not is_of_older_form(one)), key=lambda one: one.created, default=None)


def _of_full_runs(session: Session, set_name: str, learner: str, first: datetime) -> Select[Version]:
    newest = select(Run.id).where(Run.set_name == set_name, Run.kind == FULL).order_by(Run.id.desc()).limit(NEWEST_FULL_RUNS)
    # By their runs: where the set is named too, SQLite walks all its versions since ``first``.
    of_runs = select(Version).where(Version.run_id.in_(list(session.scalars(newest))), Version.learner == learner)
    return of_runs.where(Version.created >= first, ACTIVATED).order_by(*NEWEST_FIRST)


def _earlier(set_name: str, learner: str, first: datetime) -> Select[Version]:
    of_learner = select(Version).where(Version.set_name == set_name, Version.learner == learner, Version.created < first)
    return of_learner.where(ACTIVATED).order_by(*NEWEST_FIRST)


def _later(session: Session, version: Version, first: datetime) -> Iterator[Version]:
    """Yield a version and its ancestors that were made since ``first``."""
    one: Version | None = version
    while one is not None and one.created >= first:
        yield one
        one = session.get(Version, one.parent_id) if one.parent_id is not None else None


def _never_saw(session: Session, version: Version, tainted: set[str]) -> bool:
    if version.original:
        return True
    run = session.get(Run, version.run_id) if version.run_id is not None else None
    return version.id not in tainted and run is not None and run.kind == FULL
