import numpy as np

from functions.learners.squares import Squares
from functions.learners.squares.sampling import BalancedSampler, balanced, recoded, split_selection


def test_every_label_gets_the_same_number() -> None:
    y = np.repeat([0, 1, 2], [500, 50, 80])
    chosen = balanced(y, 90, np.random.default_rng(0))
    assert np.bincount(y[chosen]).tolist() == [30, 30, 30]
    assert len(set(chosen.tolist())) == 90


def test_all_squares_of_a_rare_label_are_taken() -> None:
    y = np.repeat([0, 1], [500, 5])
    assert np.bincount(y[balanced(y, 40, np.random.default_rng(0))]).tolist() == [20, 5]


def test_the_selection_is_always_the_same_and_never_rehearsed() -> None:
    x = np.arange(100, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    squares = Squares(x, np.arange(100) % 10)
    rehearsed, selecting = split_selection(squares)
    assert set(rehearsed.x[:, 0, 0].tolist()).isdisjoint(selecting.x[:, 0, 0].tolist())
    assert len(rehearsed) + len(selecting) == 100
    assert set(np.bincount(selecting.y)) == {4}
    assert np.array_equal(split_selection(squares)[1].x, selecting.x)


def test_a_deck_deals_labels_evenly_and_each_square_in_turn() -> None:
    y = np.repeat([0, 1], [95, 5])
    deck = BalancedSampler(y, np.random.default_rng(0))
    dealt = np.concatenate([deck.draw(20) for _ in range(50)])
    assert abs((y[dealt] == 1).mean() - 0.5) < 0.05
    rare = np.bincount(dealt[y[dealt] == 1], minlength=100)[95:]
    assert rare.max() - rare.min() <= 1


def test_an_empty_deck_deals_nothing() -> None:
    assert len(BalancedSampler(np.zeros(0, np.int64), np.random.default_rng(0)).draw(5)) == 0


def test_classes_follow_their_labels_into_another_order_and_not_a_symbol_stays_the_last() -> None:
    squares = Squares(np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8), np.array([0, 1, 2, 0]))
    assert recoded(squares, ("a", "b"), ("b", "c", "a")).y.tolist() == [2, 0, 3, 2]
    fewer = recoded(squares, ("a", "b"), ("b",))
    assert (fewer.y.tolist(), fewer.x[:, 0, 0].tolist()) == ([0, 1], [1, 2])
    assert recoded(Squares(squares.x, np.zeros(4, np.int64)), (), ("a", "b")).y.tolist() == [2, 2, 2, 2]
