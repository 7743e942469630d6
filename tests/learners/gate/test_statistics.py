import pytest
from scipy.stats import binomtest

from functions.learners.gate.statistics import holm, mcnemar_p_value, significant_rise, significantly_more, wilson_lower_bound


def test_losing_as_often_as_winning_is_no_surprise() -> None:
    assert mcnemar_p_value(0, 0) == 1
    assert mcnemar_p_value(1, 1) == 0.75
    assert mcnemar_p_value(5, 0) == 1 / 32
    assert mcnemar_p_value(700, 500) < 1e-6 < 0.4 < mcnemar_p_value(600, 601)


def test_holm_takes_the_smallest_chance_most_strictly_and_stops_at_the_first_that_is_too_large() -> None:
    assert holm([0.5, 0.01, 0.02], 0.05) == [1, 2]
    assert holm([0.03, 0.03, 0.03], 0.05) == []
    assert holm([0.02, 0.9, 0.9], 0.05) == []
    assert holm([], 0.05) == []


def test_more_than_a_share_must_be_more_than_chance() -> None:
    assert not significantly_more(100, 0.02, 5000)
    assert not significantly_more(110, 0.02, 5000)
    assert significantly_more(120, 0.02, 5000)
    assert not significantly_more(1, 0.02, 18)
    assert significantly_more(3, 0.02, 18)


def test_a_rise_is_counted_in_pairs() -> None:
    assert not significant_rise(60, 30, 0.01, 5000)
    assert significant_rise(90, 10, 0.01, 5000)
    assert not significant_rise(0, 0, 0.01, 0)


@pytest.mark.parametrize(("some", "n", "low"), [(0, 0, 0.0), (2, 2, 0.425), (17, 18, 0.785), (0, 10, 0.0)])
def test_the_lower_bound_of_a_small_sample_lies_far_below_its_share(some: int, n: int, low: float) -> None:
    assert wilson_lower_bound(some, n) == pytest.approx(low, abs=0.001)


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (3, 9), (9, 3), (40, 41), (700, 600)])
def test_the_p_value_is_that_of_the_exact_binomial_test(lost: int, won: int) -> None:
    oracle = binomtest(lost, lost + won, alternative="greater").pvalue if lost + won else 1.0
    assert mcnemar_p_value(lost, won) == pytest.approx(oracle, rel=0.02)  # above 1,000 it is the normal approximation


@pytest.mark.parametrize(("some", "n"), [(0, 10), (7, 10), (10, 10), (998, 1000)])
def test_the_lower_bound_is_that_of_scipy(some: int, n: int) -> None:
    oracle = binomtest(some, n, alternative="greater").proportion_ci(0.95, method="wilson").low
    assert wilson_lower_bound(some, n) == pytest.approx(oracle, abs=1e-4)
