import numpy as np
import pytest

from functions.learners.calibration import targets
from functions.learners.continual.rehearsal_batches import (
    ENOUGH_SYMBOLS,
    HALF,
    RehearsalBatches,
    floor,
    frequencies,
    highest_rejection_threshold,
    plan_rehearsal,
    rejection_threshold,
    undecided,
)
from functions.learners.continual.weight_averaging import KnownCredit, known_credit
from functions.learners.evaluation.half_decided import credits_of
from functions.learners.squares import Squares, joined


def squares(n: int, grey: int, label: int = 0) -> Squares:
    return Squares(np.full((n, 28, 28), grey, np.uint8), np.full(n, label, np.int64))


def test_a_single_correction_is_for_training_and_validation() -> None:
    plan = plan_rehearsal(squares(1, 1), squares(20, 2), None, seed=0)
    assert len(plan.train) == len(plan.validation) == 1
    assert plan.small_run
    assert not plan_rehearsal(squares(20, 1), squares(20, 2), None, seed=0).small_run


def test_of_many_new_squares_some_are_for_validation_only() -> None:
    new = Squares(np.arange(200, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8), np.zeros(200, np.int64))
    plan = plan_rehearsal(new, squares(20, 2), None, seed=0)
    trained, validation = ({int(x[0, 0]) for x in part.x} for part in (plan.train, plan.validation))
    assert trained.isdisjoint(validation)
    assert (len(trained), len(validation)) == (160, 40)


def test_earlier_squares_join_the_rehearsal() -> None:
    assert len(plan_rehearsal(squares(1, 1), squares(20, 2), squares(7, 3), seed=0).rehearse) == 27


@pytest.mark.parametrize("count", [1, 20, 500])
def test_half_of_every_batch_is_new(count: int) -> None:
    plan = plan_rehearsal(squares(count, 1), squares(50, 2), None, seed=0)
    batch = RehearsalBatches(plan, 3, np.zeros((50, 3), np.float32), seed=0)
    for step in range(3):
        x, wanted = batch(step)
        assert (x[:, 0, 0] == 1).sum() == (x[:, 0, 0] == 2).sum() == HALF
        assert np.allclose(wanted.sum(1), 1, atol=1e-5)


def test_the_frequencies_of_the_classes_are_known() -> None:
    new = joined([squares(15, 1, label=2), squares(5, 1, label=3)])
    old = joined([squares(30, 2, label=0), squares(10, 2, label=1)])
    plan = plan_rehearsal(new, old, None, seed=0)
    batch = RehearsalBatches(plan, 5, np.zeros((40, 5), np.float32), seed=0)
    came = np.mean([batch(step)[1].argmax(1)[:, None] == np.arange(5) for step in range(50)], (0, 1))
    assert frequencies(plan, 5).tolist() == [0.25, 0.25, 0.375, 0.125, 0]
    assert np.allclose(frequencies(plan, 5), came, atol=0.01)


