"""What the rows tell about how well a set's networks do. Every question is bounded, however much was collected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.pool import Pool

from functions.domain.answer import LEARNERS
from functions.domain.monitoring import LabelledAnswer, Outcomes, labelled_answer, outcomes
from functions.records.tables import Activation, Prediction, Sample, Version

LATEST = 5000  # corrections that are looked at: enough for a tenth of a percent, and read in well under a second
ACTIVATED = 200  # activations of each learner that are told, the newest
AT_ONCE = 500  # ids in one statement; SQLite's limit of parameters is far above
STRETCHES = 20  # of one version that are told, the newest; each is somebody's decision to go back to it
# Written out: what the partial index ix_samples_corrections holds.
CORRECTIONS = text("samples.prediction_id IS NOT NULL")


class LivePeriod(NamedTuple):
    """A time in which a version answered: who or what let it, and when another one took over, None until then."""

    begin: datetime
    end: datetime | None
    by: str


def judged_answers(session: Session, set_name: str, latest: int = LATEST) -> list[LabelledAnswer]:
    """Return the answers that the accepted ones among the ``latest`` corrections judge, oldest first.

    An answer was given before its drawing could be learned, so this is an honest estimate, but of the drawings that people
    cared to judge.
    """
    newest = _corrections(set_name, latest, Sample.id, Sample.status).subquery()
    accepted = select(newest.c.id).where(newest.c.status == "accepted").order_by(newest.c.id)
    of_database = _READ.setdefault(session.get_bind().engine.pool, {})
    ids, before = list(session.scalars(accepted)), of_database.get(set_name, {})
    found = {one: before[one] for one in ids if one in before} | _read(session, [one for one in ids if one not in before])
    of_database[set_name] = found  # no more than is asked for: what was taken back is not kept
    return [found[one] for one in ids if one in found]


# What was read last, by database, set and sample. An answer and what was said of it never change, and unpacking them takes long.
_READ: WeakKeyDictionary[Pool, dict[str, dict[str, LabelledAnswer]]] = WeakKeyDictionary()


def _read(session: Session, ids: list[str]) -> dict[str, LabelledAnswer]:
    found: dict[str, LabelledAnswer] = {}
    columns = (Sample.id, Sample.created, Sample.label, Prediction.answer, Prediction.opinions)
    question = select(*columns).join(Prediction, Prediction.id == Sample.prediction_id)
    for start in range(0, len(ids), AT_ONCE):
        for one, *row in session.execute(question.where(Sample.id.in_(ids[start : start + AT_ONCE]))):
            found[one] = labelled_answer(*row)
    return found


def correction_outcomes(session: Session, set_name: str, latest: int = LATEST) -> Outcomes:
    """Count what became of the ``latest`` corrections, and why."""
    newest = _corrections(set_name, latest, Sample.status, Sample.reason).subquery()
    counted = select(newest.c.status, newest.c.reason, func.count()).group_by(newest.c.status, newest.c.reason)
    return outcomes((status, reason, count) for status, reason, count in session.execute(counted))


def activations(session: Session, set_name: str, latest: int = ACTIVATED) -> list[Activation]:
    """Return the ``latest`` activations of each learner of a set, newest first."""
    found: list[Activation] = []
    for learner in LEARNERS:  # one walk down the index each
        of_learner = select(Activation).where(Activation.set_name == set_name, Activation.learner == learner)
        found += session.scalars(of_learner.order_by(Activation.id.desc()).limit(latest))
    return sorted(found, key=lambda row: -row.id)


def live_periods(session: Session, version: Version, latest: int = STRETCHES) -> list[LivePeriod]:
    """Return the ``latest`` times in which a version answered, newest first."""
    after = aliased(Activation)
    taken_over = (
        select(after.created)
        .where(after.set_name == Activation.set_name, after.learner == Activation.learner, after.id > Activation.id)
        .order_by(after.id)
        .limit(1)
        .scalar_subquery()
    )
    of_set = select(Activation.created, taken_over, Activation.by).where(
        Activation.set_name == version.set_name, Activation.learner == version.learner, Activation.version_id == version.id
    )
    return [LivePeriod(*row) for row in session.execute(of_set.order_by(Activation.id.desc()).limit(latest))]


def taught(session: Session, versions: Iterable[str]) -> dict[str, int]:
    """Return how many samples each of some versions has learned, all its line together; older ones do not know it."""
    ids = sorted(set(versions))
    found: dict[str, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = Version.id.in_(ids[start : start + AT_ONCE])
        for version, original, number in session.execute(
            select(Version.id, Version.original, Version.card["taught"].as_integer()).where(some)
        ):
            if original or number is not None:
                found[version] = 0 if original else number
    return found


def _corrections(set_name: str, latest: int, *columns: InstrumentedAttribute[Any]) -> Select[Any]:
    of_set = select(*columns).where(Sample.set_name == set_name, CORRECTIONS)
    return of_set.order_by(Sample.id.desc()).limit(latest)
