"""The registry: what is seeded, what answers, and whose bytes are believed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions import registry
from functions.errors import BadSettings, BrokenArtefact, Conflict, UnknownSet, UnknownVersion
from functions.records.database import open_database
from functions.records.facts import read_set_facts
from functions.records.migrate import migrate
from functions.records.outbox import drain
from functions.records.tables import Activation, SymbolSetRow, Version
from functions.registry import Artefacts
from functions.store import FolderStore
from tests.support.factories import seeded, sqlite
from tests.support.tiny_models import ship, tiny_network, tiny_weights


def learned(session, version_id: str = "learned-1", learner: str = "cnn", parent: str = "digits-cnn-1") -> Version:
    import hashlib

    sha256 = hashlib.sha256(tiny_network(7)).hexdigest()
    card = {"weights_sha256": hashlib.sha256(tiny_weights(7)).hexdigest()}
    labels = list("0123456789")
    version = Version(
        id=version_id, set_name="digits", learner=learner, parent_id=parent, sha256=sha256, labels=labels, card=card
    )
    session.add(version)
    session.flush()
    return version


def live_ids(session) -> dict[str, str]:
    return {learner: version.id for learner, version in registry.live(session, "digits").items()}


def test_the_shipped_versions_answer_first(tmp_path):
    with sqlite(tmp_path).reading() as session:
        assert live_ids(session) == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}
        assert registry.symbol_set(session, "digits").labels == tuple("0123456789")
        assert [symbols.name for symbols in registry.symbol_sets(session)] == ["digits"]


def test_seeding_again_changes_nothing(tmp_path):
    database = sqlite(tmp_path)
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Activation)) == 2
        assert session.scalar(select(func.count()).select_from(Version)) == 2


def test_processes_that_start_at_once_seed_once(tmp_path):
    ship(tmp_path / "models")
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    migrate(open_database(url))

    def start(_: int) -> None:
        with open_database(url).writing() as session:
            registry.seed(session, tmp_path / "models")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    with open_database(url).reading() as session:
        assert session.scalar(select(func.count()).select_from(Activation)) == 2


def test_a_newer_original_takes_over_from_an_original(tmp_path):
    database = sqlite(tmp_path)
    ship(tmp_path / "models", release="2", answers={"fnn": 3, "cnn": 4})
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert live_ids(session) == {"fnn": "digits-fnn-2", "cnn": "digits-cnn-2"}


def test_a_newer_original_does_not_replace_a_learned_version(tmp_path):
    database = sqlite(tmp_path)
    with database.writing() as session:
        registry.activate(session, learned(session).id, "run")
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert live_ids(session) == {"fnn": "digits-fnn-2", "cnn": "learned-1"}
        assert registry.original(session, "digits")["cnn"].id == "digits-cnn-2"


def test_a_rollback_to_an_older_original_survives_a_restart(tmp_path):
    database = sqlite(tmp_path)
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    with database.writing() as session:
        registry.activate(session, "digits-cnn-1", "owner")
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert live_ids(session)["cnn"] == "digits-cnn-1"


def test_an_original_that_is_no_longer_shipped_comes_from_the_store(tmp_path):
    database, store = sqlite(tmp_path), FolderStore(tmp_path / "objects")
    drain(database, store)
    ship(tmp_path / "models", release="2", answers={"fnn": 3, "cnn": 4})
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        older = registry.version(session, "digits-cnn-1")
    assert Artefacts(store, tmp_path / "models").read(older, "tflite") == tiny_network(2)
    assert Artefacts(store, tmp_path / "models").read(older, "npz") == tiny_weights(2)


def test_a_changed_network_is_refused(tmp_path):
    database, store = sqlite(tmp_path), FolderStore(tmp_path / "objects")
    with database.writing() as session:
        version = learned(session)
    with pytest.raises(BrokenArtefact, match="missing"):
        Artefacts(store, tmp_path / "models").read(version, "tflite")
    store.put(registry.artefact_key(version, "tflite"), tiny_network(8), "application/octet-stream")
    with pytest.raises(BrokenArtefact, match="not the one"):
        Artefacts(store, tmp_path / "models").read(version, "tflite")
    store.put(registry.artefact_key(version, "tflite"), tiny_network(7), "application/octet-stream")
    assert Artefacts(store, tmp_path / "models").read(version, "tflite") == tiny_network(7)


def test_a_damaged_models_folder_stops_the_start(tmp_path):
    ship(tmp_path / "models")
    (tmp_path / "models" / "digits" / "cnn.tflite").write_bytes(b"damaged")
    database = open_database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    with pytest.raises(BadSettings, match=r"models/digits/cnn\.tflite"):
        seeded(database, tmp_path / "models")
    with pytest.raises(BadSettings, match="manifest"), database.writing() as session:
        registry.seed(session, Path(tmp_path / "nowhere"))


def test_other_labels_under_the_same_name_stop_the_start(tmp_path):
    database = sqlite(tmp_path)
    ship(tmp_path / "models", release="2", labels=tuple("abc"), answers={"fnn": 1, "cnn": 2})
    with pytest.raises(BadSettings, match="other labels"):
        seeded(database, tmp_path / "models")


def test_labels_that_the_owner_added_to_a_shipped_set_stay(tmp_path):
    database = sqlite(tmp_path)
    with database.writing() as session:
        session.get_one(SymbolSetRow, "digits").labels = [*"0123456789", "ten"]
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert registry.symbol_set(session, "digits").labels == (*"0123456789", "ten")
        assert registry.version(session, "digits-cnn-2").labels == list("0123456789")


@pytest.mark.parametrize("labels", ["9876543210", "01234567890a"[:9], "x0123456789"])
def test_labels_that_do_not_go_on_where_the_shipped_ones_end_stop_the_start(tmp_path, labels):
    database = sqlite(tmp_path)
    with database.writing() as session:
        session.get_one(SymbolSetRow, "digits").labels = list(labels)
    with pytest.raises(BadSettings, match="other labels"):
        seeded(database, tmp_path / "models")


def test_a_release_may_declare_other_confusable_labels(tmp_path):
    database, store = sqlite(tmp_path), FolderStore(tmp_path / "objects")
    for release, groups in (("2", (("1", "7"),)), ("3", (("0", "6"), ("4", "9")))):
        ship(tmp_path / "models", release=release, confusable=groups)
        seeded(database, tmp_path / "models")
        with database.reading() as session:
            assert registry.symbol_set(session, "digits").confusable == groups
        drain(database, store)
        assert read_set_facts(store.get("sets/digits.json")).confusable == [list(group) for group in groups]


def test_confusable_labels_that_the_set_does_not_have_stop_the_start(tmp_path):
    ship(tmp_path / "models", confusable=(("0", "O"),))
    with pytest.raises(BadSettings, match="'O' is in a group of confusable"):
        seeded(open_database(f"sqlite:///{tmp_path / 'test.sqlite'}"), tmp_path / "models")


def test_a_label_that_cannot_be_one_stops_the_start(tmp_path):
    ship(tmp_path / "models", labels=("a", "b c"), answers={"fnn": 0, "cnn": 1})
    with pytest.raises(BadSettings, match=r"manifest\.json is not whole"):
        seeded(open_database(f"sqlite:///{tmp_path / 'test.sqlite'}"), tmp_path / "models")


def test_a_shipped_set_never_takes_the_name_of_one_that_the_owner_defined(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    migrate(database)
    with database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=list("0123456789"), origin="owner"))
    with pytest.raises(BadSettings, match="the owner has defined one of that name"):
        seeded(database, tmp_path / "models")
    with database.reading() as session:
        assert registry.origins(session) == {"digits": "owner"}
        assert registry.versions(session, "digits", limit=1) == []


def test_where_nothing_was_shipped_the_first_version_that_answered_is_the_original(tmp_path):
    database = sqlite(tmp_path)
    with database.writing() as session:
        session.add(SymbolSetRow(name="letters", labels=["a", "b"], origin="owner"))
        assert registry.original(session, "letters") == {}
        for name in ("first", "second"):
            one = learned(session, name, parent=None)
            one.set_name, one.labels = "letters", ["a", "b"]
            session.flush()
            registry.activate(session, name, "run")
        assert registry.original(session, "letters")["cnn"].id == "first"
        assert registry.live(session, "letters")["cnn"].id == "second"


def test_a_shipped_network_replaces_learned_versions_of_the_older_form(tmp_path):
    database = sqlite(tmp_path)
    with database.writing() as session:
        registry.activate(session, learned(session).id, "run")
        older = registry.version(session, "learned-1")
        older.card = {**older.card, "rejects": False}
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    with database.writing() as session:
        assert live_ids(session)["cnn"] == "digits-cnn-2"
        with pytest.raises(Conflict, match="cannot answer any more"):
            registry.activate(session, "learned-1", "owner")


def test_activating_twice_is_one_activation_and_rolling_back_is_another(tmp_path):
    database = sqlite(tmp_path)
    with database.writing() as session:
        version = learned(session)
        first = registry.activate(session, version.id, "owner")
        assert registry.activate(session, version.id, "owner").id == first.id
        back = registry.activate(session, "digits-cnn-1", "owner")
        assert back.id > first.id
        assert registry.latest_activation(session) == back.id
        assert live_ids(session)["cnn"] == "digits-cnn-1"


def test_versions_are_paged_newest_first(tmp_path):
    with sqlite(tmp_path).writing() as session:
        for number in range(3):
            learned(session, f"learned-{number}")
        first = [version.id for version in registry.versions(session, "digits", limit=2)]
        then = [version.id for version in registry.versions(session, "digits", limit=9, before=first[-1])]
        assert first == ["learned-2", "learned-1"]
        assert then == ["learned-0", "digits-cnn-1", "digits-fnn-1"]


def test_unknown_names_are_errors(tmp_path):
    with sqlite(tmp_path).writing() as session:
        with pytest.raises(UnknownSet):
            registry.symbol_set(session, "runes")
        with pytest.raises(UnknownVersion):
            registry.activate(session, "nothing", "owner")
