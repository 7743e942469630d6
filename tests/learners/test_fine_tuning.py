import numpy as np
import pytest

from functions.learners.fine_tuning import HALF, Mixture, floor, plan_lesson, steps_for
from functions.learners.squares import Squares


def squares(n: int, grey: int, label: int = 0) -> Squares:
    return Squares(np.full((n, 28, 28), grey, np.uint8), np.full(n, label, np.int64))


def test_a_single_correction_teaches_and_chooses() -> None:
    lesson = plan_lesson(squares(1, 1), squares(20, 2), None, seed=0)
    assert len(lesson.teach) == len(lesson.judge) == 1
    assert lesson.few
    assert not plan_lesson(squares(20, 1), squares(20, 2), None, seed=0).few


def test_of_many_new_squares_some_only_choose() -> None:
    new = Squares(np.arange(200, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8), np.zeros(200, np.int64))
    lesson = plan_lesson(new, squares(20, 2), None, seed=0)
    taught, judged = ({int(x[0, 0]) for x in part.x} for part in (lesson.teach, lesson.judge))
    assert taught.isdisjoint(judged)
    assert (len(taught), len(judged)) == (160, 40)


def test_what_was_taught_before_joins_the_rehearsal() -> None:
    assert len(plan_lesson(squares(1, 1), squares(20, 2), squares(7, 3), seed=0).rehearse) == 27


@pytest.mark.parametrize("count", [1, 20, 500])
def test_half_of_every_batch_is_new(count: int) -> None:
    lesson = plan_lesson(squares(count, 1), squares(50, 2), None, seed=0)
    batch = Mixture(lesson, 3, np.zeros((50, 3), np.float32), seed=0)
    for step in range(3):
        x, wanted = batch(step)
        assert (x[:, 0, 0] == 1).sum() == (x[:, 0, 0] == 2).sum() == HALF
        assert np.allclose(wanted.sum(1), 1, atol=1e-5)


def test_what_the_live_network_knew_is_wanted_again_and_its_mistakes_are_not() -> None:
    lesson = plan_lesson(squares(1, 1, label=2), squares(50, 2, label=0), None, seed=0)
    knew = np.tile(np.array([[2.0, 1.0, 0.0]], np.float32), (50, 1))
    _, wanted = Mixture(lesson, 3, knew, seed=0)(0)
    assert np.allclose(wanted[-1], np.exp([2, 1, 0]) / np.exp([2, 1, 0]).sum(), atol=1e-5)
    _, corrected = Mixture(lesson, 3, -knew, seed=0)(0)
    assert corrected[-1].argmax() == 0
    assert corrected[0].argmax() == 2


def test_more_corrections_take_more_steps_up_to_three_hundred() -> None:
    counts = [steps_for(n, 40) for n in (1, 5, 20, 100, 5000)]
    assert counts == sorted(counts)
    assert counts[0] >= 30
    assert counts[-1] == 300


def test_the_floor_does_not_sink_with_the_line() -> None:
    first = 0.99
    assert floor(first, None, few=False) == floor(first, first, few=False) == floor(0.985, first, few=False)
    assert floor(first, first, few=False) == pytest.approx(0.9892)
    assert floor(0.995, first, few=False) == pytest.approx(0.9934)


def test_a_single_correction_may_cost_a_little_more() -> None:
    assert floor(0.99, 0.99, few=True) < floor(0.99, 0.99, few=False)
