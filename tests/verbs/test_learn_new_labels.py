"""Learning: labels that are added to a set, and sets that begin."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from functions import jobs, registry
from functions.errors import Unavailable
from functions.records.tables import Sample, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs import define
from functions.verbs.learn import learn
from tests.support.factories import add_sample, seeded
from tests.support.tiny_models import ship, tiny_weights

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def run(do_run):
    return lambda kind="learn": do_run(kind)


def add(database, *labels, **facts):
    with database.writing() as session:
        return [add_sample(session, label, **facts).id for label in labels]


def give(database, label, count, **facts):
    """Contribute drawings of a label, with all last digits of ids in turn: of sixteen, six are held out."""
    with database.writing() as session:
        for number in range(count):
            add_sample(session, label, source="contribution", digit=f"{number % 16:x}", **facts)


def sample(database, sample_id):
    with database.reading() as session:
        return session.get_one(Sample, sample_id)


def test_a_new_label_waits_until_it_has_enough_drawings(database, run, trainers):
    define.add_label(database, "digits", "A")
    give(database, "A", 18)
    claim, _ = run()
    with database.reading() as session:
        done = jobs.run(session, claim.run_id)
        assert (done.state, str(done.step)) == ("cancelled", "A needs 12 more drawings")
    assert jobs.reconcile(database, 0) == []
    assert trainers["fnn"].calls == []


def test_known_labels_are_learned_while_a_new_label_waits(database, run, trainers):
    define.add_label(database, "digits", "A")
    add(database, "3", "A", None)
    run()
    assert trainers["cnn"].calls[0]["kind"] == "learn"
    assert trainers["cnn"].calls[0]["new"].y.tolist() == [3, 10]
    assert jobs.reconcile(database, 0) == []


def test_a_network_grows_by_a_label_as_soon_as_nothing_is_missing(database, run, trainers):
    define.add_label(database, "digits", "A")
    give(database, "A", 29)
    run()
    add(database, "3", None)
    give(database, "A", 1)
    run()
    for learner, trainer in trainers.items():
        (call,) = trainer.calls
        assert call["kind"] == "add_labels"
        assert call["labels"] == tuple("0123456789A")
        counts = dict(zip(*np.unique(call["new"].y, return_counts=True), strict=True))
        assert counts == {3: 1, 10: 30 - 7 - 6, 11: 1}
        assert call["held_out"].holdout.y.tolist() == [10] * 7
        assert call["held_out"].select.y.tolist() == [10] * 6
        with database.reading() as session:
            version = registry.live(session, "digits")[learner]
            assert version.labels == list("0123456789A")
            assert version.card["kept_apart"] == {"to choose": 6, "to judge": 7}


def test_held_out_samples_are_never_learned_but_corrections_always(database, run, trainers):
    define.add_label(database, "digits", "A")
    give(database, "A", 32)
    run()
    kept = add(database, "A", source="contribution", digit="0") + add(database, "A", source="contribution", digit="3")
    taught = add(database, "A", source="contribution", digit="6") + add(database, "A", source="correction", digit="0")
    run()
    assert trainers["cnn"].calls[1]["kind"] == "learn"
    assert trainers["cnn"].calls[1]["new"].y.tolist() == [10, 10]
    assert len(trainers["cnn"].calls[1]["held_out"].holdout) == 7
    assert [sample(database, one).taught_to is not None for one in kept + taught] == [False, False, True, True]
    assert jobs.reconcile(database, 0) == []


def test_a_shipped_label_keeps_nothing_apart(database, run, trainers):
    give(database, "3", 16)
    run()
    assert len(trainers["cnn"].calls[0]["new"]) == 16
    assert len(trainers["cnn"].calls[0]["held_out"].holdout) == 0


def test_a_label_that_was_learned_is_rehearsed_later_on(database, run, trainers):
    define.add_label(database, "digits", "A")
    give(database, "A", 32)
    run()
    add(database, "3")
    run()
    assert (trainers["cnn"].calls[1]["earlier"].y == 10).sum() == 20


def test_one_learner_may_grow_where_the_other_does_not_and_gets_another_chance(database, run, trainers):
    define.add_label(database, "digits", "A")
    give(database, "A", 32)
    trainers["fnn"].accepted = False
    run()
    trainers["fnn"].accepted, trainers["fnn"].labels = True, 10
    add(database, "3")
    run()
    assert [call["kind"] for call in trainers["cnn"].calls] == ["add_labels", "learn"]
    assert [call["kind"] for call in trainers["fnn"].calls] == ["add_labels", "add_labels"]
    with database.reading() as session:
        assert {row.labels[-1] for row in registry.live(session, "digits").values()} == {"A"}


def own_set(database, run_of="cyrillic"):
    define.create_set(database, run_of, ["А", "Б"])
    give(database, "А", 32, set_name=run_of)
    give(database, "Б", 32, set_name=run_of)
    with database.writing() as session:
        jobs.request(session, run_of, "learn")
    return jobs.lease(database, now() + timedelta(milliseconds=1))


def test_a_set_of_the_owners_starts_from_another_sets_networks(database, store, tmp_path, trainers):
    learn(database, Artefacts(store, tmp_path / "models"), own_set(database), trainers, lambda progress, step: None)
    assert [call["kind"] for call in trainers["cnn"].calls] == ["bootstrap"]
    assert trainers["cnn"].calls[0]["live"] == tiny_weights(2)
    with database.reading() as session:
        first = registry.live(session, "cyrillic")["cnn"]
        assert (first.parent_id, first.labels, first.original) == (None, ["А", "Б"], False)
        assert first.card["foundation"] == "digits-cnn-1"


def test_the_foundation_is_the_characters_network_if_there_is_one(database, store, tmp_path, trainers):
    ship(tmp_path / "models", name="characters", labels=("A", "B", "C"), answers={"fnn": 1, "cnn": 0})
    seeded(database, tmp_path / "models")
    learn(database, Artefacts(store, tmp_path / "models"), own_set(database), trainers, lambda progress, step: None)
    assert trainers["cnn"].calls[0]["live"] == tiny_weights(0)


def test_a_sample_that_is_added_during_the_plan_is_not_lost(database, store, run, trainers):
    define.add_label(database, "digits", "A")
    add(database, "3")
    trainers["cnn"].during = lambda: add(database, "A")
    run()
    trainers["cnn"].during = lambda: None
    assert jobs.reconcile(database, 0) == ["digits"]


def test_a_training_on_everything_learns_a_new_label_too(database, run, trainers):
    add(database, "3")
    run()
    define.add_label(database, "digits", "A")
    give(database, "A", 32)
    run("train")
    (_, call) = trainers["cnn"].calls
    assert call["kind"] == "add_labels"
    assert sorted(set(call["new"].y.tolist())) == [3, 10]


def test_without_any_network_to_start_from_a_first_version_says_so(database, store, tmp_path, trainers):
    claim = own_set(database)
    with database.writing() as session:
        for row in registry.live(session, "digits").values():
            row.card = {**row.card, "rejects": False}
    with pytest.raises(Unavailable, match="could begin from"):
        learn(database, Artefacts(store, tmp_path / "models"), claim, trainers, lambda progress, step: None)
