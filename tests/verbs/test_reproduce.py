"""Training a version again from its card: the same squares, weights and seeds, and the reasons for differences."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from functions import jobs, registry
from functions.dataset.splits import FIRST
from functions.errors import BrokenArtefact, Conflict
from functions.records.outbox import drain
from functions.records.tables import DrawingRow, Sample, Version, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.training.model_card import TRAINING_CODE, made_with
from functions.training.save import used_samples_key
from functions.verbs import define
from functions.verbs.learn import learn
from functions.verbs.reproduce import reproduce
from tests.support.factories import add_sample, seeded, somebody
from tests.support.fake_trainers import FakeTrainer

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def run(database, store, tmp_path):
    """Do a run of a kind, and return the CNN's trainer and the live version."""

    def do(kind="learn", during=lambda: None, set_name="digits"):
        with database.writing() as session:
            jobs.request(session, set_name, kind)
        claim = jobs.lease(database, now() + timedelta(seconds=1), kinds=[kind])
        trainers = {"cnn": FakeTrainer(during=during)}
        learn(database, Artefacts(store, tmp_path / "models"), claim, trainers, lambda progress, step: None)
        with database.reading() as session:
            return trainers["cnn"], registry.live(session, set_name)["cnn"]

    return do


@pytest.fixture
def again(database, store, tmp_path):
    """Reproduce a version, and return the trainer and the result."""

    def do(version):
        trainer = FakeTrainer()
        found = reproduce(
            database, Artefacts(store, tmp_path / "models"), version.id, lambda version: trainer, lambda progress, step: None
        )
        return trainer, found

    return do


def add(database, *labels, **facts):
    with database.writing() as session:
        return [add_sample(session, label, **facts).id for label in labels]


def alike(one, other):
    """Tell whether two values are the same, squares to the pixel."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if hasattr(one, "select"):
        return alike(vars(one), vars(other))
    if hasattr(one, "x"):
        return np.array_equal(one.x, other.x) and np.array_equal(one.y, other.y)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    return one == other


def the_same(first, then):
    assert len(first.calls) == len(then.calls)
    for one, other in zip(first.calls, then.calls, strict=True):
        assert alike(one, other), (one, other)


def test_a_quick_run_is_repeated_with_its_rehearsed_and_held_out_samples(database, run, again):
    for _ in range(FIRST):
        add(database, "3")
    run()
    add(database, "8", by=somebody("test"), source="contribution")
    add(database, "6", by=somebody("validation"), source="contribution")
    add(database, "7")
    taught, version = run()
    assert len(taught.calls[0]["earlier"]) == FIRST
    assert taught.calls[0]["held_out"].holdout.y.tolist() == [8]
    add(database, "8", by=somebody("test"), source="contribution")  # later samples change nothing
    add(database, "1")
    run()
    then, found = again(version)
    the_same(taught, then)
    assert (found.same, found.differing, found.reasons) == (True, {}, ())
    assert found.figures > 1


def test_an_added_label_and_a_first_version_are_repeated(database, run, again):
    define.create_set(database, "cyrillic", ["А", "Б"])
    for set_name, label in (("cyrillic", "А"), ("cyrillic", "Б"), ("digits", "A")):
        if set_name == "digits":
            define.add_label(database, "digits", label)
        with database.writing() as session:
            for number in range(32):
                add_sample(session, label, source="contribution", digit=f"{number % 16:x}", set_name=set_name)
        if label != "А":
            taught, version = run(set_name=set_name)
            then, found = again(version)
            the_same(taught, then)
            assert found.same
            assert taught.calls[0]["kind"] == ("add_labels" if set_name == "digits" else "bootstrap")


def test_a_full_run_is_repeated_with_both_starts_and_the_samples_it_caught_up_with(database, run, again):
    add(database, "3")
    run()
    add(database, "5")

    def pass_by():
        if not passed:
            passed.extend(add(database, "7"))
            run()

    passed = []
    taught, version = run("train", during=pass_by)
    assert [call["kind"] for call in taught.calls] == ["train", "train", "learn", "admit"]
    then, found = again(version)
    the_same(taught, then)
    assert found.same


def test_the_report_names_withdrawn_samples_and_figures_that_differ(database, run, again):
    one, _ = add(database, "3", "7")
    _, version = run()
    with database.writing() as session:
        sample = session.get_one(Sample, one)
        sample.status = "withdrawn"
        session.get_one(DrawingRow, sample.drawing_id).square = b""
        session.get_one(Version, version.id).metrics = {**version.metrics, "steps": 11}
    then, found = again(version)
    assert then.calls[0]["new"].y.tolist() == [7]
    assert found.differing == {"steps": (11, 10)}
    assert found.reasons == ("1 of its samples were withdrawn since, so their squares are gone.",)
    assert found.report()[1:] == [
        f"  sha256 recorded  {version.sha256}",
        f"  sha256 now       {version.sha256}, the same",
        f"  {found.figures - 1} of {found.figures} figures are the same.",
        "    steps: 11 recorded, 10 now",
        "  1 of its samples were withdrawn since, so their squares are gone.",
    ]


def test_the_report_names_another_code_or_machine(database, run, again):
    add(database, "3")
    _, version = run()
    assert version.card["made_with"] == made_with()
    assert made_with().keys() & {"tensorflow", "tensorflow-cpu"}
    with database.writing() as session:
        was = {**version.card["made_with"], "machine": "an abacus"}
        session.get_one(Version, version.id).card = {**version.card, "code": 2, "made_with": was}
    _, found = again(version)
    assert found.reasons == (
        f"It was made by version 2 of the method, and this is version {TRAINING_CODE}.",
        f"It was made with machine an abacus, and this is {made_with()['machine']}.",
    )


def test_a_shipped_version_cannot_be_made_again_here(database, again):
    with database.reading() as session, pytest.raises(Conflict, match="shipped"):
        again(registry.version(session, "digits-cnn-1"))


def test_used_samples_that_are_not_the_recorded_ones_are_refused(database, store, run, again):
    add(database, "3")
    _, version = run()
    store.put(used_samples_key(version), b'{"rehearsed":[]}', "application/json")
    with pytest.raises(BrokenArtefact, match="not the one"):
        again(version)
    store.delete(used_samples_key(version))
    with pytest.raises(BrokenArtefact, match="missing"):
        again(version)


def test_a_card_names_all_that_made_a_version(database, store, run):
    add(database, "3")
    _, version = run()
    drain(database, store)
    card = version.card
    assert {"parent", "snapshot", "seed", "code", "made_with", "apart", "rehearsed", "lesson_sha256"} <= card.keys()
    assert card["rehearsed"]["samples"] == 0
