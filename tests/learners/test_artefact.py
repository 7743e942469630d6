import numpy as np
import pytest

from functions.answer import LEARNERS
from functions.learners.architectures import build
from functions.learners.artefact import About, ExportDiffers, ask_export, compare_export, export, pack, unpack
from functions.learners.calibration import probabilities
from functions.learners.seeds import Seeds
from functions.learners.training import predict_logits

ABOUT = About("fnn", ("a", "b"), 1.7, anchor=0.99, known=0.98)


def test_weights_come_back_as_they_were_with_all_that_must_be_known() -> None:
    weights = build("cnn", 12).get_weights()
    again, about = unpack(pack(weights, ABOUT))
    assert about == ABOUT
    assert all(np.array_equal(a, b) for a, b in zip(weights, again, strict=True))


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = [np.ones((3, 4), np.float32)]
    assert pack(weights, ABOUT) == pack(weights, ABOUT)


@pytest.mark.parametrize("learner", LEARNERS)
def test_an_export_answers_as_keras_does_with_the_temperature_inside(seeds: Seeds, learner: str) -> None:
    network, x = build(learner, 10), seeds.holdout().x[:100]
    network.set_weights(unpack(seeds.artefact(learner, "weights"))[0])
    tflite = export(network, 1.5)
    assert compare_export(tflite, x, probabilities(predict_logits(network, x), 1.5)) < 1e-4
    assert len(tflite) > 4 * network.count_params() * 0.95


def test_an_export_that_answers_otherwise_is_refused(seeds: Seeds) -> None:
    network, x = build("fnn", 10), seeds.holdout().x[:20]
    network.set_weights(unpack(seeds.artefact("fnn", "weights"))[0])
    tflite = export(network, 1.0)
    with pytest.raises(ExportDiffers):
        compare_export(tflite, x, probabilities(predict_logits(network, x), 1.3))
    with pytest.raises(ExportDiffers):
        compare_export(tflite, x, np.full((20, 10), np.nan))


def test_asking_gives_a_row_for_each_square(seeds: Seeds) -> None:
    assert ask_export(seeds.artefact("fnn", "tflite"), seeds.holdout().x[:5]).shape == (5, 10)
