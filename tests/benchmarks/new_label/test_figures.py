"""The bookkeeping of benchmarks/new_label: who trains, validates and tests, and what the other labels lost."""

import numpy as np

from benchmarks.new_label.figures import compare, split_samples
from functions.learners.squares import Squares


def test_each_sample_of_a_new_label_trains_validates_or_tests() -> None:
    x = np.zeros((400, 28, 28), np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.arange(400) // 256, np.arange(400) % 256
    train, held_out = split_samples(Squares(x, np.zeros(400, np.int64)), 10, np.random.default_rng(0))
    parts = [
        part.x.tobytes()
        for one in (train, held_out.select, held_out.holdout)
        for part in (one.take(np.array([i])) for i in range(len(one)))
    ]
    assert len(set(parts)) == len(parts) == 400
    assert {*train.y, *held_out.select.y, *held_out.holdout.y} == {10}
    # Ten, three and three of sixteen: 250, 75 and 75 are expected.
    assert 220 < len(train) < 280 and 50 < len(held_out.select) < 100 and 50 < len(held_out.holdout) < 100


def test_the_loss_of_the_other_labels_is_in_points_and_names_the_worst_label() -> None:
    y = np.array([0] * 10 + [1] * 10)
    before, after = np.zeros((20, 3)), np.zeros((20, 4))
    before[np.arange(20), y] = after[np.arange(20), y] = 1
    after[:3, :3] = [0, 0, 1]  # three of label a are taken for the new one
    after[10, 3] = 0.9  # one of label b is rejected, though b is its most probable label
    found = compare("some", ("a", "b"), y, before, after)
    assert (round(found.lost, 6), round(found.with_rejections, 6)) == (15, 20)
    assert (found.worst, round(found.worst_lost, 6)) == ("a", 30)


def test_a_label_that_got_better_is_no_loss() -> None:
    y = np.array([0, 0, 1, 1])
    before, after = np.full((4, 3), 0.1), np.full((4, 4), 0.1)
    before[:, 0] = 0.4
    after[np.arange(4), y] = 0.4
    found = compare("some", ("a", "b"), y, before, after)
    assert (found.lost, found.worst, found.worst_lost) == (-50, "a", 0)
