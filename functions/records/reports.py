"""Reports: people say that an accepted sample does not belong into the dataset; the owner decides."""

from __future__ import annotations

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from functions.records.tables import Report, Sample

MOST_REPORTS = 20  # of a sample: more would not change its place in the queue
SEVERAL = 3  # reporters whom the owner should hear first


def add_report(session: Session, sample: Sample, reporter: str) -> bool:
    """Keep a report, and return whether it is new: a reporter counts once for each sample."""
    if session.get(Report, (sample.id, reporter)) is not None or count_reports(session, sample.id) >= MOST_REPORTS:
        return False
    session.add(Report(sample_id=sample.id, reporter=reporter, set_name=sample.set_name))
    return True


def count_reports(session: Session, sample_id: str) -> int:
    """Return how many reporters a sample has."""
    return session.scalar(select(func.count()).select_from(Report).where(Report.sample_id == sample_id)) or 0


def reported_samples(session: Session, set_name: str, limit: int) -> list[tuple[Sample, int]]:
    """Return accepted samples that were reported, with the number of reporters; most reported first."""
    counted = (
        select(Report.sample_id, func.count().label("reporters")).where(Report.set_name == set_name).group_by(Report.sample_id)
    )
    reports = counted.subquery()
    question = (
        select(Sample, reports.c.reporters).join(reports, Sample.id == reports.c.sample_id).where(Sample.status == "accepted")
    )
    found = session.execute(question.order_by(reports.c.reporters.desc(), Sample.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in found]


def reported_by_set(session: Session) -> dict[str, int]:
    """Return how many accepted samples of each set were reported; sets without one are left out."""
    # From the reports, which are few, to their samples, and not the other way round.
    accepted = exists().where(Sample.id == Report.sample_id, Sample.status == "accepted")
    counted = select(Report.set_name, func.count(Report.sample_id.distinct())).where(accepted)
    return dict(session.execute(counted.group_by(Report.set_name)).all())


def drop_reports(session: Session, sample_id: str) -> None:
    """Forget the reports of a sample: the owner has decided."""
    session.execute(delete(Report).where(Report.sample_id == sample_id))
