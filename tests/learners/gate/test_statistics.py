from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest

from functions.learners.gate.statistics import (
    Moves,
    holm,
    non_inferiority,
    sign_flip_p_value,
    significant_rise,
    significantly_more,
    wilson_lower_bound,
)


def test_losing_as_often_as_winning_is_no_surprise() -> None:
    assert sign_flip_p_value(Moves(0, 0)) == 1
    assert sign_flip_p_value(Moves(1, 1)) == 0.75
    assert sign_flip_p_value(Moves(5, 0)) == 1 / 32
    assert sign_flip_p_value(Moves(700, 500)) < 1e-6 < 0.4 < sign_flip_p_value(Moves(600, 601))


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
    assert sign_flip_p_value(Moves(lost, won)) == pytest.approx(oracle, rel=0.02)  # above 1,000 it is the normal approximation


@pytest.mark.parametrize("moves", [Moves(3, 1, 4, 2), Moves(0, 0, 7, 1), Moves(2, 5, 3, 3), Moves(1, 0, 0, 0)])
def test_the_chance_of_half_moves_is_that_of_flipped_signs(moves: Moves) -> None:
    sizes = np.repeat([1.0, 0.5], [moves.lost + moves.won, moves.half_lost + moves.half_won])
    signs = np.array(list(product((-1, 1), repeat=len(sizes))))
    assert sign_flip_p_value(moves) == pytest.approx(float((signs @ sizes >= moves.loss).mean()))


def test_the_chance_of_many_half_moves_is_about_the_same_beyond_the_exact_sum() -> None:
    assert sign_flip_p_value(Moves(120, 100, 410, 370)) == pytest.approx(sign_flip_p_value(Moves(120, 100, 410, 371)), rel=0.1)


def tango(lost: int, won: int, n: int, margin: float) -> float:
    """Tango's closed form (1998)."""
    b = -lost - won + (2 * n - lost + won) * margin
    q = (np.sqrt(b * b + 8 * n * won * margin * (1 - margin)) - b) / (4 * n)
    return float((lost - won - n * margin) / np.sqrt(n * (2 * q + margin - margin * margin)))


@pytest.mark.parametrize(("lost", "won", "n"), [(0, 0, 5000), (10, 12, 5000), (200, 10, 5000), (9, 0, 18), (0, 18, 18)])
def test_without_half_moves_the_score_test_is_tangos(lost: int, won: int, n: int) -> None:
    margin = max(0.005, 8 / n)
    assert non_inferiority(Moves(lost, won), n, margin) == pytest.approx(tango(lost, won, n, margin), abs=1e-6)


def test_twins_that_change_places_cost_a_quarter_of_the_certainty() -> None:
    n, margin = 4512, 0.005
    whole, half = non_inferiority(Moves(90, 90), n, margin), non_inferiority(Moves(0, 0, 90, 90), n, margin)
    fewer = non_inferiority(Moves(22, 23), n, margin)
    assert whole > -2.128 > half
    assert half == pytest.approx(fewer, abs=0.3)


def test_half_moves_pass_one_time_in_sixty_if_the_loss_is_the_margin() -> None:
    rng, n, margin = np.random.default_rng(0), 5000, 0.005
    p = [0.004, 0.003, 0.010, 0.004]  # lost, won, half lost and half won: a mean loss of 0.004
    p[0] += margin - (p[0] - p[1] + (p[2] - p[3]) / 2)
    drawn = rng.multinomial(n, [*p, 1 - sum(p)], 1000)
    assert np.mean([non_inferiority(Moves(*map(int, one[:4])), n, margin) < -2.128 for one in drawn]) < 0.03


@pytest.mark.parametrize(("some", "n"), [(0, 10), (7, 10), (10, 10), (998, 1000)])
def test_the_lower_bound_is_that_of_scipy(some: int, n: int) -> None:
    oracle = binomtest(some, n, alternative="greater").proportion_ci(0.95, method="wilson").low
    assert wilson_lower_bound(some, n) == pytest.approx(oracle, abs=1e-4)
