"""The verb learn: gathering, training, publishing, and interruptions in between."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.errors import LeaseLost, StoreUnavailable
from functions.records.outbox import drain
from functions.records.tables import Activation, Run, Sample, Snapshot, SnapshotSample, Version, now
from functions.records.training_samples import collected, untaught
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs.learn import learn
from tests.support.factories import add_sample, seeded
from tests.support.tiny_models import tiny_weights

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def run(database, store, tmp_path, trainers):
    """Lease a run of a kind and do it."""

    def do(kind="learn", on_progress=lambda progress, step: None, moment=None):
        claim = leased(database, kind, moment)
        return claim, learn(database, Artefacts(store, tmp_path / "models"), claim, trainers, on_progress)

    return do


def leased(database, kind="learn", moment=None):
    with database.writing() as session:
        jobs.request(session, "digits", kind)
    return jobs.lease(database, moment or now() + timedelta(milliseconds=1))


def add(database, *labels, **facts):
    with database.writing() as session:
        return [add_sample(session, label, **facts).id for label in labels]


def sample(database, sample_id):
    with database.reading() as session:
        return session.get_one(Sample, sample_id)


def live_ids(database):
    with database.reading() as session:
        return {learner: row.id for learner, row in registry.live(session, "digits").items()}


def test_new_samples_become_versions_that_answer(database, store, run, tmp_path, trainers):
    ids = add(database, "3", "7")
    claim, result = run()
    assert result["rejected"] == []
    assert set(result["activated"]) == set(live_ids(database).values())
    with database.reading() as session:
        done = jobs.run(session, claim.run_id)
        assert (done.state, done.progress, done.result) == ("done", 1.0, result)
        cnn = registry.live(session, "digits")["cnn"]
        assert (cnn.parent_id, cnn.run_id, cnn.original) == ("digits-cnn-1", claim.run_id, False)
        assert cnn.snapshot_id == sha256("".join(f"{one}\n" for one in sorted(ids)).encode()).hexdigest()
        assert (cnn.card["samples"], cnn.card["taught"]) == (2, 2)
        assert cnn.card["labels"] == {"3": 1, "7": 1}
        assert cnn.gate["accepted"]
    assert Artefacts(store, tmp_path / "models").read(cnn, "npz") == tiny_weights(7)
    assert all(sample(database, one).taught_to == sample(database, one).offered_to == claim.run_id for one in ids)
    assert trainers["cnn"].calls[0]["live"] == tiny_weights(2)
    drain(database, store)
    assert json.loads(store.get(f"versions/digits/{cnn.id}.json"))["card"] == cnn.card


def test_the_trainer_gets_the_stored_squares(database, run, trainers):
    add(database, "7", "3")
    run()
    new = trainers["fnn"].calls[0]["new"]
    assert new.y.tolist() == [7, 3]
    assert [int(square[0, 0]) for square in new.x] == [ord("7"), ord("3")]


def test_only_accepted_samples_are_learned_and_not_a_symbol_is_the_last_class(database, run, trainers):
    add(database, "1", None)
    add(database, "2", status="pending")
    add(database, "3", status="withdrawn")
    run()
    assert trainers["fnn"].calls[0]["new"].y.tolist() == [1, 10]
    with database.reading() as session:
        assert registry.live(session, "digits")["fnn"].card["labels"] == {"1": 1, "not a symbol": 1}


def test_a_version_counts_the_samples_of_its_whole_line(database, run):
    counted = []
    for kind, labels in (("learn", "37"), ("learn", "1"), ("train", "")):
        add(database, *labels)
        run(kind)
        with database.reading() as session:
            card = registry.live(session, "digits")["cnn"].card
        counted.append((card["samples"], card["taught"]))
    assert counted == [(2, 2), (1, 3), (3, 3)]


def test_learned_samples_are_rehearsed_not_learned_again(database, run, trainers):
    add(database, "3")
    run()
    add(database, "7")
    _, result = run()
    assert trainers["cnn"].calls[1]["new"].y.tolist() == [7]
    assert trainers["cnn"].calls[1]["earlier"].y.tolist() == [3]
    assert trainers["cnn"].calls[1]["live"] == tiny_weights(3)
    assert len(result["activated"]) == 2


def test_a_run_without_anything_new_is_cancelled(database, run, trainers):
    claim, result = run()
    assert result == {"activated": [], "rejected": []}
    with database.reading() as session:
        assert jobs.run(session, claim.run_id).state == "cancelled"
    assert trainers["fnn"].calls == []


def test_a_rejected_version_is_kept_with_its_reason_and_its_samples_get_another_chance(database, run, trainers):
    trainers["fnn"].accepted = trainers["cnn"].accepted = False
    (one,) = add(database, "3")
    claim, result = run()
    assert result["activated"] == []
    assert [entry["reason"] for entry in result["rejected"]] == ["Kept out: worse."] * 2
    assert live_ids(database) == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}
    assert (sample(database, one).offered_to, sample(database, one).taught_to) == (claim.run_id, None)
    assert jobs.reconcile(database, 0) == []
    trainers["fnn"].accepted = trainers["cnn"].accepted = True
    add(database, "7")
    run()
    assert trainers["cnn"].calls[1]["new"].y.tolist() == [3, 7]


def test_one_learner_may_pass_where_the_other_does_not(database, run, trainers):
    trainers["fnn"].accepted = False
    (one,) = add(database, "3")
    claim, result = run()
    assert (len(result["activated"]), len(result["rejected"])) == (1, 1)
    assert live_ids(database)["fnn"] == "digits-fnn-1"
    assert sample(database, one).taught_to == claim.run_id


def test_training_takes_everything_that_was_collected(database, run, trainers):
    add(database, "3")
    run()
    add(database, "7")
    run("train")
    assert trainers["cnn"].calls[1]["kind"] == "train"
    assert trainers["cnn"].calls[1]["new"].y.tolist() == [3, 7]


def test_the_newest_samples_come_first(database):
    add(database, "1", "2", "3", split="train")
    with database.reading() as session:
        assert [sample.label for sample in untaught(session, "digits", 2)] == ["3", "2"]
        assert [sample.label for sample in collected(session, "digits", 2)] == ["3", "2"]


def test_a_square_that_cannot_be_read_is_passed_over_once_and_for_all(database, run, trainers):
    add(database, "1", square=b"damaged")
    add(database, "1", square=b"")
    claim, _ = run()
    with database.reading() as session:
        assert jobs.run(session, claim.run_id).state == "cancelled"
    assert jobs.reconcile(database, 0) == []


def test_a_sample_withdrawn_meanwhile_is_on_the_card_and_never_learned_again(database, run, trainers):
    one, _ = add(database, "3", "7")

    def withdraw():
        with database.writing() as session:
            session.get_one(Sample, one).status = "withdrawn"

    trainers["cnn"].during = withdraw
    run()
    with database.reading() as session:
        assert registry.live(session, "digits")["cnn"].card["withdrawn_meanwhile"] == 1
    trainers["cnn"].during = lambda: None
    run("train")
    assert trainers["cnn"].calls[1]["new"].y.tolist() == [7]


def test_a_run_that_was_taken_over_publishes_nothing(database, run, trainers):
    add(database, "3")
    taken = []
    trainers["cnn"].during = lambda: taken.append(jobs.lease(database, now() + timedelta(minutes=1)))
    with pytest.raises(LeaseLost):
        run()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Version)) == 2
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 0
        assert session.get_one(Run, taken[0].run_id).state == "running"


def test_the_run_that_took_over_ends_with_one_activation_for_each_learner(database, run, store, tmp_path, trainers):
    add(database, "3")
    taken = []
    trainers["cnn"].during = lambda: taken.append(jobs.lease(database, now() + timedelta(minutes=1)))
    with pytest.raises(LeaseLost):
        run()
    trainers["cnn"].during = lambda: None
    learn(database, Artefacts(store, tmp_path / "models"), taken[0], trainers, lambda progress, step: None)
    with database.reading() as session:
        learned = select(Activation.learner).join(Version, Version.id == Activation.version_id).where(~Version.original)
        assert sorted(session.scalars(learned)) == ["cnn", "fnn"]
        assert session.scalar(select(func.count()).select_from(SnapshotSample)) == 1
    # Both attempts drew the same random numbers, so the run can be repeated from its card.
    assert trainers["cnn"].calls[0]["seed"] == trainers["cnn"].calls[1]["seed"]


def test_a_rollback_while_learning_is_respected(database, run, trainers):
    add(database, "3")
    run()
    (new,) = add(database, "7")

    def roll_back():
        with database.writing() as session:
            for learner in ("fnn", "cnn"):
                registry.activate(session, f"digits-{learner}-1", "owner")

    trainers["cnn"].during = roll_back
    _, result = run()
    assert result["activated"] == []
    assert "another version" in result["rejected"][0]["reason"].lower()
    assert live_ids(database) == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}
    assert sample(database, new).offered_to is None
    assert jobs.reconcile(database, 0) == ["digits"]


class DownStore(FolderStore):
    def put(self, key, body, content_type):
        raise StoreUnavailable("The bucket cannot be reached just now.")


def test_nothing_is_published_that_could_not_be_kept(database, tmp_path, trainers):
    (one,) = add(database, "3")
    claim = leased(database)
    with pytest.raises(StoreUnavailable):
        learn(
            database,
            Artefacts(DownStore(tmp_path / "objects"), tmp_path / "models"),
            claim,
            trainers,
            lambda progress, step: None,
        )
    assert live_ids(database) == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}
    assert sample(database, one).offered_to is None


def test_progress_grows_and_has_steps(database, run):
    add(database, "3")
    told = []
    run(on_progress=lambda progress, step: told.append((progress, step)))
    progress = [one for one, _ in told]
    assert progress == sorted(progress)
    assert progress[0] >= 0
    assert progress[-1] < 1
    assert told[0] == (0, Step.of("initialising", learner="cnn", method="fine_tuning"))
    assert told[-1][1] == Step("publishing")
    assert any(str(step) == "fine-tuning the CNN: learning, step 5 of 10" for _, step in told)


def test_both_learners_learn_at_the_same_time(database, run, trainers):
    met = threading.Barrier(2, timeout=20)  # broken, and the run with it, if one training waits for the other's end
    for trainer in trainers.values():
        trainer.during = met.wait
    add(database, "3")
    _, result = run()
    assert len(result["activated"]) == 2


def test_nothing_is_published_if_one_of_both_trainings_fails(database, run, trainers):
    def breaks():
        raise RuntimeError("out of paper")

    trainers["fnn"].during = breaks
    (one,) = add(database, "3")
    with pytest.raises(RuntimeError, match="out of paper"):
        run()
    assert live_ids(database) == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}
    assert sample(database, one).offered_to is None
