import numpy as np
import pytest

from functions.learners.gate import MARGIN, REFUTED, compare, first, judge, let_in
from functions.learners.judgement import Judgement
from functions.learners.statistics import non_inferiority

N = 5000


def answers(lost: int, won: int, wrong: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """The live version's right answers, and a candidate's that loses and wins some."""
    live = np.ones(N, bool)
    live[:wrong] = False
    candidate = live.copy()
    candidate[:won] = True
    candidate[N - lost :] = False
    return live, candidate


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (3, 3), (4, 12), (20, 20)])
def test_a_version_that_is_as_good_is_accepted(lost: int, won: int) -> None:
    assert judge(*answers(lost, won)).accepted


@pytest.mark.parametrize(("lost", "won"), [(25, 0), (50, 30), (200, 10)])
def test_a_version_that_is_worse_is_kept_out_with_the_figures(lost: int, won: int) -> None:
    verdict = judge(*answers(lost, won))
    assert not verdict.accepted
    assert f"{lost} lost, {won} won" in verdict.reason
    assert verdict.figures["after"] < verdict.figures["before"]


def test_small_steps_downhill_end_where_the_line_may_lose_no_more() -> None:
    live, candidate = answers(4, 0)
    anchor = live.mean()
    assert judge(live, candidate, anchor=anchor).accepted
    further = candidate.copy()
    further[100:102] = False
    assert judge(candidate, further).accepted
    assert not judge(candidate, further, anchor=anchor).accepted


def pass_rate(differing: float, loss: float, rounds: int = 1000) -> float:
    rng = np.random.default_rng(0)
    p_lost, p_won = (differing + loss) / 2, (differing - loss) / 2
    counts = rng.multinomial(N, [p_lost, p_won, 1 - p_lost - p_won], rounds)
    return float(np.mean([non_inferiority(int(lost), int(won), N, MARGIN) < REFUTED for lost, won, _ in counts]))


@pytest.mark.parametrize("differing", [0.006, 0.01, 0.02])
def test_a_version_that_is_worse_by_the_margin_passes_one_time_in_sixty(differing: float) -> None:
    assert pass_rate(differing, MARGIN) < 0.03


def test_a_version_that_is_truly_as_good_passes_nine_times_in_ten() -> None:
    assert pass_rate(0.008, 0) > 0.9


def test_a_verdict_is_plain_values_for_a_row() -> None:
    stored = judge(*answers(1, 2)).as_dict()
    assert stored["accepted"] is True
    assert {"reason", "before", "after", "lost", "won", "z"} <= stored.keys()


LABELS = ("a", "b")


def judgement(
    right: dict[str, int], wrong: dict[str, int], *, rejected: int = 0, found: int = 95, sure: float = 0.99
) -> Judgement:
    """Answers to so many squares of each label that are right or wrong, and to a hundred that are no symbols.

    ``rejected`` of the symbols are taken for none, ``found`` of the others are.
    """
    labels = tuple(right)
    y = np.concatenate([np.full(right[one] + wrong.get(one, 0), place) for place, one in enumerate(labels)])
    is_right = np.concatenate([np.arange(right[one] + wrong.get(one, 0)) < right[one] for one in labels])
    given = np.where(is_right, y, (y + 1) % len(labels))
    p = np.full((len(y), len(labels)), (1 - sure) / (len(labels) - 1))
    p[np.arange(len(y)), given] = sure
    reject = np.concatenate([np.arange(len(y)) < rejected, np.arange(100) < found])
    answers = np.column_stack([np.concatenate([p, np.full((100, len(labels)), 1 / len(labels))]), reject])
    return Judgement(labels, answers.astype(np.float32), np.concatenate([y, np.full(100, len(labels))]))


LIVE = judgement({"a": 990, "b": 990}, {"a": 10, "b": 10})


def test_a_version_that_answers_as_the_live_one_does_is_accepted_in_everything() -> None:
    verdict = compare(LIVE, LIVE, anchor=0.99)
    assert verdict.accepted
    assert verdict.figures["rejects"] == {"symbols": 0.0, "others": 0.95}


def test_a_label_that_got_worse_keeps_a_version_out_though_the_whole_did_not() -> None:
    verdict = compare(LIVE, judgement({"a": 1000, "b": 985}, {"b": 15}), margin=0.02)
    assert verdict.accepted
    worse = compare(LIVE, judgement({"a": 1000, "b": 955}, {"b": 45}), margin=0.05)
    assert not worse.accepted
    assert "b got worse (99.00 % before, 95.50 % now, on 1000 squares)" in worse.reason


