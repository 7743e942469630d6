"""Published protocols: what is trained, kept and tested."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from benchmarks.published_protocols.fine_tuning import fine_tune_stream, several, train_without_replay
from benchmarks.published_protocols.memory import BalancedMemory, ReservoirMemory
from benchmarks.published_protocols.networks import Adam, GradientDescent, Protocol, Trainers, mlp
from benchmarks.published_protocols.tasks import DIGITS, RotatedMnist, SplitMnist, seen_from, turned
from functions.learners.calibration import Batch
from functions.learners.squares import Squares, Weights, joined


def numbered(count: int, first: int = 0) -> Squares:
    """Return squares of all digits in turn, each with its own number in two of its pixels."""
    x = np.zeros((count, 28, 28), np.uint8)
    x[:, 13, 13], x[:, 13, 14] = np.divmod(np.arange(first, first + count), 256)
    return Squares(x, np.arange(count, dtype=np.int64) % 10)


def numbers(squares: Squares) -> set[int]:
    return set((squares.x[:, 13, 13].astype(int) * 256 + squares.x[:, 13, 14]).tolist())


TRAIN, JUDGE = numbered(400), numbered(100, first=400)


def test_a_digit_comes_in_one_task_only_and_every_digit_comes() -> None:
    tasks = list(SplitMnist(TRAIN, JUDGE, seed=3).tasks())
    met = [set(task.train.y.tolist()) for task in tasks]
    assert met == [{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}]
    assert [len(task.labels) for task in tasks] == [2, 4, 6, 8, 10]
    assert sorted(tasks[-1].labels) == list(DIGITS)
    assert not set.intersection(*(numbers(task.train) for task in tasks))


def test_a_square_keeps_its_digit_whatever_the_order() -> None:
    for task in SplitMnist(TRAIN, JUDGE, seed=3).tasks():
        digits = {number % 10 for number in numbers(task.train)}
        assert digits == {int(task.labels[place]) for place in set(task.train.y.tolist())}


def test_no_task_contains_a_test_digit() -> None:
    split = SplitMnist(TRAIN, JUDGE, seed=1)
    assert set.union(*(numbers(task.train) for task in split.tasks())) == numbers(TRAIN)
    assert [numbers(judge) for judge in split.tests()] == [numbers(JUDGE)]


def test_every_rotation_turns_the_same_training_squares() -> None:
    bars = np.zeros((30, 28, 28), np.uint8)
    bars[:, 2:26, np.arange(30) % 20 + 4] = 1
    bars = bars * np.arange(1, 31, dtype=np.uint8)[:, None, None]
    train, judge = Squares(bars[:20], np.arange(20) % 10), Squares(bars[20:], np.arange(10))
    rotated = RotatedMnist(train, judge, seed=0, rotations=4)
    assert [set(task.train.x.max((1, 2)).tolist()) for task in rotated.tasks()] == [set(range(1, 21))] * 4
    assert [set(one.x.max((1, 2)).tolist()) for one in rotated.tests()] == [set(range(21, 31))] * 4
    batch = rotated.together(20)
    assert sorted(np.concatenate([batch(step)[0].max((1, 2)) for step in range(4)]).tolist()) == sorted([*range(1, 21)] * 4)


def test_a_quarter_turn_puts_the_right_edge_on_top() -> None:
    x = np.zeros((1, 28, 28), np.uint8)
    x[0, 3, 27] = 9  # far right, near the top
    assert np.argwhere(turned(x, seen_from(90.0))[0]).tolist() == [[0, 3]]
    assert (turned(x, seen_from(0.0)) == x).all()


def test_the_corners_of_a_rotated_square_are_paper() -> None:
    ink = np.full((1, 28, 28), 255, np.uint8)
    assert turned(ink, seen_from(45.0))[0, 0, 0] == 0


@pytest.mark.parametrize("kind", [BalancedMemory, ReservoirMemory])
def test_a_memory_keeps_its_budget_and_never_trains_on_validation_squares(
    kind: type[BalancedMemory] | type[ReservoirMemory],
) -> None:
    keeper, judged = kind(60, 0.2, seed=0), set()
    for turn, task in enumerate(SplitMnist(TRAIN, JUDGE, seed=2).tasks()):
        tests = task.train.take(np.arange(len(task.train)) % 5 == turn % 5)
        keeper.keep(task.train.take(np.arange(len(task.train)) % 5 != turn % 5), tests)
        judged |= numbers(tests)
        kept = joined([keeper.memory.rehearse, keeper.memory.select])
        assert len(keeper.memory) == len(numbers(kept)) <= 60
        assert numbers(keeper.memory.select) <= judged
        assert not numbers(keeper.memory.rehearse) & judged
    assert len(keeper.memory) >= 50


def test_a_balanced_memory_keeps_as_many_of_each_label() -> None:
    keeper = BalancedMemory(60, 0.2, seed=0)
    for task in SplitMnist(TRAIN, JUDGE, seed=2).tasks():
        keeper.keep(task.train.take(np.arange(60)), task.train.take(np.arange(60, 80)))
    assert np.bincount(keeper.memory.rehearse.y).tolist() == [4] * 10
    assert np.bincount(keeper.memory.select.y).tolist() == [1] * 10


def test_a_memory_without_a_budget_keeps_every_square() -> None:
    keeper = BalancedMemory(None, 0.2, seed=0)
    for task in SplitMnist(TRAIN, JUDGE, seed=2).tasks():
        keeper.keep(task.train, task.train.take(np.arange(0)))
    assert numbers(keeper.memory.rehearse) == numbers(TRAIN)


def test_a_reservoir_keeps_early_and_late_squares_alike() -> None:
    none, early = numbered(0), 0
    for seed in range(200):
        keeper = ReservoirMemory(10, 0.0, seed=seed)
        for first in range(0, 100, 20):
            keeper.keep(numbered(20, first), none)
        assert len(keeper.memory) == 10
        early += sum(number < 50 for number in numbers(keeper.memory.rehearse))
    assert early == pytest.approx(1_000, abs=100)


class Watched(Trainers):
    """Trainers that train nothing and tell what they were to learn from, plan by plan."""

    def __init__(self) -> None:
        super().__init__(Protocol((4,), lambda: GradientDescent(0.1), steps=20, batch=64))
        self.lessons: list[set[int]] = []
        self._watched: dict[int, SimpleNamespace] = {}

    def of(self, labels: tuple[str, ...]) -> Any:
        if len(labels) not in self._watched:
            network = mlp(len(labels) + 1, (4,), 0)

            def fit(batch: Batch, steps: int, *, seed: int) -> Weights:
                x = np.concatenate([batch(step)[0] for step in range(steps)])
                self.lessons.append(numbers(Squares(x, np.zeros(len(x), np.int64))))
                return list(network.get_weights())

            self._watched[len(labels)] = SimpleNamespace(network=network, fit=fit, start=network.set_weights)
        return self._watched[len(labels)]


def test_a_task_trains_on_its_own_squares_and_the_memory_alone() -> None:
    split, watched, keeper = SplitMnist(TRAIN, JUDGE, seed=2), Watched(), BalancedMemory(40, 0.2, seed=0)
    tasks = [numbers(task.train) for task in split.tasks()]
    fine_tune_stream(watched, split.tasks(), keeper, seed=0)
    assert len(watched.lessons) == 5
    for turn, taught in enumerate(watched.lessons):
        assert len(taught & tasks[turn]) == 64  # four fifths of 80
        assert not taught & set().union(*tasks[turn + 1 :]), "a later task's"
        assert len(taught - tasks[turn]) <= 32, "more than four fifths of the budget"
        assert bool(taught - tasks[turn]) == (turn > 0)
    assert not set().union(*watched.lessons) & numbers(keeper.memory.select), "a validation square was trained"
    assert not set().union(*watched.lessons) & numbers(JUDGE)


def test_a_larger_batch_is_several_deals_in_turn() -> None:
    def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
        return np.full((2, 28, 28), step, np.uint8), np.full((2, 3), step, np.float32)

    x, wanted = several(batch, 3)(2)
    assert x[:, 0, 0].tolist() == wanted[:, 0].tolist() == [6, 6, 7, 7, 8, 8]


def test_a_trainer_answers_what_it_was_trained_on() -> None:
    corner = np.zeros((20, 28, 28), np.uint8)
    corner[:10, :14], corner[10:, 14:] = 255, 255
    squares = Squares(corner, np.repeat(np.array([0, 1], np.int64), 10))
    trainers = Trainers(Protocol((8,), lambda: Adam(0.01), steps=12, batch=20))
    weights = train_without_replay(trainers, ("up", "down"), [squares], seed=0)
    assert trainers.answers(("up", "down"), weights, [squares]) == 100


def test_adam_steps_like_keras_and_can_be_reset() -> None:
    ours_at, kerass_at = keras.Variable([1.0, -2.0]), keras.Variable([1.0, -2.0])
    mine, kerass = Adam(0.1), keras.optimizers.Adam(0.1, epsilon=1e-8)
    mine.build([ours_at])
    for slope in (3.0, -1.0, 0.5):
        gradient = tf.constant([slope, 1.0])
        mine.apply([gradient], [ours_at])
        kerass.apply([gradient], [kerass_at])
    assert ours_at.numpy() == pytest.approx(kerass_at.numpy(), abs=1e-5)
    mine.forget()
    before = ours_at.numpy()
    mine.apply([tf.constant([7.0, -7.0])], [ours_at])
    assert ours_at.numpy() - before == pytest.approx([-0.1, 0.1], abs=1e-5), "a first step is as long as the rate"
