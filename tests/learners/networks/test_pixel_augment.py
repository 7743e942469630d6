import numpy as np
import pytest

from functions.learners.networks.pixel_augment import STRONG, Strength, augment
from functions.learners.squares.shipped import ShippedSet

STILL = Strength(turn=0, scale=0, stretch=0, slant=0, shift=0, bend=0, pen=0)


@pytest.fixture
def squares(seeds: ShippedSet) -> np.ndarray:
    return seeds.rehearsal().x[:200].astype(np.float32) / 255


def test_squares_stay_squares_of_ink_between_0_and_1(squares: np.ndarray) -> None:
    varied = augment(squares, np.array([1, 2], np.int32)).numpy()
    assert varied.shape == squares.shape
    assert varied.min() >= 0
    assert varied.max() <= 1


def test_the_same_seed_gives_the_same_squares(squares: np.ndarray) -> None:
    first, again, other = (augment(squares, np.array([1, seed], np.int32)).numpy() for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_strength_nothing_changes(squares: np.ndarray) -> None:
    assert np.allclose(augment(squares, np.array([1, 2], np.int32), STILL).numpy(), squares, atol=1e-5)


def test_no_square_is_mirrored_or_lost(squares: np.ndarray) -> None:
    varied = augment(squares, np.array([3, 4], np.int32), STRONG).numpy()

    def likeness(other: np.ndarray) -> np.ndarray:
        return np.array([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(varied, other, strict=True)])

    for mirrored in (squares[:, ::-1], squares[:, :, ::-1]):
        assert likeness(squares).mean() > likeness(mirrored).mean() + 0.1
    assert varied.max((1, 2)).min() > 0.3


def test_the_pen_grows_and_shrinks(squares: np.ndarray) -> None:
    pens = Strength(turn=0, scale=0, stretch=0, slant=0, shift=0, bend=0, pen=1)
    change = augment(squares, np.array([1, 2], np.int32), pens).numpy().sum((1, 2)) / squares.sum((1, 2))
    assert change.min() < 0.9
    assert change.max() > 1.2
