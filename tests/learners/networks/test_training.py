import keras
import numpy as np
import pytest
from keras import layers

from functions.learners.calibration import targets
from functions.learners.networks.pixel_augment import Strength
from functions.learners.networks.training import Recipe, StepInfo, Trainer, predict_logits, shuffled

RECIPE = Recipe(steps=60, batch=32, rate=0.01, average=0.9)


def bars() -> tuple[np.ndarray, np.ndarray]:
    """Squares with a line that lies (0) or stands (1)."""
    rng = np.random.default_rng(0)
    x, y = np.zeros((200, 28, 28), np.uint8), rng.integers(0, 2, 200)
    for square, upright in zip(x, y, strict=True):
        at = rng.integers(11, 17)
        if upright:
            square[5:23, at : at + 3] = 255
        else:
            square[at : at + 3, 5:23] = 255
    return x, y


def any_network() -> keras.Model:
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(2, kernel_initializer="zeros")])


@pytest.mark.parametrize("momentum", [None, 0.9])
def test_the_trainer_trains_any_network(momentum: float | None) -> None:
    x, y = bars()
    network, recipe = any_network(), Recipe(steps=60, batch=32, rate=0.01, average=0.9, momentum=momentum)
    Trainer(network, recipe).fit(recipe, shuffled(x, targets(y, 2), 32, seed=1), seed=1)
    assert (predict_logits(network, x).argmax(1) == y).mean() > 0.95


@pytest.mark.long_run
def test_the_same_seed_gives_the_same_weights_also_from_a_trainer_that_was_used_before() -> None:
    x, y = bars()
    network = any_network()
    trainer = Trainer(network, RECIPE)
    start = network.get_weights()

    def trained(seed: int) -> np.ndarray:
        network.set_weights(start)
        return trainer.fit(RECIPE, shuffled(x, targets(y, 2), 32, seed=seed), seed=seed)[0]

    first, other, again = trained(1), trained(2**31 + 7), trained(1)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.long_run
def test_fused_steps_learn_the_same() -> None:
    x, y = bars()
    as_they_are = Strength(turn=0, scale=0, stretch=0, slant=0, shift=0, bend=0, pen=0)  # else they are varied by other numbers
    recipe = Recipe(steps=30, batch=32, rate=0.01, average=0.9, momentum=0.9, strength=as_they_are)

    def trained(*, fused: bool) -> np.ndarray:
        network = any_network()
        batches = shuffled(x, targets(y, 2), 32, seed=1)
        return Trainer(network, recipe, fused=fused).fit(recipe, batches, seed=1)[0]

    alone = trained(fused=False)
    assert np.abs(alone).max() > 0.01
    assert np.allclose(trained(fused=True), alone, atol=1e-5)


def test_the_trainer_reports_its_progress() -> None:
    x, y = bars()
    moments: list[StepInfo] = []
    recipe = Recipe(steps=3, batch=8)
    Trainer(any_network(), recipe).fit(recipe, shuffled(x, targets(y, 2), 8, seed=0), seed=0, on_step=moments.append)
    assert [(moment.step, moment.steps) for moment in moments] == [(1, 3), (2, 3), (3, 3)]
    assert all(moment.loss > 0 and 0 <= moment.accuracy <= 1 for moment in moments)


def test_the_rate_rises_to_its_highest_and_falls_to_nothing() -> None:
    recipe = Recipe(steps=100, rate=0.5, warm=0.2)
    rates = [recipe.rate_at(step) for step in range(100)]
    assert max(rates) == 0.5
    assert rates.index(0.5) in (19, 20)
    assert rates[0] < 0.05
    assert rates[-1] < 0.01


def test_every_square_comes_once_before_any_comes_again() -> None:
    x = np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    batch = shuffled(x, targets(np.zeros(12, np.int64), 2), 4, seed=3)
    seen = [int(square[0, 0]) for step in range(3) for square in batch(step)[0]]
    assert sorted(seen) == list(range(12))


def test_a_batch_follows_from_its_step_alone() -> None:
    x = np.arange(12, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    wanted = targets(np.zeros(12, np.int64), 2)
    one, other = shuffled(x, wanted, 5, seed=3), shuffled(x, wanted, 5, seed=3)
    forwards = [one(step)[0][:, 0, 0].tolist() for step in range(6)]
    backwards = [other(step)[0][:, 0, 0].tolist() for step in reversed(range(6))]
    assert forwards == backwards[::-1]
    assert forwards[0] != forwards[2]  # another order the second time round
