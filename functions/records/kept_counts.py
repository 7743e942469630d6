"""Whether the kept counts of samples are what a count of the samples gives."""

from __future__ import annotations

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from functions.records.tables import DayCount, LabelCount, Sample


def differing(session: Session) -> list[tuple[str, str | None]]:
    """Return each set with a label or a status whose kept count differs from the number of samples."""
    accepted = (Sample.status == "accepted",)
    labels = _differing(
        select(LabelCount.set_name, LabelCount.label, LabelCount.change),
        select(Sample.set_name, Sample.label, -func.count()).where(*accepted).group_by(Sample.set_name, Sample.label),
    )
    statuses = _differing(
        select(DayCount.set_name, DayCount.status, DayCount.change),
        select(Sample.set_name, Sample.status, -func.count()).group_by(Sample.set_name, Sample.status),
    )
    return [(set_name, name) for question in (labels, statuses) for set_name, name in session.execute(question)]


def _differing(kept: Select[str, str | None, int], counted: Select[str, str | None, int]) -> Select[str, str | None]:
    # One statement sees one moment, whatever others write meanwhile.
    rows = union_all(kept, counted).subquery()
    set_name, name, change = rows.c
    return select(set_name, name).group_by(set_name, name).having(func.sum(change) != 0).order_by(set_name, name)
