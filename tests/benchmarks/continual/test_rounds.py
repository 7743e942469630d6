"""The bookkeeping of benchmarks/continual: who trains, who tests, what is offered again, and the figures beside the targets."""

import numpy as np
import pytest

from benchmarks.continual.baselines import Ways
from benchmarks.continual.rounds import REMEMBERED, Ledger, Year, apart, halved, span, turns
from benchmarks.continual.strategies import ADAPTED, EVERYTHING, OURS, Course, asks, together
from functions.learners.continual import rehearsal_batches
from functions.learners.networks.architectures import build
from functions.learners.networks.export import ModelHeader, pack, unpack
from functions.learners.squares import Squares
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


def test_everybody_gives_as_many_in_a_round_and_no_drawing_comes_twice() -> None:
    year = Year(visitors(), 4, seed=1)
    rounds = [[number // 100 for number in numbers(year.next_round(none_wrong))] for _ in range(7)]
    assert [[one.count(writer) for writer in range(WRITERS)] for one in rounds] == [[2, 1, 1]] * 3 + [[1, 1, 1]] + [[0, 1, 1]] * 3
    year = Year(visitors(), 100, seed=1)
    assert len(set(numbers(year.next_round(none_wrong)))) == WRITERS * DRAWINGS


def test_a_round_may_be_one_visitor() -> None:
    year = Year(visitors(), 3, seed=1, one_by_one=True)
    rounds = [numbers(year.next_round(none_wrong)) for _ in range(3 * WRITERS)]
    assert [{number // 100 for number in one} for one in rounds[:4]] == [{0}, {1}, {2}, {0}]
    assert [len(one) for one in rounds] == [3] * 6 + [1] * 3
    given = [number for one in rounds for number in one]
    assert len(given) == len(set(given)) == WRITERS * DRAWINGS


def test_no_drawing_that_judges_is_given_and_everybody_does_both() -> None:
    giving, judging = halved(visitors(), seed=1)
    assert [len(one) for one in giving] == [3] * WRITERS
    for given, judges, all_of_them in zip(giving, judging, visitors(), strict=True):
        assert sorted(numbers(given) + numbers(judges)) == numbers(all_of_them)


def test_each_visitor_is_adapted_to_by_what_they_have_given_themselves() -> None:
    giving, judging = halved([drawings(*range(1000 * writer, 1000 * writer + 2 * NEWEST + 20)) for writer in range(2)], seed=1)
    year = Year(giving, 10, seed=1)
    assert [len(one.own) for one in year.visits(judging)] == [0, 0]
    rounds = [numbers(year.next_round(none_wrong)) for _ in range(13)]  # 65 of each
    for writer, visit in enumerate(year.visits(judging)):
        theirs = [number for one in rounds for number in one if number // 1000 == writer]
        assert len(theirs) > NEWEST and numbers(visit.own) == theirs[-NEWEST:]
        assert numbers(visit.judging) == numbers(judging[writer])


def test_a_label_that_its_author_gave_a_drawing_is_answered_to_them_alone() -> None:
    ways = Ways("fnn", 10)
    live = pack(build("fnn", 11).get_weights(), ModelHeader("fnn", tuple("0123456789"), 1.0))
    x = np.random.default_rng(0).integers(0, 256, (2, 28, 28)).astype(np.uint8)
    given = ways.logits(unpack(live)[0], Squares(x, np.zeros(2, np.int64)))[:, :-1].argmax(1)
    meant = Squares(x, (given + 1) % 10)
    assert ways.wrong(unpack(live)[0], meant).all()
    assert not ways.wrong_for(live, meant.take(np.array([0, 0, 0, 1, 1, 1])), meant).any()
    assert ways.wrong_for(live, meant.take(np.zeros(0, np.int64)), meant).all()


def test_the_same_seed_gives_the_same_year_and_another_one_another() -> None:
    first, again, other = (numbers(Year(visitors(), 5, seed).next_round(none_wrong)) for seed in (1, 1, 2))
    assert first == again != other


def test_only_what_is_answered_wrongly_is_given_where_nothing_else_is_wanted() -> None:
    year = Year(visitors(), 4, seed=1, wrong_only=True)
    odd = [numbers(year.next_round(lambda squares: squares.y % 2 == 1)) for _ in range(4)]
    assert [len(one) for one in odd] == [4, 4, 1, 0]
    assert all(number % 2 for one in odd for number in one)
    assert len({number for one in odd for number in one}) == 9
    assert len(year.next_round(lambda squares: squares.y % 2 == 0)) == 4  # what was right then may be wrong now


def test_what_was_refused_is_offered_again_with_the_next_round() -> None:
    ledger = Ledger()
    assert numbers(ledger.offer(drawings(1, 2))) == [1, 2]
    ledger.close(accepted=False)
    assert ledger.rehearsed(0) is None
    assert numbers(ledger.offer(drawings(3))) == [1, 2, 3]
    ledger.close(accepted=True)
    assert numbers(ledger.offer(drawings(4))) == [4]
    assert sorted(numbers(ledger.taught)) == [1, 2, 3]


def test_what_was_taught_is_rehearsed_as_far_as_a_platform_remembers_it() -> None:
    ledger = Ledger()
    ledger.offer(drawings(*range(REMEMBERED + 9)))
    ledger.close(accepted=True)
    some = ledger.rehearsed(0)
    assert some is not None
    assert len(set(numbers(some))) == REMEMBERED == rehearsal_batches.REMEMBERED


@pytest.mark.parametrize(
    ("visiting", "judging"), [("13-22", "22-30"), ("12-22", "23-30"), ("13-22", "1-3")], ids=["both", "known", "known judge"]
)
def test_nobody_judges_who_teaches_and_nobody_who_is_known_does_either(visiting: str, judging: str) -> None:
    apart(span("13-22"), span("23-30"), 12)
    with pytest.raises(ValueError, match="Writers"):
        apart(span(visiting), span(judging), 12)


@pytest.mark.parametrize("known", [0, 12])
def test_in_turns_everybody_new_visits_once_and_judges_twice(known: int) -> None:
    found = turns(known, 30)
    new = set(range(known + 1, 31))
    assert sorted(one for visitors, _ in found for one in visitors) == sorted(new)
    for visitors, judges in found:
        assert set(visitors) | set(judges) == new
        apart(visitors, judges, known)


def course(way: str, errors: list[int], holdout: list[float], base: str = "MNIST alone") -> Course:
    one = Course(base, "fnn", way, judged=1000, seconds=[1.0] * (len(errors) - 1))
    for place, (wrong, right) in enumerate(zip(errors, holdout, strict=True)):
        one.note(100 * place, right, wrong)
    return one


def test_errors_are_compared_after_three_hundred_drawings_not_at_the_end() -> None:
    one = course(OURS, [40, 40, 40, 21, 10], [99.0] * 5)
    assert [ask.met for ask in asks([one])] == [True, False, True]
    assert "40 errors on new writers, 21 after 300" in str(asks([one])[1])
    one.errors[3] = 20
    assert asks([one])[1].met


def test_what_adapts_to_their_own_hand_is_asked_for_the_same() -> None:
    shared, own = (course(way, [40, 30, 30, errors], [99.0] * 4) for way, errors in ((OURS, 25), (ADAPTED, 20)))
    assert [ask.met for ask in asks([shared, own])] == [True, False, True, True]
    assert "own hand: 40 errors on new writers, 20 after 300" in str(asks([shared, own])[2])


def test_the_lowest_hold_out_of_all_rounds_counts() -> None:
    assert not asks([course(OURS, [9, 3, 3, 3], [99.0, 98.8, 99.2, 99.2])])[0].met
    assert asks([course(OURS, [9, 3, 3, 3], [99.0, 98.9, 99.2, 99.2])])[0].met


def test_the_shipped_base_is_asked_for_a_third_and_held_against_everything() -> None:
    ours = course(OURS, [30, 20, 20, 20], [99.0] * 4, base="shipped")
    near, far = (course(EVERYTHING, [30, errors], [99.0, 99.0], base="shipped") for errors in (17, 16))
    assert [ask.met for ask in asks([ours, near])] == [True, True, True, True]
    assert [ask.met for ask in asks([ours, far])] == [True, True, False, True]


def test_a_round_takes_as_long_as_all_its_learners_together() -> None:
    fnn, cnn = (course(OURS, [4, 1, 1, 1], [99.0] * 4) for _ in range(2))
    fnn.seconds, cnn.seconds = [5.0, 9.0, 1.0], [5.0, 6.1, 20.0 - 6]
    assert not asks([fnn, cnn])[-1].met
    fnn.seconds, cnn.seconds = [14.0, 1.0, 1.0], [1.0, 14.0, 1.0]
    assert asks([fnn, cnn])[-1].met


def test_errors_of_several_years_are_added_and_the_worst_hold_out_counts() -> None:
    years = [[course(OURS, [9, 5, 4, 3], [99.0, 98.95, 99.2, 99.2])], [course(OURS, [1, 1, 1, 3], [99.0, 99.1, 98.8, 99.1])]]
    (both,) = together(years)
    assert (both.errors, both.judged) == ([10, 6, 5, 6], 2000)
    assert both.holdout == [99.0, 98.95, 98.8, 99.1]
    assert not asks([both])[0].met
