import numpy as np
import pytest

from functions.learners.pretraining.mixture import Pool, balancing_weights, frequencies, mixture
from functions.learners.squares import Squares


def pool(name: str, label: int, share: float, count: int = 50) -> Pool:
    """Squares whose grey identifies their pool."""
    return Pool(name, Squares(np.full((count, 28, 28), 10 * label, np.uint8), np.full(count, label)), share)


def test_every_pool_has_its_share_of_the_batches() -> None:
    batch = mixture([pool("a", 0, 0.5), pool("b", 1, 0.3), pool("c", 2, 0.2)], 100, 4, seed=0)
    given = np.concatenate([batch(step)[1].argmax(1) for step in range(100)])
    assert np.bincount(given, minlength=4) / len(given) == pytest.approx([0.5, 0.3, 0.2, 0], abs=0.02)


def test_a_batch_follows_from_the_seed_and_the_step_alone() -> None:
    pools = [pool("a", 0, 0.5), pool("b", 1, 0.5)]
    first, second = mixture(pools, 20, 3, seed=1), mixture(pools, 20, 3, seed=1)
    first(0)
    assert np.array_equal(first(7)[0], second(7)[0])
    assert not np.array_equal(first(7)[0], first(8)[0])


def test_squares_keep_their_targets() -> None:
    x, wanted = mixture([pool("a", 0, 0.5), pool("b", 3, 0.5)], 64, 4, seed=0)(0)
    assert np.array_equal(x[:, 0, 0] // 10, wanted.argmax(1))


def test_rare_groups_are_as_frequent_as_common_ones() -> None:
    weights = balancing_weights(np.array([0] * 90 + [1] * 10))
    assert weights[:90].sum() == pytest.approx(weights[90:].sum())
    assert balancing_weights(np.array([0, 0, 1]), {0: 0.25, 1: 0.75}).tolist() == pytest.approx([0.125, 0.125, 0.75])


def test_the_frequencies_of_classes_are_those_of_the_batches() -> None:
    pools = [pool("a", 0, 0.6), pool("b", 2, 0.2)]
    batch = mixture(pools, 200, 4, seed=0)
    counted = np.bincount(np.concatenate([batch(step)[1].argmax(1) for step in range(50)]), minlength=4) / 10_000
    assert frequencies(pools, 4) == pytest.approx(counted, abs=0.02)
    assert frequencies(pools, 4).sum() == pytest.approx(1)
