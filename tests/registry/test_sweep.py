from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from functions import jobs, registry
from functions.records import outbox
from functions.records.database import Database
from functions.records.tables import Version, new_id, now
from functions.store import FolderStore
from tests.support.factories import seeded

pytestmark = pytest.mark.above_sql

DAY = timedelta(days=1)
NEVER = timedelta(0)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def house(database: Database, store: FolderStore, tmp_path: Path) -> Database:
    seeded(database, tmp_path / "models")
    deliver(database, store)
    return database


def deliver(house: Database, store: FolderStore) -> None:
    while outbox.drain(house, store):
        pass


def made(age: timedelta) -> str:
    """Return the id of a version that was made some time ago."""
    milliseconds = round((now() - age).timestamp() * 1000)
    return f"{milliseconds:012x}{new_id()[12:]}"


def put(store: FolderStore, version: str, *endings: str) -> list[str]:
    keys = [f"versions/digits/{version}.{ending}" for ending in endings or ("lesson.json", "npz", "tflite")]
    for key in keys:
        store.put(key, b"bytes", "x/y")
    return keys


def test_files_that_no_version_and_no_run_has_are_deleted_after_a_day(house: Database, store: FolderStore) -> None:
    before = list(store.keys(""))
    old = put(store, made(2 * DAY))
    young = put(store, made(DAY / 2))
    assert registry.sweep(house, store) == old
    deliver(house, store)
    assert list(store.keys("")) == sorted([*before, *young])
    assert registry.sweep(house, store) == []


def test_what_a_version_has_stays(house: Database, store: FolderStore) -> None:
    version = made(2 * DAY)
    put(store, version)
    with house.writing() as session:
        session.add(Version(id=version, set_name="digits", learner="cnn", sha256="0" * 64, labels=["a"]))
    assert registry.sweep(house, store) == []


def test_what_was_published_stays_also_for_a_database_that_does_not_know_it(house: Database, store: FolderStore) -> None:
    put(store, made(2 * DAY), "tflite", "npz", "lesson.json", "json")
    assert registry.sweep(house, store) == []


def test_shipped_versions_stay(house: Database, store: FolderStore) -> None:
    put(store, "digits-cnn-0", "tflite", "npz")
    assert registry.sweep(house, store) == []


def test_what_a_running_run_may_have_made_stays_until_it_ends(house: Database, store: FolderStore) -> None:
    with house.writing() as session:
        jobs.request(session, "digits", "learn")
    claim = jobs.lease(house, now() + timedelta(seconds=1))
    keys = put(store, made(NEVER))
    earlier = put(store, made(DAY))
    assert registry.sweep(house, store, NEVER) == earlier
    with jobs.holding(house, claim) as session:
        jobs.finish(session, claim, "failed", {}, jobs.run(session, claim.run_id).step)
    assert set(keys) <= set(registry.sweep(house, store, NEVER))
    deliver(house, store)
    assert not set(keys) & set(store.keys("versions/"))
