"""The full lane: two trainings, the choice of the better one, and quick runs that pass meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from functions import jobs, registry
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.continual.rehearsal_batches import plan_rehearsal
from functions.learners.continual.retrain import TESTED_AGAIN, Retrained, better, conclude, figures_of
from functions.learners.squares import Squares
from functions.records.snapshots import snapshot_id
from functions.records.tables import LabelCount, Run, Sample, Version, now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.training import retrain_policy
from functions.training.save import used_samples_key
from functions.verbs import define
from functions.worker.loops import WorkerLoops
from tests.support.factories import add_sample, seeded
from tests.support.fake_trainers import FakeTrainer, FakeTrainerPool
from tests.support.tiny_models import tiny_weights

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def run(do_run):
    """Do a run of a kind, with the trainers ``by`` if they are given."""
    return lambda kind="train", by=None: do_run(kind, by=by, kinds=[kind])


def add(database, *labels):
    with database.writing() as session:
        return [add_sample(session, label).id for label in labels]


def live(database, learner="cnn"):
    with database.reading() as session:
        return registry.live(session, "digits")[learner]


def kinds(trainer):
    return [call["kind"] for call in trainer.calls]


def test_it_trains_from_the_live_version_and_from_the_base(database, run, trainers):
    add(database, "3")
    run("learn")
    add(database, "7")
    run()
    _, warm, base = trainers["cnn"].calls
    assert (warm["kind"], warm["live"]) == ("train", tiny_weights(3))
    assert (base["kind"], base["live"]) == ("train", tiny_weights(2))
    assert warm["seed"] == base["seed"]
    assert warm["new"].y.tolist() == base["new"].y.tolist() == [3, 7]


def test_it_trains_once_if_the_base_is_live(database, run, trainers):
    add(database, "3")
    run()
    assert kinds(trainers["cnn"]) == ["train"]
    assert live(database).card["starts"] == {"warm": "digits-cnn-1"}


def test_the_gate_compares_the_training_with_the_lower_nll_to_the_live_version(database, run, trainers):
    add(database, "3")
    run("learn")
    before = live(database)
    trainers["cnn"].surprise = lambda weights: 0.5 if weights == tiny_weights(2) else 0.6
    add(database, "7")
    run()
    admitted = trainers["cnn"].calls[-1]
    assert (admitted["kind"], admitted["live"], admitted["trained"]) == ("admit", tiny_weights(3), tiny_weights(7))
    made = live(database)
    assert made.parent_id == before.id
    assert (made.card["start"], made.card["starts"]) == ("base", {"warm": before.id, "base": "digits-cnn-1"})
    assert made.card["against"] == before.id
    assert {name: one["surprise"] for name, one in made.metrics["starts"].items()} == {"warm": 0.6, "base": 0.5}
    assert kinds(trainers["fnn"]) == ["learn", "train", "train"]  # its live version did as well, and was asked already
    assert live(database, "fnn").card["start"] == "warm"


def test_a_training_without_a_share_is_not_the_better_one():
    figures = {"warm": figures_of({"share": 0.0, "trials": [{"share": 0.1, "known": 0.5, "new": 1.0, "surprise": 0.1}]})}
    figures["base"] = figures_of({"share": 0.2, "trials": [{"share": 0.2, "known": 1.0, "new": 1.0, "surprise": 0.9}]})
    assert better(figures) == "base"
    assert better({"warm": {"share": 0.0}, "base": {"share": 0.0}}) == "warm"


def test_a_training_without_a_share_is_not_tested_again(database, run, trainers):
    add(database, "3")

    def pass_by():
        trainers["fnn"].during = lambda: None
        add(database, "7")
        run("learn", quickly())

    trainers["fnn"].during = pass_by
    trainers["cnn"].retrain = lambda *given, **named: replace(
        FakeTrainer(accepted=False).retrain(*given, **named), metrics={"share": 0.0, "trials": []}
    )
    _, result = run()
    assert trainers["cnn"].calls == []
    assert [one["reason"] for one in result["rejected"]] == ["Kept out: worse."]


def test_of_many_squares_only_validation_squares_are_tested_again():
    count = TESTED_AGAIN + 1000
    x = np.zeros((count, 28, 28), np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.divmod(np.arange(count), 256)  # the number of the square
    everything, fresh = Squares(x, np.zeros(count, np.int64)), Squares(x[:1], np.array([7]))

    def which(squares):
        return (squares.x[:, 0, 0].astype(int) * 256 + squares.x[:, 0, 1]).tolist()

    def quiet(progress, step):
        pass

    trainer = FakeTrainer()
    trained = Retrained("warm", FakeTrainer().retrain(b"", TrainingSquares(fresh), seed=1, on_progress=quiet), {"warm": {}})
    conclude(trainer, b"live", trained, TrainingSquares(everything), fresh, seed=1, on_progress=quiet)
    caught_up, admitted = trainer.calls
    chose = plan_rehearsal(everything, everything.take(slice(0)), None, seed=1).validation
    assert which(admitted["new"]) == which(chose)
    assert not set(which(caught_up["earlier"])) & set(which(chose))


def quickly():
    return {"fnn": FakeTrainer(), "cnn": FakeTrainer()}


def test_it_catches_up_with_the_samples_of_quick_runs(database, store, run, trainers):
    old = add(database, "3")
    new = []

    def pass_by():
        trainers["fnn"].during = lambda: None
        new.extend(add(database, "7"))
        run("learn", quickly())

    trainers["fnn"].during = pass_by
    claim, result = run()
    quick, made = parent(database), live(database)
    assert set(result["activated"]) == {made.id, live(database, "fnn").id}
    for trainer in trainers.values():
        assert kinds(trainer) == ["train", "learn", "admit"]
        trained, caught_up, admitted = trainer.calls
        assert trained["new"].y.tolist() == admitted["new"].y.tolist() == [3]
        assert (caught_up["new"].y.tolist(), caught_up["earlier"].y.tolist()) == ([7], [3])
        assert (admitted["live"], admitted["trained"]) == (tiny_weights(7), tiny_weights(7))
    assert (made.parent_id, made.card["against"]) == (quick.id, quick.id)
    assert (made.card["samples"], made.card["taught"], made.card["caught_up"]) == (2, 2, 1)
    assert made.snapshot_id == made.card["snapshot"] == snapshot_id([*old, *new])
    assert json.loads(store.get(used_samples_key(made)))["caught_up"] == new
    with database.reading() as session:
        assert session.get_one(Sample, new[0]).taught_to == claim.run_id


def parent(database):
    with database.reading() as session:
        return session.get_one(Version, registry.live(session, "digits")["cnn"].parent_id)


def test_it_does_not_catch_up_if_that_forgets_something(database, run, trainers):
    add(database, "3")

    def pass_by():
        trainers["fnn"].during = lambda: None
        add(database, "7")
        run("learn", quickly())

    trainers["fnn"].during = pass_by
    trainers["cnn"].fine_tune = lambda *given, **named: FakeTrainer(accepted=False).fine_tune(*given, **named)
    run()
    admitted = trainers["cnn"].calls[-1]
    assert (admitted["kind"], admitted["trained"], admitted["live"]) == ("admit", tiny_weights(3), tiny_weights(7))


def test_a_rollback_while_it_trains_is_respected(database, run, trainers):
    add(database, "3")
    run("learn")
    add(database, "7")

    def roll_back():
        with database.writing() as session:
            registry.activate(session, "digits-cnn-1", "owner")

    trainers["fnn"].during = roll_back
    _, result = run()
    assert live(database).id == "digits-cnn-1"
    assert [one["why"] for one in result["rejected"]] == [[{"kind": "overtaken"}]]
    assert result["rejected"][0]["reason"] == "Another version became live while this one was learning."


def test_a_label_that_a_quick_run_adds_is_not_lost(database, run, trainers):
    add(database, "3")

    def grow():
        trainers["fnn"].during = lambda: None
        define.add_label(database, "digits", "A")
        with database.writing() as session:
            for number in range(32):
                add_sample(session, "A", source="contribution", digit=f"{number % 16:x}")
        run("learn", quickly())

    trainers["fnn"].during = grow
    _, result = run()
    assert live(database).labels[-1] == "A"
    assert all(one["why"] == [{"kind": "overtaken"}] for one in result["rejected"])


def test_a_worker_does_quick_runs_during_a_full_one(database, store, tmp_path):
    working = WorkerLoops(database, Artefacts(store, tmp_path / "models"), quiet=0.0)
    pool = FakeTrainerPool()
    pool.full = {"fnn": FakeTrainer(seconds=1.5), "cnn": FakeTrainer()}
    add(database, "3")
    with database.writing() as session:
        slow = jobs.request(session, "digits", "train")
    assert working.work(pool)
    with database.reading() as session:
        quick = [run for run in jobs.runs(session, "digits", limit=9) if run.kind == "learn"]
        assert [run.state for run in quick] == ["done"]
        assert quick[0].finished < jobs.run(session, slow).finished
    assert [kinds(trainer) for trainer in pool.quick.values()] == [["learn"], ["learn"]]
    assert kinds(pool.full["cnn"]) == ["train", "admit"]
    assert live(database).run_id == slow


def crowd(database, count):
    with database.writing() as session:
        for _ in range(count):
            add_sample(session, "3")


def test_a_set_that_has_grown_by_a_tenth_requests_a_full_run_that_waits(database, run):
    def ask():
        return retrain_policy.ask_if_grown(database, "digits", least=10)

    crowd(database, 9)
    assert ask() is None
    crowd(database, 1)
    asked = ask()
    assert ask() == asked
    with database.reading() as session:
        waiting = session.get_one(Run, asked)
        assert waiting.not_before > now() + timedelta(seconds=retrain_policy.QUIET - 5)
        assert jobs.lease(database) is None
    claim, result = run()
    assert (claim.run_id, result["accepted"]) == (asked, 10)
    assert ask() is None
    crowd(database, 1)
    assert ask() is not None


def test_a_worker_requests_a_full_run_after_a_quick_one_unless_that_is_switched_off(database, store, tmp_path):
    with database.writing() as session:
        session.add(LabelCount(set_name="digits", label="3", change=retrain_policy.LEAST))  # as if so many had come
    waiting = []
    for grows in (False, True):
        add(database, "3")
        with database.writing() as session:
            jobs.request(session, "digits", "learn")
        WorkerLoops(database, Artefacts(store, tmp_path / "models"), quiet=0.0, grows=grows).work(FakeTrainerPool())
        with database.reading() as session:
            waiting.append([run.kind for run in jobs.runs(session, "digits", limit=9) if run.state == "queued"])
    assert waiting == [[], ["train"]]


def test_after_a_failed_full_run_the_next_one_is_requested_a_day_later(database):
    crowd(database, 1)
    with database.writing() as session:
        failed = jobs.run(session, jobs.request(session, "digits", "train"))
        failed.state, failed.finished = "failed", now()
        session.flush()
        assert not retrain_policy.is_grown(session, "digits", least=1)
        failed.finished = now() - timedelta(days=1, seconds=1)
        session.flush()
        assert retrain_policy.is_grown(session, "digits", least=1)
