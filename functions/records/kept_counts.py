"""Whether the kept counts of samples and contributors are what counting them gives."""

from __future__ import annotations

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from functions.records.tables import DayCount, LabelCount, Sample, SplitCount, SplitRow


def differing(session: Session) -> list[tuple[str, str | None]]:
    """Return each set with a label or a status whose kept count differs from the samples, or a split from its contributors."""
    accepted = (Sample.status == "accepted",)
    labels = _differing(
        select(LabelCount.set_name, LabelCount.label, LabelCount.change),
        select(Sample.set_name, Sample.label, -func.count()).where(*accepted).group_by(Sample.set_name, Sample.label),
    )
    statuses = _differing(
        select(DayCount.set_name, DayCount.status, DayCount.change),
        select(Sample.set_name, Sample.status, -func.count()).group_by(Sample.set_name, Sample.status),
    )
    splits = _differing(
        select(SplitCount.set_name, SplitCount.split, SplitCount.contributors),
        select(SplitRow.set_name, SplitRow.split, -func.count()).group_by(SplitRow.set_name, SplitRow.split),
    )
    return [(set_name, name) for question in (labels, statuses, splits) for set_name, name in session.execute(question)]


def _differing(kept: Select[str, str | None, int], counted: Select[str, str | None, int]) -> Select[str, str | None]:
    # One statement sees one moment, whatever others write meanwhile.
    rows = union_all(kept, counted).subquery()
    set_name, name, change = rows.c
    return select(set_name, name).group_by(set_name, name).having(func.sum(change) != 0).order_by(set_name, name)
