from __future__ import annotations

from pathlib import Path

import pytest

from functions import registry
from functions.dataset.compare_store import objects_without_rows, rows_without_objects
from functions.dataset.stored_drawings import expected_drawings
from functions.domain.trust import Mode
from functions.records import outbox
from functions.records.database import Database
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.predict import predict
from functions.verbs.withdraw import withdraw
from tests.support.evidence_factory import ANN
from tests.support.factories import seeded
from tests.support.platform_fakes import FakeNetworks
from tests.support.sample_drawings import ONE, drawing

pytestmark = pytest.mark.above_sql

REVIEW: Mode = "review"


def filled(database: Database, tmp_path: Path) -> FolderStore:
    """Fill a platform with a sample, a kept drawing and shipped versions; deliver everything."""
    store = FolderStore(tmp_path / "objects")
    seeded(database, tmp_path / "models")
    contribute(database, REVIEW, Contribution("digits", "7", drawing(), ANN))
    predict(database, FakeNetworks(), set_name="digits", drawing=drawing(ONE), contributor=ANN)
    while outbox.drain(database, store):
        pass
    return store


def test_every_object_of_a_platform_has_a_row(database: Database, tmp_path: Path) -> None:
    store = filled(database, tmp_path)
    with database.reading() as session:
        assert len(list(store.keys())) > 8
        assert objects_without_rows(session, store.keys()) == []


def test_an_object_that_nothing_wants_is_found(database: Database, tmp_path: Path) -> None:
    store = filled(database, tmp_path)
    strange = [
        "checks/left",
        "exports/digits/none/0",
        "activations/digits/0000-none.json",
        "drawings/digits/none.png",
        "samples/digits/7/none.json",
        "sets/none.json",
        "versions/digits/none.npz",
    ]
    for key in strange:
        store.put(key, b"x", "text/plain")
    with database.reading() as session:
        assert sorted(objects_without_rows(session, store.keys())) == sorted(strange)


def test_an_object_that_waits_to_be_deleted_is_no_stranger(database: Database, tmp_path: Path) -> None:
    store = filled(database, tmp_path)
    sample = next(key for key in store.keys("samples/")).rpartition("/")[2].partition(".")[0]
    withdraw(database, sample)
    with database.reading() as session:
        assert objects_without_rows(session, store.keys()) == []


def test_a_row_whose_object_is_missing_or_different_is_found(database: Database, tmp_path: Path) -> None:
    store = filled(database, tmp_path)
    picture, facts = (next(key for key in store.keys("samples/") if key.endswith(end)) for end in (".png", ".json"))
    store.delete(picture)
    store.put(facts, b"other", "application/json")
    with database.reading() as session:
        expected = expected_drawings(session, "", 10)
        assert rows_without_objects(store, registry.expected_versions(session), ()) == []
    assert Artefacts(store, tmp_path / "models")
    assert [keys for _, keys in rows_without_objects(store, expected, ())] == [{picture, facts}]
    assert [keys for _, keys in rows_without_objects(store, expected, {facts})] == [{picture}]
