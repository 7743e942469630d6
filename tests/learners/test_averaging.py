import numpy as np

from functions.learners.averaging import Trial, choose, mixed


def test_a_mix_lies_between_what_was_and_what_was_learned() -> None:
    live, learned = [np.zeros(3, np.float32)], [np.full(3, 8, np.float32)]
    assert mixed(live, learned, 0.25)[0].tolist() == [2, 2, 2]
    assert mixed(live, learned, 1.0)[0].tolist() == [8, 8, 8]


def test_the_mix_that_learned_most_among_those_that_forgot_nothing_is_chosen() -> None:
    trials = [Trial(0.25, 0.990, 0.2, 1.0), Trial(0.5, 0.990, 0.8, 0.9), Trial(1.0, 0.980, 1.0, 0.5)]
    assert choose(trials, floor=0.985) is trials[1]


def test_of_mixes_that_are_right_as_often_the_less_surprised_is_chosen() -> None:
    trials = [Trial(0.5, 0.99, 1.0, 0.3), Trial(1.0, 0.99, 1.0, 0.2)]
    assert choose(trials, floor=0.9) is trials[1]


def test_no_mix_is_chosen_when_all_of_them_forget() -> None:
    assert choose([Trial(0.25, 0.9, 1.0, 0.1)], floor=0.95) is None
