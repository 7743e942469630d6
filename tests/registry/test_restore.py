"""Versions and activations come back from the bucket alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from functions import registry
from functions.dataset.splits import SHIPPED, hashed_split
from functions.records import objects, outbox
from functions.records.database import Database, open_database
from functions.records.migrate import migrate
from functions.records.tables import Activation, Base, DrawingRow, Run, Sample, SnapshotSample, SplitRow, Version
from functions.store import FolderStore
from functions.verbs.reindex import reindex
from functions.verbs.withdraw import withdraw
from tests.support.factories import add_sample, seeded, somebody
from tests.support.tiny_models import ship

pytestmark = pytest.mark.above_sql


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


def teach(house: Database, label: str = "7", by: str | None = None) -> str:
    """Add an accepted sample, with its picture and facts."""
    with house.writing() as session:
        sample = add_sample(session, label, by=by)
        sample.reason, sample.reason_figures = "other", {"text": "a test"}
        drawing = session.get_one(DrawingRow, sample.drawing_id)
        drawing.png_sha256 = hashlib.sha256(sample.id.encode()).hexdigest()
        session.flush()
        objects.send_sample(session, sample, drawing, sample.id.encode())
        return sample.id


def deliver(house: Database, store: FolderStore) -> None:
    while outbox.drain(house, store):
        pass


def lose(tmp_path: Path, name: str = "new", release: str | None = None) -> Database:
    """Return an empty database, as the platform starts with it."""
    if release is not None:
        ship(tmp_path / "models", release=release, answers={"fnn": 3, "cnn": 4})
    database = open_database(f"sqlite:///{tmp_path / name}.sqlite")
    migrate(database)
    return seeded(database, tmp_path / "models")


def live(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {learner: version.id for learner, version in registry.live(session, "digits").items()}


def rows(database: Database, table: type[Base], *but: str) -> list[tuple[Any, ...]]:
    columns = [column for column in table.__table__.c if column.key not in but]
    with database.reading() as session:
        return sorted(map(tuple, session.execute(select(*columns))), key=repr)


def test_what_was_learned_is_live_again_after_the_loss_of_the_database(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    for label in "37":
        teach(house, label)
    do_run("learn")
    with house.writing() as session:
        registry.activate(session, "digits-cnn-1", "owner")
    teach(house, "5")
    do_run("learn")
    deliver(house, store)
    new = lose(tmp_path)
    deliver(new, store)
    rebuilt = reindex(new, store)
    assert rebuilt.broken == {}
    assert (rebuilt.versions, live(new)) == (4, live(house))
    assert rows(new, Version, "created", "card") == rows(house, Version, "created", "card")
    assert rows(new, SnapshotSample) == rows(house, SnapshotSample)
    assert [row[:3] for row in rows(new, Sample, "drawing_id")] == [row[:3] for row in rows(house, Sample, "drawing_id")]
    with new.reading() as session, house.reading() as before:
        for sample in session.scalars(select(Sample)):
            earlier = before.get_one(Sample, sample.id)
            assert (sample.taught_to, sample.offered_to, sample.split) == (
                earlier.taught_to,
                earlier.offered_to,
                earlier.split,
            )
        assert {run.kind for run in session.scalars(select(Run))} == {"learn"}
        assert [one.by for one in session.scalars(select(Activation).order_by(Activation.id))][-2:] != ["seed", "seed"]


def test_restoring_again_changes_nothing(house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]) -> None:
    teach(house)
    do_run("learn")
    deliver(house, store)
    new = lose(tmp_path)
    reindex(new, store)
    before = {table: rows(new, table) for table in (Version, Activation, Run, Sample, SplitRow)}
    again = reindex(new, store)
    assert (again.versions, again.activations) == (0, 0)
    assert {table: rows(new, table) for table in before} == before


def test_a_second_loss_gives_the_same_live_versions(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    teach(house)
    do_run("learn")
    deliver(house, store)
    deliver(lose(tmp_path, "never-rebuilt"), store)  # its start is in the log of activations too
    second = lose(tmp_path, "second")
    reindex(second, store)
    deliver(second, store)
    third = lose(tmp_path, "third")
    reindex(third, store)
    assert live(third) == live(second) == live(house)


def test_what_the_owner_chose_after_the_loss_stays_live(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    teach(house)
    do_run("learn")
    deliver(house, store)
    new = lose(tmp_path, release="2")
    with new.writing() as session:
        registry.activate(session, "digits-cnn-2", "owner")  # live already
        session.add(Activation(set_name="digits", learner="cnn", version_id="digits-cnn-2", by="owner"))
    reindex(new, store)
    assert live(new) == {"fnn": live(house)["fnn"], "cnn": "digits-cnn-2"}


def test_a_newer_original_stays_live_where_nothing_was_learned(house: Database, store: FolderStore, tmp_path: Path) -> None:
    deliver(house, store)
    new = lose(tmp_path, release="2")
    reindex(new, store)
    assert live(new) == {"fnn": "digits-fnn-2", "cnn": "digits-cnn-2"}
    with new.reading() as session:
        assert registry.version(session, "digits-cnn-1").original


def test_a_version_whose_network_is_lost_is_told_and_not_restored(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    teach(house)
    _, result = do_run("learn")
    deliver(house, store)
    lost, kept = result["activated"]
    store.put(f"versions/digits/{lost}.tflite", b"damaged", "x/y")
    new = lose(tmp_path)
    rebuilt = reindex(new, store)
    assert rebuilt.broken == {f"versions/digits/{lost}.json": "its network is missing or damaged"}
    assert kept in live(new).values()
    assert lost not in live(new).values()


def test_withdrawn_samples_are_no_obstacle(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    one, _other = teach(house, "1"), teach(house, "2")
    do_run("learn")
    withdraw(house, one)
    deliver(house, store)
    new = lose(tmp_path)
    assert reindex(new, store).broken == {}
    assert live(new) == live(house)
    assert len(rows(new, SnapshotSample)) == 1
    snapshots = {key: store.get(key) for key in store.keys("snapshots/")}
    with new.reading() as session:
        expected = registry.expected_versions(session)
    assert not {key for one in expected for key in one.sha256} & set(snapshots)  # an audit leaves the whole lists alone


def test_who_was_learned_from_stays_in_train(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    tested = next(one for one in iter(lambda: somebody("test"), None) if hashed_split(one, SHIPPED) == "test")
    teach(house, "1", by=tested)  # one of the first twenty contributors, who all train
    do_run("learn")
    deliver(house, store)
    new = lose(tmp_path)
    reindex(new, store)
    with new.reading() as session:
        assert session.get_one(SplitRow, ("digits", tested)).split == "train"


def test_facts_of_an_earlier_release_restore_a_version_too(
    house: Database, store: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    teach(house)
    _, result = do_run("learn")
    deliver(house, store)
    for key in [*store.keys("snapshots/"), *store.keys("activations/")]:
        store.delete(key)
    for version in result["activated"]:
        key = f"versions/digits/{version}.json"
        now = json.loads(store.get(key))
        names = ("id", "learner", "labels", "sha256", "card", "metrics", "gate")
        old = {name: now[name] for name in names} | {"set_name": now["set"]}
        store.put(key, json.dumps(old, sort_keys=True, indent=1).encode(), "application/json")
    new = lose(tmp_path)
    rebuilt = reindex(new, store)
    assert (rebuilt.versions, rebuilt.broken) == (2, {})
    with new.reading() as session, house.reading() as before:
        for name in result["activated"]:
            version, earlier = registry.version(session, name), registry.version(before, name)
            assert (version.parent_id, version.run_id, version.labels) == (
                earlier.parent_id,
                earlier.run_id,
                earlier.labels,
            )
            assert abs(version.created - earlier.created) < timedelta(minutes=1)
