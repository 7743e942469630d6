"""The benchmark of the gate's power simulates the true losses of its rows, and the gate detects them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.gate_power import Passes, Truth, passes, simulate, truths

COUNTS = np.full(10, 525)  # about the digits' hold-out
NOBODY = np.zeros(10)


def truth_of(name: str, trading: np.ndarray = NOBODY) -> Truth:
    return next(truth for truth in truths(0.002, trading) if truth.words == name)


def simulated(truth: Truth) -> Passes:
    return simulate(truth, COUNTS, 400, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("words", "loss"),
    [("better by 0.1 points", -0.001), ("as good", 0), ("worse by 0.25 points", 0.0025), ("worse by 1 points", 0.01)],
)
def test_a_truth_is_what_its_words_say(words: str, loss: float) -> None:
    truth = truth_of(words)
    assert (truth.lost - truth.won).mean() == pytest.approx(loss)
    assert (truth.lost >= 0).all() and (truth.won >= 0).all()


def test_one_label_alone_is_worse() -> None:
    truth = truth_of("one label worse by 3 points")
    assert sorted(truth.lost - truth.won)[-2:] == pytest.approx([0, 0.03])


def test_a_version_that_is_as_good_passes_and_one_that_is_worse_by_the_margin_does_not() -> None:
    assert simulated(truth_of("as good")).labels > 0.95
    assert simulated(truth_of("worse by 0.5 points")).whole < 0.05


def test_one_label_that_lost_much_is_seen_though_the_whole_may_not_show_it() -> None:
    found = simulated(truth_of("one label worse by 3 points"))
    assert found.whole > 2 * found.labels
    assert simulated(truth_of("one label worse by 10 points")).labels < 0.01


def test_the_drift_is_the_strictest_of_the_three() -> None:
    found = simulated(truth_of("worse by 0.25 points"))
    assert found.whole >= found.labels > found.drift


def test_squares_that_go_to_a_twin_and_come_back_are_no_loss_and_too_many_gone_are() -> None:
    moved = np.zeros((10, 4), int)
    moved[0, 2:] = moved[1, 2:] = 3
    assert passes(moved, COUNTS) == (True, True, True)
    moved[0, 2], moved[1, 3] = 60, 60
    assert passes(moved, COUNTS) == (True, False, False)
