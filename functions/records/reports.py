"""Reports: people say that an accepted sample does not belong into the dataset; the owner decides."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from functions.records.tables import Report, Sample

MOST_REPORTS = 20  # of a sample: more would not change its place in the queue
SEVERAL = 3  # reporters whom the owner should hear first

Place = tuple[int, str]  # of a sample among the reported ones: its number of reporters, and its id


def add_report(session: Session, sample: Sample, reporter: str) -> bool:
    """Keep a report, and return whether it is new: a reporter counts once for each sample."""
    if session.get(Report, (sample.id, reporter)) is not None or count_reports(session, sample.id) >= MOST_REPORTS:
        return False
    session.add(Report(sample_id=sample.id, reporter=reporter, set_name=sample.set_name))
    return True


def count_reports(session: Session, sample_id: str) -> int:
    """Return how many reporters a sample has."""
    return session.scalar(select(func.count()).select_from(Report).where(Report.sample_id == sample_id)) or 0


def reported_samples(session: Session, set_name: str, limit: int, *, after: Place | None = None) -> list[tuple[Sample, int]]:
    """Return accepted samples that were reported, with the number of reporters; most reported first, those behind ``after``."""
    question, (reporters, sample_id) = _reported(set_name, after)
    found = session.execute(question.order_by(reporters.desc(), sample_id.desc()).limit(limit))
    return [(row[0], row[1]) for row in found]


def count_reported(session: Session, set_name: str, *, after: Place | None = None) -> int:
    """Count the samples that ``reported_samples`` returns without a limit."""
    question, (_, sample_id) = _reported(set_name, after)
    return session.scalar(select(func.count()).select_from(question.with_only_columns(sample_id).subquery())) or 0


def _reported(set_name: str, after: Place | None) -> tuple[Select[Any], tuple[Any, Any]]:
    counted = (
        select(Report.sample_id, func.count().label("reporters")).where(Report.set_name == set_name).group_by(Report.sample_id)
    )
    reports = counted.subquery()
    question = select(Sample, reports.c.reporters).join(reports, Sample.id == reports.c.sample_id)
    question = question.where(Sample.status == "accepted")
    if after is not None:
        fewer, same = reports.c.reporters < after[0], reports.c.reporters == after[0]
        question = question.where(or_(fewer, and_(same, Sample.id < after[1])))
    return question, (reports.c.reporters, Sample.id)


def reported_by_set(session: Session) -> dict[str, int]:
    """Return how many accepted samples of each set were reported; sets without one are left out."""
    # From the reports, which are few, to their samples, and not the other way round.
    accepted = exists().where(Sample.id == Report.sample_id, Sample.status == "accepted")
    counted = select(Report.set_name, func.count(Report.sample_id.distinct())).where(accepted)
    return dict(session.execute(counted.group_by(Report.set_name)).all())


def drop_reports(session: Session, sample_id: str) -> None:
    """Forget the reports of a sample: the owner has decided."""
    session.execute(delete(Report).where(Report.sample_id == sample_id))
