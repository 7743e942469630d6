import numpy as np
import pytest

from functions.learners.pretraining.pen_squares import coded, grouped_pool, held_out, interleaved, plain_squares, thinned
from functions.learners.pretraining.pen_writers import PenDrawing
from functions.learners.pretraining.sources import WriterDrawing
from functions.learners.squares import Squares

LINE, CURVE = np.array([[0.0, 0], [1, 20]]), np.array([[0.0, 0], [9, 4], [2, 20]])


def squares(*y: int) -> Squares:
    x = np.zeros((len(y), 28, 28), np.uint8)
    x[:, 0, 0] = np.arange(len(y))
    return Squares(x, np.array(y))


def test_a_letter_has_the_class_of_its_case_or_of_the_merged_case() -> None:
    drawings = [PenDrawing(label, "w", (LINE,)) for label in ("a", "A", "c", "?")]
    assert [one.y for one in coded(drawings, ("A", "C", "a"))] == [2, 0, 1]


def test_the_units_of_a_tablet_do_not_matter() -> None:
    small, large = (coded([PenDrawing("1", "w", (CURVE * size + 7,))], ("1",)) for size in (1, 50))
    assert np.array_equal(plain_squares(small).x, plain_squares(large).x)


def test_held_out_squares_are_the_drawings_and_then_other_hands_of_them() -> None:
    drawings = [WriterDrawing((LINE * 10 + 100,), 0), *[WriterDrawing((CURVE * 10 + 100,), 1)] * 9]
    kept = held_out(drawings, 5, np.random.default_rng(0))
    assert np.bincount(kept.y).tolist() == [3, 5]  # no more than three of one drawing
    assert np.array_equal(kept.x[:1], plain_squares(drawings[:1]).x)
    assert len({one.tobytes() for one in kept.x[:3]}) == 3


def test_a_first_share_of_interleaved_squares_has_that_share_of_each_part() -> None:
    together = interleaved(squares(*[0] * 10, *[1] * 10), squares(*[0] * 5, *[1] * 5))
    first = together.take(np.flatnonzero(together.y == 0)[:6]).x[:, 0, 0].tolist()
    assert sorted(first) == [0, 0, 1, 1, 2, 3]


def test_thinned_squares_are_the_first_of_each_label() -> None:
    assert thinned(squares(0, 1, 0, 1, 0, 1), 2 / 3).x[:, 0, 0].tolist() == [0, 1, 2, 3]


def test_labels_are_equally_frequent_and_so_are_the_groups_of_a_label() -> None:
    pool = grouped_pool("", 1, [(squares(0, 0, 0, 1), ["0", "0", "0", "a"]), (squares(1, 1), ["A", "A"])])
    assert pool.weights is not None
    assert pool.weights.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 4, 1 / 4])
