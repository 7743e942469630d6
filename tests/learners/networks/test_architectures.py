import keras
import numpy as np
import pytest

from functions.domain.answer import LEARNERS
from functions.learners.networks.architectures import build, trainable_in_fine_tuning

BUDGET = {"fnn": 600_000, "cnn": 400_000}


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_network_stays_within_its_budget_of_parameters(learner: str) -> None:
    assert build(learner, 11).count_params() <= BUDGET[learner]


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_network_turns_squares_into_one_logit_for_each_output(learner: str) -> None:
    logits = build(learner, 7)(np.zeros((3, 28, 28, 1), np.float32))
    assert logits.shape == (3, 7)


@pytest.mark.parametrize("learner", LEARNERS)
def test_batch_normalisation_forgets_quickly(learner: str) -> None:
    momenta = [layer.momentum for layer in build(learner, 10).layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert momenta
    assert set(momenta) == {0.9}


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_seed_decides_the_first_weights(learner: str) -> None:
    same, again, other = (build(learner, 10, seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(same, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(same, other, strict=True))


def test_fine_tuning_does_not_change_the_lower_half_of_a_cnn() -> None:
    network = build("cnn", 10)
    changing = {id(variable) for variable in trainable_in_fine_tuning(network)}
    kept = [
        layer.name
        for layer in network.layers
        if layer.trainable_variables and not any(id(variable) in changing for variable in layer.trainable_variables)
    ]
    assert kept == ["conv_32", "conv_32_norm", "conv_48", "conv_48_norm", "conv_64", "conv_64_norm"]
    assert {id(variable) for variable in network.layers[-1].trainable_variables} <= changing


def test_fine_tuning_may_change_all_of_an_fnn() -> None:
    network = build("fnn", 10)
    assert {id(v) for v in trainable_in_fine_tuning(network)} == {id(v) for v in network.trainable_variables}
