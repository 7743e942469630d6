"""Samples of a refused version are tried again with the next ones, by that learner alone, three times at most."""

from __future__ import annotations

import pytest

from functions.learners.gate.reasons import OVERTAKEN
from functions.records.tables import Sample, Version
from functions.training.refused_samples import MOST_TRIES, NOTHING_REFUSED, refused_samples
from tests.support.factories import add_sample, seeded

pytestmark = pytest.mark.above_sql


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


@pytest.fixture
def show(database, do_run, trainers):
    """Collect a sample of a label, do a run, and return the labels that each learner was trained on (None if it was not)."""

    def do(label):
        with database.writing() as session:
            add_sample(session, label)
        seen = {learner: len(trainer.calls) for learner, trainer in trainers.items()}
        do_run("learn")
        return {
            learner: sorted(trainer.calls[-1]["new"].y.tolist()) if len(trainer.calls) > seen[learner] else None
            for learner, trainer in trainers.items()
        }

    return do


def test_only_the_refused_learner_tries_again(show, trainers):
    trainers["cnn"].accepted = False
    show("1")
    trainers["cnn"].accepted = True
    assert show("2") == {"fnn": [2], "cnn": [1, 2]}
    assert show("3") == {"fnn": [3], "cnn": [3]}


def test_a_sample_that_both_refused_is_tried_by_both(show, trainers):
    trainers["fnn"].accepted = trainers["cnn"].accepted = False
    show("1")
    trainers["fnn"].accepted = trainers["cnn"].accepted = True
    assert show("2") == {"fnn": [1, 2], "cnn": [1, 2]}


def test_a_sample_is_given_up_after_three_tries_so_that_later_ones_are_learned(show, trainers):
    trainers["fnn"].accepted = trainers["cnn"].accepted = False
    seen = [show(label)["cnn"] for label in "1234"]
    assert MOST_TRIES == 3
    assert seen == [[1], [1, 2], [1, 2, 3], [2, 3, 4]]


def test_a_sample_that_was_withdrawn_is_not_tried_again(database, show, trainers):
    trainers["cnn"].accepted = False
    show("1")
    with database.writing() as session:
        session.query(Sample).update({"status": "withdrawn"})
    assert show("2") == {"fnn": [2], "cnn": [2]}


def test_what_a_full_run_has_learned_is_not_tried_again(show, do_run, trainers):
    trainers["cnn"].accepted = False
    show("1")
    trainers["cnn"].accepted = True
    do_run("train")
    assert show("2") == {"fnn": [2], "cnn": [2]}


def test_a_version_that_was_overtaken_is_not_a_try(database, show, trainers):
    trainers["cnn"].accepted = False
    show("1")
    with database.writing() as session:
        refused = session.query(Version).filter_by(learner="cnn", original=False).one()
        refused.gate = {**refused.gate, "why": [OVERTAKEN]}
    with database.reading() as session:
        assert refused_samples(session, "digits", "cnn") == NOTHING_REFUSED