@pytest.mark.parametrize("count", [3, 100])
def test_a_drawing_and_its_copies_have_the_same_target(count: int) -> None:
    """Each square's grey is ten times its label, its variations' one and two more."""
    y = np.arange(count) % 3
    new = Squares((10 * y[:, None, None] + np.full((1, 28, 28), 50)).astype(np.uint8), y)
    copies = new.x[:, None] + np.arange(1, 3, dtype=np.uint8)[:, None, None]
    plan = plan_rehearsal(new, squares(20, 200, label=0), None, seed=0, augmented=copies)
    batch = RehearsalBatches(plan, 4, np.zeros((20, 4), np.float32), seed=0)
    seen = set()
    for step in range(10):
        x, wanted = batch(step)
        greys, labels = x[:HALF, 0, 0].astype(int) - 50, wanted[:HALF].argmax(1)
        assert np.array_equal(greys // 10, labels)
        seen |= set(greys.tolist())
    assert seen == {0, 1, 2, 10, 11, 12, 20, 21, 22}
    assert {int(x[0, 0]) for x in plan.validation.x} <= {50, 60, 70}  # validation squares are not augmented


def test_targets_are_the_live_networks_right_answers_but_not_its_mistakes() -> None:
    plan = plan_rehearsal(squares(1, 1, label=2), squares(50, 2, label=0), None, seed=0)
    knew = np.tile(np.array([[2.0, 1.0, 0.0]], np.float32), (50, 1))
    _, wanted = RehearsalBatches(plan, 3, knew, seed=0)(0)
    assert np.allclose(wanted[-1], np.exp([2, 1, 0]) / np.exp([2, 1, 0]).sum(), atol=1e-5)
    _, corrected = RehearsalBatches(plan, 3, -knew, seed=0)(0)
    assert corrected[-1].argmax() == 0
    assert corrected[0].argmax() == 2


def test_the_rehearsal_is_balanced_and_differs_by_seed() -> None:
    known = Squares(np.arange(60, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8), np.arange(60) % 3)
    first, second = (plan_rehearsal(squares(1, 1), known, None, seed=seed, rehearsed=12).rehearse for seed in (0, 1))
    assert np.bincount(first.y).tolist() == [4, 4, 4]
    assert {int(x[0, 0]) for x in first.x} != {int(x[0, 0]) for x in second.x}


def test_the_floor_does_not_sink_with_the_line() -> None:
    first, now = 0.99, KnownCredit(0.99)
    lower, higher = KnownCredit(0.985), KnownCredit(0.995)
    assert floor(now, None, small_run=False) == floor(now, first, small_run=False) == floor(lower, first, small_run=False)
    assert floor(now, first, small_run=False) == pytest.approx(0.9892)
    assert floor(higher, first, small_run=False) == pytest.approx(0.9934)


def test_half_decided_answers_may_lose_as_much_as_chance_explains() -> None:
    unsure = known_credit(np.arange(1800) % 10 / 10)
    assert unsure.error == pytest.approx(0.00373, abs=1e-5)
    assert floor(unsure, None, small_run=False) == unsure.mean - unsure.error
    assert known_credit(np.zeros(0)) == (0.0, 0.0)


def test_a_single_correction_may_cost_a_little_more() -> None:
    assert floor(KnownCredit(0.99), 0.99, small_run=True) < floor(KnownCredit(0.99), 0.99, small_run=False)


CREDIT = credits_of("0OE", [("0", "O")])


def live(*answers: tuple[float, ...]) -> np.ndarray:
    """Logits of the live network, whose probabilities these are: of 0, O, E and "not a symbol"."""
    return np.log(np.array(answers, np.float32))


def test_one_persons_choice_between_twins_is_not_everybodys() -> None:
    plan = plan_rehearsal(Squares(np.zeros((1, 28, 28), np.uint8), np.array([0])), squares(20, 2, 2), None, seed=0)
    circle = live((0.2, 0.6, 0.1, 0.1))
    batch = RehearsalBatches(plan, 4, np.zeros((20, 4), np.float32), seed=0, new_logits=circle, credit=CREDIT)
    wanted = batch(0)[1][0]
    assert wanted[:2] == pytest.approx(wanted[:2].sum() * np.array([0.25, 0.75]), abs=1e-5)
    assert wanted[:2].sum() > 0.97


def test_a_label_is_learned_where_the_answer_was_no_twin_of_it() -> None:
    y = np.array([0, 2])
    wanted = undecided(targets(y, 4), y, live((0.1, 0.1, 0.7, 0.1), (0.1, 0.6, 0.2, 0.1)), CREDIT)
    assert np.array_equal(wanted, targets(y, 4))


def test_a_rehearsed_twin_keeps_the_networks_doubt() -> None:
    plan = plan_rehearsal(squares(1, 1, 2), squares(30, 2, 0), None, seed=0)
    doubt = live(*[(0.3, 0.5, 0.1, 0.1)] * 30)
    softly = RehearsalBatches(plan, 4, doubt, seed=0, credit=CREDIT)(0)[1][-1]
    assert softly == pytest.approx([0.3, 0.5, 0.1, 0.1], abs=1e-5)
    assert RehearsalBatches(plan, 4, doubt, seed=0)(0)[1][-1].argmax() == 0


def odds(symbols: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits of one label and "not a symbol", whose difference is given."""
    both = np.concatenate([symbols, others]).astype(np.float32)
    y = np.repeat([0, 1], [len(symbols), len(others)])
    return np.column_stack([np.zeros(len(both), np.float32), both]), y


def test_with_many_symbols_the_threshold_is_their_highest_hundredth() -> None:
    symbols = np.linspace(-10, 0, ENOUGH_SYMBOLS)
    assert rejection_threshold(*odds(symbols, np.full(50, 8.0))) == pytest.approx(np.quantile(symbols, 0.99), abs=1e-4)


def test_with_ten_symbols_the_threshold_is_half_way_to_the_negatives() -> None:
    assert rejection_threshold(*odds(np.full(10, -4.0), np.full(50, 8.0))) == pytest.approx(2)
    assert rejection_threshold(*odds(np.full(10, -4.0), np.full(50, -6.0))) == pytest.approx(-4)
    assert rejection_threshold(*odds(np.full(10, -4.0), np.zeros(0))) == pytest.approx(-4)


def test_the_highest_threshold_rejects_enough_negatives() -> None:
    others = np.linspace(0, 20, 101)
    assert highest_rejection_threshold(*odds(np.full(10, 5.0), others), 0.9) == pytest.approx(2)
    assert highest_rejection_threshold(*odds(np.full(10, 5.0), others), 0.0) == pytest.approx(20)
    assert highest_rejection_threshold(*odds(np.full(10, 5.0), np.zeros(0)), 0.9) == np.inf


def test_a_small_label_does_not_pay_for_the_others() -> None:
    labels = np.array([-8.0] * 600 + [-1.0] * 5)
    logits = np.column_stack([np.zeros(605), np.full(605, -99.0), labels]).astype(np.float32)
    y = np.repeat([0, 1], [600, 5])
    logits[600:] = logits[600:, [1, 0, 2]]
    assert rejection_threshold(logits, y) == pytest.approx(-1)


def test_one_strange_square_of_a_new_label_does_not_move_the_threshold() -> None:
    strange = np.array([-8.0] * 600 + [-8.0] * 8 + [5.0])
    logits = np.column_stack([np.zeros(609), np.full(609, -99.0), strange]).astype(np.float32)
    y = np.repeat([0, 1], [600, 9])
    logits[600:] = logits[600:, [1, 0, 2]]
    assert rejection_threshold(logits, y) < -7
