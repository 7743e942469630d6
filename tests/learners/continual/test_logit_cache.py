import keras
import numpy as np

from functions.learners.continual.logit_cache import SQUARES_PER_BLOCK, LogitCache
from functions.learners.networks.architectures import build, split_at_frozen
from functions.learners.networks.training import predict_logits


def network_of(seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])


def some(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28)).astype(np.uint8)


def counted(network: keras.Model) -> list[int]:
    """Return a list that gets the number of squares of each call of the network."""
    asked: list[int] = []
    predict_logits(network, some(1))
    compiled = network.inkloop_compiled

    def counting(x: np.ndarray) -> object:
        asked.append(len(x))
        return compiled(x)

    network.inkloop_compiled = counting
    return asked


def test_logits_of_the_same_weights_are_computed_once() -> None:
    network, cache, x = network_of(0), LogitCache(), some(SQUARES_PER_BLOCK + 20)
    asked = counted(network)
    first, again = cache.logits(network, x), cache.logits(network, x)
    assert np.array_equal(first, again)
    assert np.allclose(first, predict_logits(network, x), atol=1e-4)
    assert sum(asked) == 2 * len(x)


def test_other_weights_are_computed_and_the_former_logits_kept() -> None:
    network, cache, x = network_of(0), LogitCache(), some(20)
    weights, before = network.get_weights(), cache.logits(network, x)
    network.set_weights([2 * weight for weight in weights])
    assert np.allclose(cache.logits(network, x), 2 * before, atol=1e-3)
    asked = counted(network)
    network.set_weights(weights)
    assert np.array_equal(cache.logits(network, x), before)
    assert asked == []


def test_only_added_squares_are_computed() -> None:
    network, cache, x = network_of(0), LogitCache(), some(2 * SQUARES_PER_BLOCK + 7)
    cache.logits(network, x[: 2 * SQUARES_PER_BLOCK])
    asked = counted(network)
    assert cache.logits(network, x).shape == (2 * SQUARES_PER_BLOCK + 7, 3)
    assert asked == [7]


def test_lasting_squares_are_computed_once_when_others_follow() -> None:
    network, cache, x = network_of(0), LogitCache(), some(2 * SQUARES_PER_BLOCK)
    lasting, one, other = (
        x[: SQUARES_PER_BLOCK + 20],
        x[SQUARES_PER_BLOCK + 20 : SQUARES_PER_BLOCK + 50],
        x[SQUARES_PER_BLOCK + 50 : SQUARES_PER_BLOCK + 90],
    )
    cache.logits(network, np.concatenate([lasting, one]), lasting=len(lasting))
    asked, both = counted(network), np.concatenate([lasting, other])
    assert np.allclose(cache.logits(network, both, lasting=len(lasting)), predict_logits(network, both), atol=1e-4)
    cache.logits(network, lasting)
    assert asked == [len(other), SQUARES_PER_BLOCK, len(both) - SQUARES_PER_BLOCK]  # the last two are what it is compared with


def test_the_least_recently_used_block_is_dropped() -> None:
    network, cache = network_of(0), LogitCache(kept=1)
    one, other = some(10), some(10)[::-1]
    asked = counted(network)
    for x in (one, other, one):
        cache.logits(network, x)
    assert asked == [10, 10, 10]


def test_features_of_frozen_layers_are_computed_once_for_all_mixes() -> None:
    network, cache, x = build("cnn", 4), LogitCache(), some(30)
    lower, upper = split_at_frozen(network) or (None, None)
    asked = counted(lower)
    first = cache.logits(network, x)
    assert np.allclose(first, predict_logits(network, x), atol=1e-5)
    upper.set_weights([weight + 0.01 for weight in upper.get_weights()])
    other = cache.logits(network, x)
    assert np.allclose(other, predict_logits(network, x), atol=1e-5) and not np.allclose(other, first, atol=1e-3)
    assert asked == [30]
    lower.set_weights([weight + 0.01 for weight in lower.get_weights()])
    assert np.allclose(cache.logits(network, x), predict_logits(network, x), atol=1e-4)
    assert asked == [30, 30]


def test_an_fnn_has_no_frozen_half() -> None:
    network, x = build("fnn", 4), some(3)
    assert split_at_frozen(network) is None
    assert np.array_equal(LogitCache().logits(network, x), predict_logits(network, x))


def test_no_squares_have_no_logits() -> None:
    assert LogitCache().logits(network_of(0), some(0)).shape == (0, 3)
