"""The number of accepted samples of each label, without counting samples.

The table ``tallies`` holds changes, and a count is their sum. Triggers add a row whenever a sample becomes accepted or stops
being accepted, in the same transaction (migration 0008). Adding a row waits for no lock; updating one number would. A worker
regularly replaces the rows of one label by one row with their sum, so that there are never many.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from functions.records.database import Database, locked
from functions.records.tables import LabelCount

FEW_ROWS = 50  # of a label: summing so few costs nothing, so they stay
ROWS_PER_FOLD = 10_000  # rows of a label in one transaction: a few hundredths of a second


def counts_by_label(session: Session, set_name: str) -> dict[str | None, int]:
    """Return the number of accepted samples of a set by label; labels without any are left out, None is "not a symbol"."""
    summed = (
        select(LabelCount.label, func.sum(LabelCount.change)).where(LabelCount.set_name == set_name).group_by(LabelCount.label)
    )
    return {label: count for label, count in session.execute(summed) if count}


def fold_counts(database: Database) -> int:
    """Replace the changes of each label with many rows by their sum; return the number of removed rows.

    Any number of workers may do this at once, and no writer of samples waits for it.
    """
    grouped = select(LabelCount.set_name, LabelCount.label).group_by(LabelCount.set_name, LabelCount.label)
    with database.reading() as session:
        labels = session.execute(grouped.having(func.count() > FEW_ROWS)).all()
    removed = 0
    for set_name, label in labels:  # some milliseconds each, during which SQLite has no other writer
        folded = ROWS_PER_FOLD - 1
        while folded >= ROWS_PER_FOLD - 1:  # an import leaves a row for each of its samples
            with database.writing() as session:
                locked(session, "fold")  # the same rows summed twice would count twice
                folded = _fold_label(session, set_name, label)
            removed += folded
    return removed


def _fold_label(session: Session, set_name: str, label: str | None) -> int:
    of_label = LabelCount.label.is_(None) if label is None else LabelCount.label == label
    oldest = select(LabelCount.id).where(LabelCount.set_name == set_name, of_label).order_by(LabelCount.id).limit(ROWS_PER_FOLD)
    # One statement deletes and returns: a row that another transaction commits meanwhile is neither deleted nor counted.
    changes = session.scalars(
        delete(LabelCount).where(LabelCount.id.in_(oldest.subquery().select())).returning(LabelCount.change)
    ).all()
    if not changes:  # another worker has done it
        return 0
    session.add(LabelCount(set_name=set_name, label=label, change=sum(changes)))
    session.flush()
    return len(changes) - 1


def accepted(session: Session, set_name: str) -> int:
    """Return how many accepted samples a set has."""
    return sum(counts_by_label(session, set_name).values())


def all_accepted(session: Session) -> int:
    """Return how many accepted samples all sets have together."""
    return session.scalar(select(func.sum(LabelCount.change))) or 0
