import numpy as np
import pytest

from functions.learners.continual.weight_averaging import SHARES, Trial, choose, mixed, trial


def test_a_mix_lies_between_the_live_and_the_learned_weights() -> None:
    live, learned = [np.zeros(3, np.float32)], [np.full(3, 8, np.float32)]
    assert mixed(live, learned, 0.25)[0].tolist() == [2, 2, 2]
    assert mixed(live, learned, 1.0)[0].tolist() == [8, 8, 8]


def test_an_array_that_was_not_trained_stays_the_same_to_the_last_bit() -> None:
    lower, upper = np.random.default_rng(0).normal(0, 1, (2, 1000)).astype(np.float32)
    for share in SHARES:
        same, other = mixed([lower, upper], [lower, 2 * upper], share)
        assert np.array_equal(same, lower) and not np.array_equal(other, upper)


def test_the_mix_with_the_highest_new_accuracy_above_the_floor_is_chosen() -> None:
    trials = [Trial(0.25, 0.990, 0.2, 1.0), Trial(0.5, 0.990, 0.8, 0.9), Trial(1.0, 0.980, 1.0, 0.5)]
    assert choose(trials, floor=0.985, small_run=True)[0] is trials[1]


def test_of_equally_accurate_mixes_the_one_with_the_lower_nll_is_chosen() -> None:
    trials = [Trial(0.5, 0.99, 1.0, 0.3), Trial(1.0, 0.99, 1.0, 0.2)]
    assert choose(trials, floor=0.9, small_run=True)[0] is trials[1]


def test_with_many_new_squares_one_lucky_answer_does_not_decide() -> None:
    trials = [Trial(0.5, 0.99, 0.95, 0.2), Trial(1.0, 0.99, 0.96, 0.3)]
    assert choose(trials, floor=0.9, small_run=False)[0] is trials[0]
    assert choose(trials, floor=0.9, small_run=True)[0] is trials[1]


def test_one_new_square_weighs_less_than_all_known_ones() -> None:
    known, new = (np.zeros((100, 3), np.float32), np.zeros(100, np.int64)), (np.zeros((1, 3), np.float32), np.zeros(1, np.int64))
    one, many = trial(0.5, known, new, 1, 1.0), trial(0.5, known, new, 5000, 1.0)
    assert one.surprise == pytest.approx(1.05 * np.log(3))
    assert many.surprise == pytest.approx(2 * np.log(3))


def test_the_known_accuracy_counts_the_fixed_symbols() -> None:
    logits = np.array([[2, 1, 5], [2, 1, 0], [1, 2, 0], [0, 0, 9]], np.float32)
    y = np.array([0, 0, 0, 2])
    assert trial(0.5, (logits, y), (logits, y), 4, 1.0).known == pytest.approx(2 / 3)
    assert trial(0.5, (logits, y), (logits, y), 4, 1.0, fixed=2).known == 1
    assert trial(0.5, (logits[:0], y[:0]), (logits[:0], y[:0]), 0, 1.0).known == 0


def test_a_new_square_is_right_if_its_author_sees_the_right_answer() -> None:
    logits, y = np.array([[2, 1, 2.5], [0, 0, 2.5]], np.float32), np.array([0, 2])
    assert trial(0.5, (logits, y), (logits, y), 2, 1.0, threshold=0.0).new == 0.5
    assert trial(0.5, (logits, y), (logits, y), 2, 1.0, threshold=1.0).new == 1.0
    assert trial(0.5, (logits, y), (logits, y), 2, 1.0, threshold=3.0).new == 0.5


def test_the_largest_mix_above_the_floor_is_chosen_unless_its_nll_is_higher() -> None:
    trials = [
        Trial(0.25, 0.99, 1.0, 0.1000),
        Trial(0.5, 0.99, 1.0, 0.1002),
        Trial(0.75, 0.99, 1.0, 0.1029),
        Trial(1.0, 0.99, 1.0, 0.1031),
    ]
    assert choose(trials, floor=0.98, small_run=False)[0] is trials[2]
    assert choose(trials[:2], floor=0.98, small_run=False)[0] is trials[1]
    assert choose(trials, floor=0.98, small_run=True)[0] is trials[0]


def test_shares_half_as_large_follow_for_the_gate() -> None:
    trials = [
        Trial(share, known, 1.0, 1.0)
        for share, known in ((0.05, 1.0), (0.1, 1.0), (0.25, 0.9), (0.35, 1.0), (0.5, 1.0), (0.75, 1.0), (1.0, 0.9))
    ]
    assert [t.share for t in choose(trials, floor=0.95, small_run=False)] == [0.75, 0.35, 0.1]
    assert [t.share for t in choose(trials[:2], floor=0.95, small_run=False)] == [0.1, 0.05]
    assert [t.share for t in choose(trials[:1], floor=0.95, small_run=False)] == [0.05]


def test_no_mix_is_chosen_if_all_are_below_the_floor() -> None:
    assert choose([Trial(0.25, 0.9, 1.0, 0.1)], floor=0.95, small_run=False) == []
