"""The bookkeeping of benchmarks/continual: who trains, who tests, what is offered again, and the figures beside the targets."""

import numpy as np
import pytest

from benchmarks.continual.baselines import BaselineTrainer
from benchmarks.continual.rounds import REMEMBERED, RoundSchedule, TrainingHistory, halved, require_separate, span, turns
from benchmarks.continual.strategies import ADAPTED, EVERYTHING, OURS, StrategyResult, check_targets, combined
from functions.learners.continual import rehearsal_batches
from functions.learners.networks.architectures import build
from functions.learners.squares import Squares
from functions.learners.weights_file import ModelHeader, pack, unpack
from functions.serving.visitor_examples import NEWEST

WRITERS, DRAWINGS = 3, 7


def drawings(*numbers: int) -> Squares:
    """Squares that tell their number by their first pixels, so that each is known again."""
    x = np.zeros((len(numbers), 28, 28), np.uint8)
    x[:, 0, 0], x[:, 0, 1] = np.array(numbers) // 256, np.array(numbers) % 256
    return Squares(x, np.array(numbers, np.int64) % 10)


def numbers(squares: Squares) -> list[int]:
    return [256 * int(high) + int(low) for high, low in squares.x[:, 0, :2]]


def visitors() -> list[Squares]:
    return [drawings(*range(100 * writer, 100 * writer + DRAWINGS)) for writer in range(WRITERS)]


def none_wrong(squares: Squares) -> np.ndarray:
    return np.zeros(len(squares), bool)