def test_a_label_with_few_squares_may_lose_two_of_them_and_no_more() -> None:
    live = judgement({"a": 990, "b": 10}, {"a": 10})
    assert compare(live, judgement({"a": 990, "b": 8}, {"a": 10, "b": 2}), margin=0.02).accepted
    assert "b got worse" in compare(live, judgement({"a": 990, "b": 7}, {"a": 10, "b": 3}), margin=0.02).reason


@pytest.mark.parametrize(("rejected", "accepted"), [(20, True), (40, True), (80, False)])
def test_symbols_must_not_be_taken_for_none(rejected: int, accepted: bool) -> None:
    live = judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=20)
    verdict = compare(live, judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=rejected))
    assert verdict.accepted == accepted
    assert accepted or f"it takes {rejected} of 2,000 symbols for none, 20 before" in verdict.reason


def test_a_live_version_that_rejects_too_much_already_does_not_bar_every_later_one() -> None:
    live = judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=200)
    assert compare(live, judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=205)).accepted


def test_what_is_no_symbol_must_still_be_told_so() -> None:
    assert compare(LIVE, judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, found=90)).accepted
    verdict = compare(LIVE, judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, found=60))
    assert "of 100 squares that are no symbols it rejects 60, 95 before" in verdict.reason


def test_probabilities_must_go_on_meaning_what_they_say() -> None:
    verdict = compare(LIVE, judgement({"a": 990, "b": 990}, {"a": 10, "b": 10}, sure=0.9))
    assert "its probabilities are off by 9.00 % on average, 0.00 % before" in verdict.reason


def test_the_drift_is_held_against_squares_that_ship_and_not_against_collected_ones() -> None:
    live = np.ones(3000, bool)
    shipped, later = live.copy(), live.copy()
    shipped[:5], later[2500:2505] = False, False
    assert not judge(live, shipped, anchor=1.0, fixed=2000).accepted
    assert judge(live, later, anchor=1.0, fixed=2000).accepted


def test_a_few_squares_are_enough_to_refuse_a_bad_lesson_and_to_pass_a_good_one() -> None:
    live = np.arange(18) > 0
    lost_one, lost_nine = live.copy(), live.copy()
    lost_one[5], lost_nine[5:14] = False, False
    assert judge(live, live).accepted
    assert judge(live, lost_one).accepted
    assert not judge(live, lost_nine).accepted


def test_without_squares_nothing_passes() -> None:
    assert not judge(np.zeros(0, bool), np.zeros(0, bool)).accepted


@pytest.mark.parametrize(("right", "accepted"), [(9, True), (8, True), (6, False)])
def test_a_first_version_must_be_right_about_most_of_few_squares(right: int, accepted: bool) -> None:
    verdict = first(judgement({"a": right, "b": right}, {"a": 9 - right, "b": 9 - right}, sure=right / 9 * 0.98 + 0.01))
    assert verdict.accepted == accepted
    assert f"{2 * right} of 18 squares kept apart are answered rightly" in verdict.reason


def test_a_first_version_must_not_take_symbols_for_none() -> None:
    verdict = first(judgement({"a": 20, "b": 20}, {}, rejected=8))
    assert verdict.reason == "Kept out: it takes 8 of 40 symbols for none."


def test_a_first_version_must_not_be_sure_of_what_it_gets_wrong() -> None:
    assert "its probabilities are off" in first(judgement({"a": 85, "b": 85}, {"a": 40, "b": 40}, sure=0.999)).reason


GROWN = {"a": 990, "b": 990, "c": 9}


def test_a_label_joins_when_its_own_squares_speak_for_it_and_the_others_lose_little() -> None:
    verdict = let_in(LIVE, judgement(GROWN, {"a": 12, "b": 10, "c": 1} | {"a": 10}), anchor=0.99)
    assert verdict.accepted
    assert verdict.reason.endswith("New: c 9 of 10.")
    assert verdict.figures["added"] == {"c": [9, 10]}


def test_a_label_that_is_mostly_mistaken_does_not_join() -> None:
    verdict = let_in(LIVE, judgement({"a": 990, "b": 990, "c": 5}, {"a": 10, "b": 10, "c": 5}))
    assert verdict.reason == "Kept out: 5 of 10 squares of c kept apart are answered rightly, too few to let it in."


def test_a_label_does_not_join_at_the_others_cost() -> None:
    verdict = let_in(LIVE, judgement({"a": 990, "b": 960, "c": 10}, {"a": 10, "b": 40}))
    assert not verdict.accepted
    assert verdict.reason.startswith("Kept out: it may have got worse")
