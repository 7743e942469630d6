import pytest

from functions.learners.gate.statistics import at_least, chance_of_loss, holm, surely_more, surely_rose


def test_losing_as_often_as_winning_is_no_surprise() -> None:
    assert chance_of_loss(0, 0) == 1
    assert chance_of_loss(1, 1) == 0.75
    assert chance_of_loss(5, 0) == 1 / 32
    assert chance_of_loss(700, 500) < 1e-6 < 0.4 < chance_of_loss(600, 601)


def test_holm_takes_the_smallest_chance_most_strictly_and_stops_at_the_first_that_is_too_large() -> None:
    assert holm([0.5, 0.01, 0.02], 0.05) == [1, 2]
    assert holm([0.03, 0.03, 0.03], 0.05) == []
    assert holm([0.02, 0.9, 0.9], 0.05) == []
    assert holm([], 0.05) == []


def test_more_than_a_share_must_be_more_than_chance() -> None:
    assert not surely_more(100, 0.02, 5000)
    assert not surely_more(110, 0.02, 5000)
    assert surely_more(120, 0.02, 5000)
    assert not surely_more(1, 0.02, 18)
    assert surely_more(3, 0.02, 18)


def test_a_rise_is_counted_in_pairs() -> None:
    assert not surely_rose(60, 30, 0.01, 5000)
    assert surely_rose(90, 10, 0.01, 5000)
    assert not surely_rose(0, 0, 0.01, 0)


@pytest.mark.parametrize(("some", "n", "low"), [(0, 0, 0.0), (2, 2, 0.425), (17, 18, 0.785), (0, 10, 0.0)])
def test_few_squares_speak_for_less_than_they_show(some: int, n: int, low: float) -> None:
    assert at_least(some, n) == pytest.approx(low, abs=0.001)