def test_each_visitor_gives_as_many_drawings_in_a_round_and_each_drawing_once() -> None:
    schedule = RoundSchedule(visitors(), 4, seed=1)
    rounds = [[number // 100 for number in numbers(schedule.next_round(none_wrong))] for _ in range(7)]
    assert [[one.count(writer) for writer in range(WRITERS)] for one in rounds] == [[2, 1, 1]] * 3 + [[1, 1, 1]] + [[0, 1, 1]] * 3
    schedule = RoundSchedule(visitors(), 100, seed=1)
    assert len(set(numbers(schedule.next_round(none_wrong)))) == WRITERS * DRAWINGS


def test_a_round_may_have_a_single_visitor() -> None:
    schedule = RoundSchedule(visitors(), 3, seed=1, one_by_one=True)
    rounds = [numbers(schedule.next_round(none_wrong)) for _ in range(3 * WRITERS)]
    assert [{number // 100 for number in one} for one in rounds[:4]] == [{0}, {1}, {2}, {0}]
    assert [len(one) for one in rounds] == [3] * 6 + [1] * 3
    given = [number for one in rounds for number in one]
    assert len(given) == len(set(given)) == WRITERS * DRAWINGS


def test_each_writers_drawings_are_halved_into_training_and_test() -> None:
    giving, testing = halved(visitors(), seed=1)
    assert [len(one) for one in giving] == [3] * WRITERS
    for given, testers, all_of_them in zip(giving, testing, visitors(), strict=True):
        assert sorted(numbers(given) + numbers(testers)) == numbers(all_of_them)


def test_personalisation_uses_the_visitors_own_newest_drawings() -> None:
    giving, testing = halved([drawings(*range(1000 * writer, 1000 * writer + 2 * NEWEST + 20)) for writer in range(2)], seed=1)
    schedule = RoundSchedule(giving, 10, seed=1)
    assert [len(one.own) for one in schedule.visits(testing)] == [0, 0]
    rounds = [numbers(schedule.next_round(none_wrong)) for _ in range(13)]  # 65 of each
    for writer, visit in enumerate(schedule.visits(testing)):
        theirs = [number for one in rounds for number in one if number // 1000 == writer]
        assert len(theirs) > NEWEST and numbers(visit.own) == theirs[-NEWEST:]
        assert numbers(visit.testing) == numbers(testing[writer])


def test_a_personal_label_changes_the_answer_to_its_author_alone() -> None:
    baselines = BaselineTrainer("fnn", 10)
    live = pack(build("fnn", 11).get_weights(), ModelHeader("fnn", tuple("0123456789"), 1.0))
    x = np.random.default_rng(0).integers(0, 256, (2, 28, 28)).astype(np.uint8)
    given = baselines.logits(unpack(live)[0], Squares(x, np.zeros(2, np.int64)))[:, :-1].argmax(1)
    meant = Squares(x, (given + 1) % 10)
    assert baselines.wrong(unpack(live)[0], meant).all()
    assert not baselines.wrong_for(live, meant.take(np.array([0, 0, 0, 1, 1, 1])), meant).any()
    assert baselines.wrong_for(live, meant.take(np.zeros(0, np.int64)), meant).all()


def test_the_same_seed_gives_the_same_rounds_and_another_seed_others() -> None:
    first, again, other = (numbers(RoundSchedule(visitors(), 5, seed).next_round(none_wrong)) for seed in (1, 1, 2))
    assert first == again != other


def test_wrong_only_gives_only_drawings_that_are_answered_wrongly() -> None:
    schedule = RoundSchedule(visitors(), 4, seed=1, wrong_only=True)
    odd = [numbers(schedule.next_round(lambda squares: squares.y % 2 == 1)) for _ in range(4)]
    assert [len(one) for one in odd] == [4, 4, 1, 0]
    assert all(number % 2 for one in odd for number in one)
    assert len({number for one in odd for number in one}) == 9
    assert len(schedule.next_round(lambda squares: squares.y % 2 == 0)) == 4  # what was right then may be wrong now


def test_the_drawings_of_a_rejected_version_are_offered_again() -> None:
    history = TrainingHistory()
    assert numbers(history.offer(drawings(1, 2))) == [1, 2]
    history.close(accepted=False)
    assert history.rehearsed(0) is None
    assert numbers(history.offer(drawings(3))) == [1, 2, 3]
    history.close(accepted=True)
    assert numbers(history.offer(drawings(4))) == [4]
    assert sorted(numbers(history.trained)) == [1, 2, 3]


def test_trained_drawings_are_replayed_up_to_the_limit_of_the_platform() -> None:
    history = TrainingHistory()
    history.offer(drawings(*range(REMEMBERED + 9)))
    history.close(accepted=True)
    some = history.rehearsed(0)
    assert some is not None
    assert len(set(numbers(some))) == REMEMBERED == rehearsal_batches.REMEMBERED


@pytest.mark.parametrize(
    ("visiting", "testing"), [("13-22", "22-30"), ("12-22", "23-30"), ("13-22", "1-3")], ids=["both", "known", "known judge"]
)
def test_a_writer_who_visits_and_tests_or_is_known_raises_an_error(visiting: str, testing: str) -> None:
    require_separate(span("13-22"), span("23-30"), 12)
    with pytest.raises(ValueError, match="Writers"):
        require_separate(span(visiting), span(testing), 12)


@pytest.mark.parametrize("known", [0, 12])
def test_in_turns_each_new_writer_visits_once_and_tests_twice(known: int) -> None:
    found = turns(known, 30)
    new = set(range(known + 1, 31))
    assert sorted(one for visitors, _ in found for one in visitors) == sorted(new)
    for visitors, testers in found:
        assert set(visitors) | set(testers) == new
        require_separate(visitors, testers, known)


def result(strategy: str, errors: list[int], holdout: list[float], base: str = "MNIST alone") -> StrategyResult:
    one = StrategyResult(base, "fnn", strategy, tested=1000, seconds=[1.0] * (len(errors) - 1))
    for place, (wrong, right) in enumerate(zip(errors, holdout, strict=True)):
        one.note(100 * place, right, wrong)
    return one


def test_errors_are_compared_after_three_hundred_drawings_not_at_the_end() -> None:
    one = result(OURS, [40, 40, 40, 21, 10], [99.0] * 5)
    assert [target.met for target in check_targets([one])] == [True, False, True]
    assert "40 errors on new writers, 21 after 300" in str(check_targets([one])[1])
    one.errors[3] = 20
    assert check_targets([one])[1].met


def test_personalised_answers_have_the_same_target() -> None:
    shared, own = (result(strategy, [40, 30, 30, errors], [99.0] * 4) for strategy, errors in ((OURS, 25), (ADAPTED, 20)))
    assert [target.met for target in check_targets([shared, own])] == [True, False, True, True]
    assert "personalised: 40 errors on new writers, 20 after 300" in str(check_targets([shared, own])[2])


def test_the_lowest_hold_out_of_all_rounds_counts() -> None:
    assert not check_targets([result(OURS, [9, 3, 3, 3], [99.0, 98.8, 99.2, 99.2])])[0].met
    assert check_targets([result(OURS, [9, 3, 3, 3], [99.0, 98.9, 99.2, 99.2])])[0].met


def test_the_shipped_base_has_the_target_of_a_third_and_is_compared_with_a_full_retraining() -> None:
    ours = result(OURS, [30, 20, 20, 20], [99.0] * 4, base="shipped")
    near, far = (result(EVERYTHING, [30, errors], [99.0, 99.0], base="shipped") for errors in (17, 16))
    assert [target.met for target in check_targets([ours, near])] == [True, True, True, True]
    assert [target.met for target in check_targets([ours, far])] == [True, True, False, True]


def test_a_round_takes_as_long_as_all_its_learners_together() -> None:
    fnn, cnn = (result(OURS, [4, 1, 1, 1], [99.0] * 4) for _ in range(2))
    fnn.seconds, cnn.seconds = [5.0, 9.0, 1.0], [5.0, 6.1, 20.0 - 6]
    assert not check_targets([fnn, cnn])[-1].met
    fnn.seconds, cnn.seconds = [14.0, 1.0, 1.0], [1.0, 14.0, 1.0]
    assert check_targets([fnn, cnn])[-1].met


def test_the_errors_of_groups_are_summed_and_the_worst_hold_out_counts() -> None:
    groups = [[result(OURS, [9, 5, 4, 3], [99.0, 98.95, 99.2, 99.2])], [result(OURS, [1, 1, 1, 3], [99.0, 99.1, 98.8, 99.1])]]
    (both,) = combined(groups)
    assert (both.errors, both.tested) == ([10, 6, 5, 6], 2000)
    assert both.holdout == [99.0, 98.95, 98.8, 99.1]
    assert not check_targets([both])[0].met
