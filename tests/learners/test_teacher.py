"""Learning from people with the shipped networks, as the worker does it."""

import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from functions.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.learners.artefact import unpack
from functions.learners.asking import ask
from functions.learners.seeds import Seeds
from functions.learners.teacher import Candidate, Squares, Teacher

STROKES = Path(__file__).parents[1] / "strokes.json.gz"


def quiet(progress: float, step: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def drawings() -> Squares:
    """Sixty digits that people drew on a tablet, no base network has seen them."""
    rows = json.loads(gzip.decompress(STROKES.read_bytes()))
    body = b"".join(square_to_bytes(from_strokes(parse_strokes(row["strokes"], *row["box"])).square) for row in rows)
    return Squares(np.frombuffer(body, np.uint8).reshape(-1, 28, 28), np.array([int(row["label"]) for row in rows]))


def teacher_of(learner: str, seeds: Seeds) -> Teacher:
    teacher = Teacher(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
    teacher.warm_up()
    return teacher


@pytest.fixture(scope="module")
def fnn(seeds: Seeds) -> Teacher:
    return teacher_of("fnn", seeds)


@pytest.fixture(scope="module")
def cnn(seeds: Seeds) -> Teacher:
    return teacher_of("cnn", seeds)


def wrong_ones(seeds: Seeds, learner: str, drawings: Squares) -> Squares:
    answers = ask(seeds.artefact(learner, "tflite"), drawings.x).argmax(1)
    return drawings.take(np.flatnonzero(answers != drawings.y))


@pytest.mark.parametrize("learner", ["fnn", "cnn"])
def test_a_corrected_drawing_is_answered_rightly_afterwards(
    learner: str, seeds: Seeds, drawings: Squares, request: pytest.FixtureRequest
) -> None:
    teacher, wrong = request.getfixturevalue(learner), wrong_ones(seeds, learner, drawings)
    correction = wrong.take(np.arange(1))
    candidate = teacher.fine_tune(seeds.artefact(learner, "weights"), correction, seed=1, on_progress=quiet)
    assert candidate.gate["accepted"], candidate.gate["reason"]
    assert ask(candidate.tflite, correction.x).argmax(1)[0] == correction.y[0]
    holdout = candidate.metrics["holdout"]
    assert holdout["after"]["accuracy"] >= holdout["before"]["accuracy"] - 0.001


def test_twenty_corrections_help_and_cost_the_hold_out_nothing(cnn: Teacher, seeds: Seeds, drawings: Squares) -> None:
    some = drawings.take(np.arange(20))
    candidate = cnn.fine_tune(seeds.artefact("cnn", "weights"), some, seed=1, on_progress=quiet)
    assert candidate.gate["accepted"]
    assert candidate.metrics["new"]["after"]["accuracy"] >= candidate.metrics["new"]["before"]["accuracy"]
    assert candidate.metrics["new"]["after"]["nll"] < candidate.metrics["new"]["before"]["nll"]
    assert candidate.metrics["holdout"]["after"]["accuracy"] >= candidate.metrics["holdout"]["before"]["accuracy"] - 0.001


def test_what_is_published_is_what_was_judged(fnn: Teacher, seeds: Seeds, drawings: Squares) -> None:
    candidate = fnn.fine_tune(seeds.artefact("fnn", "weights"), drawings.take(np.arange(10)), seed=1, on_progress=quiet)
    assert candidate.sha256 == hashlib.sha256(candidate.tflite).hexdigest()
    holdout = seeds.holdout()
    answers = ask(candidate.tflite, holdout.x).argmax(1)
    assert (answers == holdout.y).mean() == pytest.approx(candidate.metrics["holdout"]["after"]["accuracy"], abs=0.0003)
    assert candidate.metrics["parity"] < 1e-4
    weights, about = unpack(candidate.weights)
    assert about.temperature == pytest.approx(candidate.metrics["temperature"], abs=1e-4)
    assert about.anchor == unpack(seeds.artefact("fnn", "weights"))[1].anchor
    assert all(np.isfinite(array).all() for array in weights)


def test_many_wrong_labels_do_not_get_through(fnn: Teacher, seeds: Seeds) -> None:
    rehearsal = seeds.rehearsal()
    fours = rehearsal.take(np.flatnonzero(rehearsal.y == 4)[:100])
    poison = Squares(fours.x, np.full(len(fours), 9))
    candidate = fnn.fine_tune(seeds.artefact("fnn", "weights"), poison, seed=1, on_progress=quiet)
    holdout = candidate.metrics["holdout"]
    harmless = holdout["after"]["accuracy"] >= holdout["before"]["accuracy"] - 0.001
    assert harmless or not candidate.gate["accepted"]
    assert candidate.metrics["new"]["after"]["accuracy"] < 0.5


def test_the_same_arguments_give_the_same_bytes(fnn: Teacher, seeds: Seeds, drawings: Squares) -> None:
    def learned(seed: int, new: Squares) -> Candidate:
        return fnn.fine_tune(seeds.artefact("fnn", "weights"), new, seed=seed, on_progress=quiet)

    first = learned(7, drawings.take(np.arange(5)))
    learned(8, drawings.take(np.arange(5, 9)))
    again = learned(7, drawings.take(np.arange(5)))
    assert first.weights == again.weights
    assert first.sha256 == again.sha256


def test_learning_goes_on_from_what_was_learned_before(fnn: Teacher, seeds: Seeds, drawings: Squares) -> None:
    first = fnn.fine_tune(seeds.artefact("fnn", "weights"), drawings.take(np.arange(30)), seed=1, on_progress=quiet)
    earlier = drawings.take(np.arange(30))
    second = fnn.fine_tune(first.weights, drawings.take(np.arange(30, 60)), seed=2, on_progress=quiet, taught=earlier)
    assert second.metrics["holdout"]["before"]["accuracy"] == first.metrics["holdout"]["after"]["accuracy"]
    kept = (ask(second.tflite, earlier.x).argmax(1) == earlier.y).mean()
    assert kept >= first.metrics["new"]["after"]["accuracy"] - 0.05


def test_training_on_all_that_was_collected_helps(cnn: Teacher, seeds: Seeds, drawings: Squares) -> None:
    told: list[float] = []
    candidate = cnn.train(
        seeds.artefact("cnn", "weights"), drawings, seed=1, on_progress=lambda progress, step: told.append(progress)
    )
    assert candidate.gate["accepted"]
    assert candidate.metrics["new"]["after"]["accuracy"] > candidate.metrics["new"]["before"]["accuracy"]
    assert told == sorted(told)
    assert told[-1] <= 1
