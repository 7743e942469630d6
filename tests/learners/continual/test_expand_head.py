import numpy as np
import pytest

from functions.learners.continual.expand_head import expand_head, replace_head


def weights() -> list[np.ndarray]:
    """Return a body of one array, and a head of three outputs, each along an axis of its own."""
    return [np.ones(4, np.float32), np.eye(5, 3, dtype=np.float32) * 4, np.zeros(3, np.float32)]


def features(axis: int, n: int = 20) -> np.ndarray:
    return np.tile(np.eye(5, dtype=np.float32)[axis] * 3, (n, 1)) + np.random.default_rng(axis).normal(0, 0.1, (n, 5))


def test_a_grown_network_knows_the_new_label_from_the_start_and_answers_the_others_as_before() -> None:
    known = np.concatenate([features(0), features(1)])
    body, kernel, bias = expand_head(weights(), [features(3), features(4)], known)
    assert kernel.shape == (5, 5)
    assert np.array_equal(body, np.ones(4))
    assert np.array_equal(kernel[:, [0, 1, 4]], weights()[1])

    def answered(squares: np.ndarray) -> set[int]:
        return set((squares @ kernel + bias)[:, :-1].argmax(1).tolist())

    assert [answered(features(axis)) for axis in (0, 1, 3, 4)] == [{0}, {1}, {2}, {3}]


def test_a_new_head_begins_with_equal_labels_and_keeps_the_rejection() -> None:
    body, kernel, bias = replace_head(weights(), 7, np.random.default_rng(0))
    assert kernel.shape == (5, 8)
    assert np.abs(kernel[:, :-1]).max() < 0.1
    assert np.array_equal(kernel[:, -1], weights()[1][:, -1])
    assert (bias[:-1] == 0).all()
    assert bias[-1] == pytest.approx(weights()[2][-1])
    assert np.array_equal(body, np.ones(4))
