"""How many samples came on each day, by set and status, without counting samples: how a set grows, and what the owner sees.

The table ``day_counts`` holds changes, and a count is their sum. Triggers add a row for each new sample, and two when a sample's
status changes, in the same transaction (migration 0025). A worker regularly replaces the rows of one day by their sum.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.orm import Session

from functions.records.database import Database, locked
from functions.records.evidence import id_at
from functions.records.tables import DayCount, Sample

PARTS = 24  # parts of equal length, from the day of the first sample until today
A_DAY = 86_400  # seconds
EARLY = 3  # days (UTC) in which whole days would be one, two or three parts
STEPS = (300, 900, 1800, 3600, 7200, 10_800)  # seconds: with the last one, the early days are at most 24 parts
COUNTED = 20_000  # samples of the early days that a page counts in an index, in a few milliseconds; an import may bring more
FEW_ROWS = 50  # rows more than one for each day and status: summing so few costs nothing, so they stay
ROWS_PER_FOLD = 10_000  # in one transaction: a few hundredths of a second
KEY = (DayCount.set_name, DayCount.status, DayCount.day)


@dataclass(frozen=True)
class Part:
    """The samples that came from the day ``begin`` (UTC) on, until the next part begins."""

    begin: datetime
    count: int


def growth(session: Session, set_name: str) -> tuple[Part, ...]:
    """Return the accepted samples of a set in parts of whole days, oldest first; empty for a set without samples."""
    by_day = _by_day(session, set_name)
    if not by_day:
        return ()
    first, last = _ends(by_day)
    length = (last - first) // PARTS + 1
    counts: Counter[int] = Counter()
    for day, count in by_day.items():
        counts[(day - first) // length] += count
    begins = range(first, last + 1, length)
    return tuple(Part(datetime.fromtimestamp(begin * A_DAY, UTC), counts[place]) for place, begin in enumerate(begins))


def early_growth(session: Session, set_name: str) -> tuple[Part, ...]:
    """Return the growth of a set in its first days, in parts of minutes or hours; empty for an old set or very many samples."""
    by_day = _by_day(session, set_name)
    if not by_day or sum(by_day.values()) > COUNTED:
        return ()
    first_day, last_day = _ends(by_day)
    if last_day - first_day >= EARLY:
        return ()
    accepted = (Sample.set_name == set_name, Sample.status == "accepted")
    first_id = session.scalar(select(func.min(Sample.id)).where(*accepted))
    if first_id is None:  # withdrawn since
        return ()
    first, last = int(first_id[:12], 16) // 1000, int(time.time())
    step = next(one for one in STEPS if last // one - first // one < PARTS)
    begins = range(first - first % step, max(first, last) + 1, step)
    moments = [datetime.fromtimestamp(begin, UTC) for begin in (*begins, begins[-1] + step)]
    counts = session.execute(
        select(
            *(  # each part is a range of the index
                select(func.count()).where(*accepted, Sample.id >= id_at(begin), Sample.id < id_at(end)).scalar_subquery()
                for begin, end in pairwise(moments)
            )
        )
    ).one()
    return tuple(Part(begin, count) for begin, count in zip(moments, counts, strict=False))


def _by_day(session: Session, set_name: str) -> dict[int, int]:
    accepted = (DayCount.set_name == set_name, DayCount.status == "accepted")
    summed = select(DayCount.day, func.sum(DayCount.change)).where(*accepted).group_by(DayCount.day)
    return {day: int(count) for day, count in session.execute(summed) if count}


def _ends(by_day: Mapping[int, int]) -> tuple[int, int]:
    return min(by_day), max(*by_day, int(time.time()) // A_DAY)


def counts_by_status(session: Session) -> dict[tuple[str, str], int]:
    """Return the number of samples by set and status; those of which there is none are left out."""
    of = (DayCount.set_name, DayCount.status)
    summed = select(*of, func.sum(DayCount.change)).group_by(*of)
    return {(set_name, status): int(count) for set_name, status, count in session.execute(summed) if count}


def fold_days(database: Database) -> int:
    """Replace the changes of each day and status by their sum, if there are many; return the number of removed rows.

    Any number of workers may do this at once, and no writer of samples waits for it.
    """
    rows = select(func.count().label("rows")).select_from(DayCount).group_by(*KEY).having(func.count() > 1).subquery()
    with database.reading() as session:
        if (session.scalar(select(func.sum(rows.c.rows - 1))) or 0) <= FEW_ROWS:
            return 0
    removed, full = 0, True
    while full:  # an import leaves a row for each of its samples
        with database.writing() as session:
            locked(session, "fold")  # the same rows summed twice would count twice
            found, left = _fold(session)
        removed, full = removed + found - left, found == ROWS_PER_FOLD
    return removed


def _fold(session: Session) -> tuple[int, int]:
    several = select(*KEY).group_by(*KEY).having(func.count() > 1)
    oldest = select(DayCount.id).where(tuple_(*KEY).in_(several)).order_by(*KEY).limit(ROWS_PER_FOLD)
    # One statement deletes and returns: a row that another transaction commits meanwhile is neither deleted nor counted.
    found = session.execute(delete(DayCount).where(DayCount.id.in_(oldest)).returning(*KEY, DayCount.change)).all()
    sums: Counter[tuple[str, str, int]] = Counter()
    for set_name, status, day, change in found:
        sums[set_name, status, day] += change
    left = [
        {"set_name": set_name, "status": status, "day": day, "change": change}
        for (set_name, status, day), change in sums.items()
        if change
    ]
    if left:
        session.execute(insert(DayCount), left)
    return len(found), len(left)
