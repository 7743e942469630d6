import numpy as np
import pytest

from functions.domain.answer import LEARNERS
from functions.learners.calibration import answers
from functions.learners.networks.architectures import build
from functions.learners.networks.export import ExportDiffers, compare_export, export, rounded
from functions.learners.networks.training import predict_logits
from functions.learners.squares.shipped import ShippedSet
from functions.learners.weights_file import ModelHeader, pack, unpack

ABOUT = ModelHeader("fnn", ("a", "b"), 1.7, -2.5)


def test_networks_of_one_process_are_exported_alike() -> None:
    first, second = build("fnn", 3), build("fnn", 3)
    second.set_weights(first.get_weights())
    assert export(first, 1.5, -1.0) == export(second, 1.5, -1.0)


def test_weights_that_half_the_bytes_can_keep_take_half_the_bytes() -> None:
    weights = [np.random.default_rng(0).normal(0, 1, (300, 200)).astype(np.float32)]
    halves = [rounded(w) for w in weights]
    assert np.abs(halves[0] - weights[0]).max() < 0.002
    assert len(pack(halves, ABOUT)) < 0.6 * len(pack(weights, ABOUT))
    assert np.array_equal(unpack(pack(halves, ABOUT))[0][0], halves[0])


def test_weights_that_half_precision_cannot_hold_are_left_alone() -> None:
    large = np.array([1.0, 70_000.0], np.float32)
    assert np.array_equal(rounded(large), large)


@pytest.mark.parametrize("learner", LEARNERS)
def test_an_export_answers_as_keras_does_with_temperature_and_threshold_inside(seeds: ShippedSet, learner: str) -> None:
    network, x = build(learner, 11), seeds.holdout().x[:100]
    network.set_weights(unpack(seeds.artefact(learner, "weights"))[0])
    tflite = export(network, 1.5, -1.0)
    assert compare_export(tflite, x, answers(predict_logits(network, x), 1.5, -1.0)) < 1e-4
    assert len(tflite) > 4 * network.count_params() * 0.95


def test_an_export_that_answers_otherwise_is_refused(seeds: ShippedSet) -> None:
    network, x = build("fnn", 11), seeds.holdout().x[:20]
    network.set_weights(unpack(seeds.artefact("fnn", "weights"))[0])
    tflite = export(network, 1.0, 0.0)
    logits = predict_logits(network, x)
    for other in (answers(logits, 1.3, 0.0), answers(logits, 1.0, 0.5), np.full((20, 11), np.nan)):
        with pytest.raises(ExportDiffers):
            compare_export(tflite, x, other)
