"""Whether writing works: doubted after a failure, and no longer once something could be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from functions.records.database import Database
from functions.records.tables import Setting
from functions.records.write_health import FULL, NAME, REFUSED, WriteHealth
from tests.support.factories import sqlite


@pytest.fixture
def house(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


@pytest.fixture
def only_reading(house: Database) -> Iterator[Callable[[bool], None]]:
    """Switch whether the connections of the database may write."""
    refused = [False]

    def prepare(connection: Any, record: object, proxy: object) -> None:
        connection.execute(f"PRAGMA query_only = {int(refused[0])}")

    def switch(on: bool) -> None:
        refused[0] = on

    event.listen(house.engine, "checkout", prepare)
    yield switch
    event.remove(house.engine, "checkout", prepare)


def test_without_a_failure_nothing_is_written(house: Database, tmp_path: Path, only_reading: Callable[[bool], None]) -> None:
    only_reading(True)
    assert WriteHealth().reasons(house, tmp_path) == []


def test_a_doubt_lasts_until_something_can_be_written(
    house: Database, tmp_path: Path, only_reading: Callable[[bool], None]
) -> None:
    health = WriteHealth()
    health.doubt()
    only_reading(True)
    assert [health.reasons(house, tmp_path) for _ in range(2)] == [[REFUSED]] * 2
    only_reading(False)
    assert health.reasons(house, tmp_path) == []
    only_reading(True)
    assert health.reasons(house, tmp_path) == []
    with house.reading() as session:
        assert session.scalar(select(Setting).where(Setting.name == NAME)) is None


def test_a_folder_that_is_away_counts_as_full(house: Database, tmp_path: Path) -> None:
    assert WriteHealth().reasons(house, tmp_path / "away") == [FULL]
    assert WriteHealth().reasons(house, None) == []
