from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from functions.records.database import Database
from functions.records.limit_counts import add_counts, delete_ended_counts
from functions.records.tables import LimitCount


def add(database: Database, moment: float, **more: tuple[int, float]) -> dict[str, tuple[int, float]]:
    with database.writing() as session:
        return add_counts(session, more, moment)


def test_counts_add_up_until_they_end_and_then_begin_again(database: Database) -> None:
    assert add(database, 100.0, a=(2, 160.0)) == {"a": (2, 160.0)}
    assert add(database, 130.0, a=(3, 190.0), b=(1, 190.0)) == {"a": (5, 160.0), "b": (1, 190.0)}
    assert add(database, 160.0, a=(4, 220.0)) == {"a": (4, 220.0)}


def test_none_is_lost_when_many_add_at_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: add(database, 0.0, **{"ab"[number % 2]: (1, 60.0), "c": (1, 60.0)}), range(40)))
    assert add(database, 1.0, a=(0, 0.0), b=(0, 0.0), c=(0, 0.0)) == {"a": (20, 60.0), "b": (20, 60.0), "c": (40, 60.0)}


def test_counts_that_have_ended_are_deleted(database: Database) -> None:
    add(database, 0.0, a=(1, 60.0), b=(1, 120.0))
    with database.writing() as session:
        delete_ended_counts(session, 100.0)
        assert session.scalar(select(func.count()).select_from(LimitCount)) == 1
