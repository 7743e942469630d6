"""Snapshots know which of their samples were withdrawn since."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from sqlalchemy import select

from functions.records.database import Database
from functions.records.snapshots import keep_snapshot
from functions.records.tables import Sample, SnapshotSample
from functions.verbs.withdraw import withdraw
from tests.support.factories import add_sample, seeded


@pytest.fixture
def database(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


@pytest.fixture
def samples(database: Database) -> list[str]:
    with database.writing() as session:
        return [add_sample(session, label).id for label in "37"]


def keep(database: Database, samples: list[str]) -> None:
    with database.writing() as session:
        keep_snapshot(session, "digits", "s" * 64, samples)


def marked(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(SnapshotSample.sample_id).where(SnapshotSample.withdrawn)))


def test_a_sample_is_marked_whether_it_was_withdrawn_before_or_after(database: Database, samples: list[str]) -> None:
    withdraw(database, samples[0])
    keep(database, samples)
    assert marked(database) == {samples[0]}
    withdraw(database, samples[1])
    assert marked(database) == set(samples)


def test_another_change_of_a_sample_marks_nothing(database: Database, samples: list[str]) -> None:
    keep(database, samples)
    with database.writing() as session:
        session.get_one(Sample, samples[0]).status = "rejected"
    assert marked(database) == set()


@pytest.mark.parametrize("first", ["snapshot", "withdrawal"])
def test_a_withdrawal_beside_a_run_that_ends_is_marked(database: Database, samples: list[str], first: str) -> None:
    def store(meanwhile: Callable[[], object]) -> None:
        with database.writing() as session:
            keep_snapshot(session, "digits", "s" * 64, samples)
            meanwhile()

    def take_back(meanwhile: Callable[[], object]) -> None:
        with database.writing() as session:
            row = session.scalars(select(Sample).where(Sample.id == samples[0]).with_for_update()).one()
            row.status = "withdrawn"
            session.flush()
            meanwhile()

    one, other = (store, take_back) if first == "snapshot" else (take_back, store)
    with ThreadPoolExecutor(1) as beside:
        begun = []

        def both() -> None:
            begun.append(beside.submit(other, lambda: None))
            wait(begun, timeout=0.3)
            assert not begun[0].done()

        one(both)
        begun[0].result(20)
    assert marked(database) == {samples[0]}
