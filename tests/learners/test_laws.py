"""The laws that every learner obeys, whichever network it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from functions.domain.answer import Learner
from functions.learners.calibration import answers
from functions.learners.continual.fine_tuner import ContinualTrainer
from functions.learners.continual.protocol import Candidate, HeldOut, TrainingSquares
from functions.learners.gate.rules import RECALL_LOSS, SPARED_SQUARES
from functions.learners.litert import PARITY, infer, infer_square, open_network
from functions.learners.networks.architectures import build
from functions.learners.networks.export import export, inference_from_weights
from functions.learners.squares import Squares
from functions.learners.squares.shipped import ShippedSet
from functions.learners.weights_file import ModelHeader, pack, unpack

pytestmark = pytest.mark.starts_early
# Another number of labels is another network to compile, which takes a CNN longest.
GROWING = ["fnn", pytest.param("cnn", marks=pytest.mark.long_run)]


@dataclass(frozen=True)
class Learned:
    """A learner, its shipped weights, and a version that was fine-tuned on squares of one label."""

    trainer: ContinualTrainer
    learner: Learner
    live: bytes
    live_export: bytes
    squares: TrainingSquares
    candidate: Candidate
    holdout: Squares


@pytest.fixture(scope="module", params=GROWING)
def learned(request: pytest.FixtureRequest, seeds: ShippedSet) -> Learned:
    """Every learner in turn, fine-tuned once on eight fours."""
    learner, rng = request.param, np.random.default_rng(0)
    replay, holdout = seeds.rehearsal(), seeds.holdout()
    replay = replay.take(rng.permutation(len(replay))[:1_500])
    holdout = holdout.take(rng.permutation(len(holdout))[:1_000])
    trainer = ContinualTrainer(learner, seeds.labels, replay, holdout)
    fours = np.flatnonzero(replay.y == 4)[-8:]
    squares = TrainingSquares(Squares(np.roll(replay.x[fours], 2, axis=2), replay.y[fours]))
    live = seeds.artefact(learner, "weights")
    candidate = trainer.fine_tune(live, squares, seed=1, on_progress=lambda *_: None)
    return Learned(trainer, learner, live, seeds.artefact(learner, "tflite"), squares, candidate, holdout)


@pytest.mark.long_run
def test_the_same_seed_gives_the_same_bytes(learned: Learned) -> None:
    again = learned.trainer.fine_tune(learned.live, learned.squares, seed=1, on_progress=lambda *_: None)
    assert (again.weights, again.tflite, again.sha256) == (
        learned.candidate.weights,
        learned.candidate.tflite,
        learned.candidate.sha256,
    )


def test_fine_tuning_on_one_label_forgets_no_label(learned: Learned) -> None:
    before, after = (infer(one, learned.holdout.x) for one in (learned.live_export, learned.candidate.tflite))
    for label in range(10):
        mine = learned.holdout.y == label
        lost = sum((one[mine, :-1].argmax(1) == label).sum() * sign for one, sign in ((before, 1), (after, -1)))
        assert lost <= max(SPARED_SQUARES, RECALL_LOSS * mine.sum()), label


def test_the_exported_network_answers_as_its_weights(learned: Learned) -> None:
    labels, from_weights = inference_from_weights(learned.candidate.weights)
    x = learned.holdout.x[:100]
    assert labels == learned.candidate.labels
    assert np.abs(infer(learned.candidate.tflite, x) - from_weights(x)).max() < PARITY


def test_an_export_of_the_same_weights_has_the_same_bytes(learned: Learned) -> None:
    weights, header = unpack(learned.candidate.weights)
    network = build(learned.learner, len(header.labels) + 1)
    network.set_weights(weights)
    assert export(network, header.temperature, header.threshold) == export(network, header.temperature, header.threshold)
    assert pack(network.get_weights(), header) == learned.candidate.weights


def test_the_probabilities_of_the_labels_sum_to_one_and_the_rejection_lies_between_zero_and_one(learned: Learned) -> None:
    outputs = infer(learned.candidate.tflite, learned.holdout.x[:50])
    assert outputs[:, :-1].sum(1) == pytest.approx(1, abs=1e-5)
    assert ((outputs >= 0) & (outputs <= 1)).all()


@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_and_a_black_square_get_finite_answers(learned: Learned, value: int) -> None:
    outputs = infer(learned.candidate.tflite, np.full((1, 28, 28), value, np.uint8))
    assert np.isfinite(outputs).all()


def test_the_order_of_the_squares_changes_no_answer(learned: Learned) -> None:
    _, from_weights = inference_from_weights(learned.candidate.weights)
    x = learned.holdout.x[:40]
    assert from_weights(x[::-1])[::-1] == pytest.approx(from_weights(x), abs=1e-6)


@pytest.mark.parametrize("square", [np.zeros((28, 27), np.float32), np.zeros((27, 28), np.float32)])
def test_a_square_of_another_shape_is_refused(learned: Learned, square: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"[Dd]imension"):
        infer_square(open_network(learned.candidate.tflite), square)


@pytest.mark.parametrize("x", [np.zeros((1, 28, 28), np.float32), np.zeros((1, 27, 28), np.uint8), np.zeros((28, 28), np.uint8)])
def test_squares_of_another_shape_or_type_cannot_be_made(x: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Squares are"):
        Squares(x, np.zeros(len(x), np.int64))


def test_a_label_that_the_version_does_not_know_is_refused(learned: Learned) -> None:
    unknown = TrainingSquares(Squares(learned.holdout.x[:1], np.array([11])))  # 10 is "not a symbol"
    with pytest.raises((ValueError, IndexError)):
        learned.trainer.fine_tune(learned.live, unknown, seed=1, on_progress=lambda *_: None)


@pytest.mark.long_run
@pytest.mark.parametrize("learned", GROWING, indirect=True)
def test_an_added_label_keeps_the_others(learned: Learned) -> None:
    x = np.zeros((40, 28, 28), np.uint8)
    for place, square in enumerate(x):  # a comb, unlike any digit
        down, right = place % 3, place % 4
        square[17 + down : 20 + down, 4:24] = 255
        for column in (4, 10, 16):
            square[7 + down : 18 + down, column + right : column + right + 3] = 255
    comb = Squares(x, np.full(40, 10))
    parts = [comb.take(np.arange(*ends)) for ends in ((0, 20), (20, 30), (30, 40))]
    labels = (*unpack(learned.live)[1].labels, "Ш")
    squares = TrainingSquares(parts[0], held_out=HeldOut(parts[1], parts[2]))
    candidate = learned.trainer.add_labels(learned.live, labels, squares, seed=1, on_progress=lambda *_: None)
    assert candidate.labels == labels
    symbols = learned.holdout.y < 10
    before = infer(learned.live_export, learned.holdout.x[symbols])[:, :-1].argmax(1) == learned.holdout.y[symbols]
    after = infer(candidate.tflite, learned.holdout.x[symbols])[:, :-1].argmax(1) == learned.holdout.y[symbols]
    assert after.mean() >= before.mean() - 0.01
    assert (infer(candidate.tflite, parts[2].x)[:, :-1].argmax(1) == 10).mean() >= 0.8


def test_the_threshold_and_the_temperature_are_inside_the_export(learned: Learned) -> None:
    network = build(learned.learner, 4, seed=1)
    header = ModelHeader(learned.learner, ("a", "b", "c"), 1.5, -1.0)
    _, from_weights = inference_from_weights(pack(network.get_weights(), header))
    x = learned.holdout.x[:20]
    logits = network(x[..., None] / np.float32(255), training=False).numpy()
    expected = answers(logits, 1.5, -1.0)
    assert from_weights(x) == pytest.approx(expected, abs=1e-5)
    assert infer(export(network, 1.5, -1.0), x) == pytest.approx(expected, abs=PARITY)
