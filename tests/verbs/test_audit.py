from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from functions.domain.drawing import from_png
from functions.errors import StoreUnavailable
from functions.records import outbox
from functions.records.database import Database
from functions.records.facts import read_facts
from functions.records.tables import DrawingRow, OutboxRow, Sample, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs import audit as auditing
from functions.verbs.audit import AuditedVersions, audit, audit_next, audit_versions
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.correct import Correction, correct
from functions.verbs.moderate import moderate
from functions.verbs.predict import predict
from functions.verbs.withdraw import withdraw
from tests.support.evidence_factory import ANN
from tests.support.factories import add_sample, seeded
from tests.support.fake_store import LyingStore
from tests.support.platform_fakes import FakeNetworks, fill_platform
from tests.support.sample_drawings import ONE, SEVEN, drawing, png, upload

WEDGE = {"strokes": [[[60, 60], [140, 220], [220, 60]]], "width": 280, "height": 280}


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


@pytest.fixture
def house_with_versions(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


def give(house: Database, drawn: object = None, label: str = "7") -> str:
    given = Contribution("digits", label, drawn or drawing(), ANN)
    return contribute(house, "review", given).sample


def ask(house: Database) -> str:
    return predict(house, FakeNetworks(), set_name="digits", drawing=drawing(ONE), contributor=ANN).id


def deliver(house: Database, store: object) -> None:
    while outbox.drain(house, store):
        pass


def contents(store: FolderStore) -> dict[str, bytes]:
    return {key: store.get(key) for key in store.keys("")}


def fill(house: Database, store: FolderStore) -> None:
    """Do everything that leaves objects: contributions of both kinds, predictions, corrections, decisions, withdrawals."""
    give(house)
    give(house, upload(WEDGE), "1")
    ask(house)
    correct(house, store, "review", Correction(ask(house), label="1"))
    twice = ask(house)
    for label in ("1", None):
        correct(house, store, "review", Correction(twice, label=label))
    moderate(house, give(house, drawing(ONE), "1"), accept=False)
    withdraw(house, give(house))
    deliver(house, store)


def test_a_store_that_has_everything_is_left_alone(house: Database, folder: FolderStore) -> None:
    fill(house, folder)
    done = audit(house, folder)
    assert (done.drawings, done.sent, done.lost) == (6, 0, 0)
    with house.reading() as session:
        assert session.scalars(select(OutboxRow)).all() == []


def test_what_a_store_lost_comes_back_to_the_byte(house: Database, folder: FolderStore) -> None:
    fill(house, folder)
    before = contents(folder)
    uploaded = [key for key, body in before.items() if body == png(WEDGE)]
    for number, key in enumerate(sorted(before)):
        if key in uploaded:
            continue
        if number % 3:
            folder.delete(key)
        else:
            folder.put(key, before[key][:-7], "cut/short")
    done = audit(house, folder)
    assert done.sent == len(before) - 1
    assert done.pictures == {"exact": 5}
    deliver(house, folder)
    assert contents(folder) == before


def test_drawings_that_a_lying_bucket_acknowledged_arrive_after_all(house: Database, folder: FolderStore) -> None:
    class Believed(LyingStore):
        """A bucket whose answers about what it has are lies as well."""

        def sha256(self, key: str) -> str | None:
            with house.reading() as session:
                waiting = outbox.waiting(session, key)
            return None if waiting is None else hashlib.sha256(waiting).hexdigest()

    samples = [give(house, drawing(SEVEN)) for _ in range(20)]
    deliver(house, Believed(folder, lies=40))
    assert contents(folder) == {}
    assert audit(house, folder).sent == 40
    deliver(house, folder)
    assert {key.rpartition("/")[2] for key in folder.keys("")} == {f"{one}.{kind}" for one in samples for kind in ("png", "json")}


def test_a_lost_upload_is_made_from_its_square_only_when_that_is_asked_for(house: Database, folder: FolderStore) -> None:
    sample = give(house, upload())
    deliver(house, folder)
    picture, facts = f"samples/digits/7/{sample}.png", f"samples/digits/7/{sample}.json"
    folder.delete(picture)
    done = audit(house, folder)
    assert (done.sent, done.lost) == (0, 1)
    done = audit(house, folder, remake=True)
    assert (done.sent, done.pictures) == (2, {"square": 1})
    deliver(house, folder)
    made = folder.get(picture)
    assert from_png(made).ink.shape == (280, 280)
    assert read_facts(folder.get(facts)).drawing.png_sha256 == hashlib.sha256(made).hexdigest()
    assert audit(house, folder).lost == 0


def test_strokes_that_another_release_draws_differently_are_drawn_anew_when_that_is_asked_for(
    house: Database, folder: FolderStore
) -> None:
    sample = give(house)
    with house.writing() as session:
        row = session.get_one(DrawingRow, session.get_one(Sample, sample).drawing_id)
        row.png_sha256 = "0" * 64  # as another renderer drew it
    deliver(house, folder)
    assert audit(house, folder).lost == 1
    deliver(house, folder)
    assert audit(house, folder, remake=True).pictures == {"strokes": 1}
    deliver(house, folder)
    assert (audit(house, folder).sent, audit(house, folder).lost) == (0, 0)


def test_what_is_withdrawn_during_an_audit_does_not_come_back(house: Database, folder: FolderStore) -> None:
    sample = give(house)
    deliver(house, folder)
    for key in list(folder.keys()):
        folder.delete(key)

    class Slow(FolderStore):
        def sha256(self, key: str) -> str | None:
            withdraw(house, sample)
            return super().sha256(key)

    assert audit(house, Slow(folder._folder)).sent == 0
    deliver(house, folder)
    assert contents(folder) == {}


def test_what_waits_in_the_outbox_is_not_sent_twice(house: Database, folder: FolderStore) -> None:
    give(house)
    assert audit(house, folder).sent == 0
    with house.reading() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == 2


def test_a_worker_goes_through_all_drawings_in_parts_once_a_day(
    house: Database, folder: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        give(house)
    deliver(house, folder)
    assert [audit_next(house, folder, 3).drawings for _ in range(5)] == [3, 3, 1, 0, 0]
    later = now() + timedelta(hours=25)
    monkeypatch.setattr(auditing, "now", lambda: later)
    assert [audit_next(house, folder, 3).drawings for _ in range(4)] == [3, 3, 1, 0]


def test_an_audit_that_the_store_interrupts_goes_on_where_it_was(house: Database, folder: FolderStore) -> None:
    for _ in range(4):
        give(house)
    deliver(house, folder)
    assert audit_next(house, folder, 2).drawings == 2

    class Away(FolderStore):
        def sha256(self, key: str) -> str | None:
            raise StoreUnavailable("The store is away.")

    with pytest.raises(StoreUnavailable):
        audit_next(house, Away(folder._folder), 2)
    assert [audit_next(house, folder, 2).drawings for _ in range(3)] == [2, 0, 0]


def test_versions_sets_and_activations_come_back_too_but_no_learned_network(
    house_with_versions: Database, folder: FolderStore, tmp_path: Path, do_run: Callable[..., Any]
) -> None:
    house, artefacts = house_with_versions, Artefacts(folder, tmp_path / "models")
    with house.writing() as session:
        add_sample(session, "3")
    _, result = do_run("learn")
    deliver(house, folder)
    assert audit_versions(house, artefacts) == AuditedVersions(0, ())
    before = contents(folder)
    for key in before:
        if not key.startswith(("samples/", "drawings/")):
            folder.delete(key)
    again = audit_versions(house, artefacts)
    lost = [f"versions/digits/{one}.{kind}" for one in result["activated"] for kind in ("tflite", "npz", "lesson.json")]
    assert again.lost == tuple(sorted(lost))
    deliver(house, folder)
    assert {key: body for key, body in before.items() if key not in lost} == contents(folder)


def test_a_release_that_begins_to_keep_activations_sends_the_earlier_ones(
    house_with_versions: Database, folder: FolderStore, tmp_path: Path
) -> None:
    deliver(house_with_versions, folder)
    keys = list(folder.keys("activations/"))
    assert len(keys) == 2
    folder.delete(keys[0])
    assert audit_versions(house_with_versions, Artefacts(folder, tmp_path / "models")).sent == 1
    assert audit_versions(house_with_versions, Artefacts(folder, tmp_path / "models")).sent == 0  # under way
    deliver(house_with_versions, folder)
    assert list(folder.keys("activations/")) == keys
