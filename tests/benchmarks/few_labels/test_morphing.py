import numpy as np
import pytest

from benchmarks.few_labels.morphing import KNOTS, bend, lay_over, morphs
from functions.learners.squares import Squares
from functions.learners.squares.shipped import ShippedSet


@pytest.fixture
def few(seeds: ShippedSet) -> Squares:
    """Four squares each of 0, 1 and 2."""
    squares = seeds.rehearsal()
    return squares.take(np.concatenate([np.flatnonzero(squares.y == label)[:4] for label in range(3)]))


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.array([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(one, other, strict=True)])


def moved(squares: np.ndarray, down: int, right: int) -> np.ndarray:
    return np.roll(squares, (down, right), axis=(1, 2))


def test_a_drawing_laid_over_another_is_more_like_it(few: Squares) -> None:
    zeros = few.x[few.y == 0]
    one, other = zeros[:3], zeros[1:4]
    bent = bend(one, lay_over(one, other).knots)
    assert (likeness(bent, other) > likeness(one, other) + 0.1).all()


def test_the_way_to_a_drawing_moved_aside_is_that_movement(few: Squares) -> None:
    bending = lay_over(few.x, moved(few.x, 2, -1))
    ink = few.x > 128
    spline_sums_to_one = bending.knots[:, :, 2:-2, 2:-2].mean((0, 2, 3))
    assert ink.any()
    assert np.allclose(spline_sums_to_one, (-2, 1), atol=0.4)
    assert bending.alike.min() > 0.95


def test_without_bending_nothing_changes(few: Squares) -> None:
    assert np.array_equal(bend(few.x, np.zeros((len(few), 2, KNOTS, KNOTS))), few.x)


def test_half_of_the_way_lies_between_the_two(few: Squares) -> None:
    twos = few.x[few.y == 2]
    one, other = twos[:3], twos[1:4]
    knots = lay_over(one, other).knots
    half, whole = bend(one, 0.5 * knots), bend(one, knots)
    assert (likeness(half, other) > likeness(one, other)).all()
    assert (likeness(half, one) > likeness(whole, one)).all()


def test_each_drawing_gives_as_many_morphs_as_partners_and_ways(few: Squares) -> None:
    made = morphs(few, partners=2, ways=(0.25, 0.5, 0.75), alike=-1)
    assert np.bincount(made.y).tolist() == [4 * 2 * 3] * 3
    assert len(np.unique(made.x.reshape(len(made), -1), axis=0)) == len(made)


def test_drawings_of_different_forms_are_not_mixed() -> None:
    x = np.zeros((2, 28, 28), np.uint8)
    x[0, 4:24, 12:16] = x[0, 12:16, 4:24] = 255  # a cross
    x[1, 4:24, 4:24] = 255
    x[1, 8:20, 8:20] = 0  # a frame
    assert len(morphs(Squares(x, np.zeros(2, np.int64)))) == 0


def test_a_drawing_that_is_alone_gives_none(few: Squares) -> None:
    assert len(morphs(few.take(np.array([0, 4, 8])))) == 0


def test_the_same_drawings_give_the_same_morphs(few: Squares) -> None:
    zeros = few.take(np.flatnonzero(few.y == 0))
    made = morphs(zeros)
    assert len(made) and np.array_equal(made.x, morphs(zeros).x)
