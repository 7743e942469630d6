import numpy as np
import pytest

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.gate.decide import (
    FirstVersion,
    GateVerdict,
    Tolerance,
    check_export,
    compare,
    decide,
    decide_added_labels,
    decide_first,
    refuse,
)
from functions.learners.gate.line import ConfusableFigures
from functions.learners.gate.rules import NON_INFERIORITY_MARGIN, Z_LIMIT
from functions.learners.gate.statistics import Moves, non_inferiority
from functions.learners.litert import PARITY

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
    assert decide(*answers(lost, won)).accepted


@pytest.mark.parametrize(("lost", "won"), [(25, 0), (50, 30), (200, 10)])
def test_a_worse_version_is_rejected_with_the_figures(lost: int, won: int) -> None:
    verdict = decide(*answers(lost, won))
    assert not verdict.accepted
    assert f"{lost} lost, {won} won" in verdict.reason
    assert verdict.figures["after"] < verdict.figures["before"]


def test_small_steps_downhill_end_where_the_line_may_lose_no_more() -> None:
    live, candidate = answers(4, 0)
    anchor = live.mean()
    assert decide(live, candidate, FirstVersion(anchor)).accepted
    further = candidate.copy()
    further[100:102] = False
    assert decide(candidate, further).accepted
    assert not decide(candidate, further, FirstVersion(anchor)).accepted


def pass_rate(differing: float, loss: float, rounds: int = 1000) -> float:
    rng = np.random.default_rng(0)
    p_lost, p_won = (differing + loss) / 2, (differing - loss) / 2
    counts = rng.multinomial(N, [p_lost, p_won, 1 - p_lost - p_won], rounds)
    return float(
        np.mean([non_inferiority(Moves(int(lost), int(won)), N, NON_INFERIORITY_MARGIN) < Z_LIMIT for lost, won, _ in counts])
    )


@pytest.mark.parametrize("differing", [0.006, 0.01, 0.02])
def test_a_version_that_is_worse_by_the_margin_passes_one_time_in_sixty(differing: float) -> None:
    assert pass_rate(differing, NON_INFERIORITY_MARGIN) < 0.03


def test_a_version_that_is_truly_as_good_passes_nine_times_in_ten() -> None:
    assert pass_rate(0.008, 0) > 0.9


def test_a_verdict_is_plain_values_for_a_row() -> None:
    stored = decide(*answers(1, 2)).as_dict()
    assert stored["accepted"] is True
    assert {"reason", "before", "after", "lost", "won", "z"} <= stored.keys()


LABELS = ("a", "b")


def evaluation(
    right: dict[str, int], wrong: dict[str, int], *, rejected: int = 0, found: int = 95, sure: float = 0.99
) -> Evaluation:
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
    return Evaluation(labels, answers.astype(np.float32), np.concatenate([y, np.full(100, len(labels))]))


LIVE = evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10})


def test_a_version_that_answers_as_the_live_one_does_is_accepted_in_everything() -> None:
    verdict = compare(LIVE, LIVE, first=FirstVersion(anchor=0.99))
    assert verdict.accepted
    assert verdict.figures["rejects"] == {"symbols": 0.0, "others": 0.95}


def test_a_label_that_got_worse_keeps_a_version_out_though_the_whole_did_not() -> None:
    verdict = compare(LIVE, evaluation({"a": 1000, "b": 985}, {"b": 15}), tolerance=Tolerance(margin=0.02))
    assert verdict.accepted
    worse = compare(LIVE, evaluation({"a": 1000, "b": 955}, {"b": 45}), tolerance=Tolerance(margin=0.05))
    assert not worse.accepted
    assert "b got worse (99.00 % before, 95.50 % now, on 1,000 squares)" in worse.reason


def test_a_label_with_ten_squares_may_lose_two_of_them() -> None:
    live = evaluation({"a": 990, "b": 10}, {"a": 10})
    assert compare(live, evaluation({"a": 990, "b": 8}, {"a": 10, "b": 2}), tolerance=Tolerance(margin=0.02)).accepted
    assert (
        "b got worse" in compare(live, evaluation({"a": 990, "b": 7}, {"a": 10, "b": 3}), tolerance=Tolerance(margin=0.02)).reason
    )


@pytest.mark.parametrize(("rejected", "accepted"), [(20, True), (40, True), (80, False)])
def test_symbols_must_not_be_taken_for_none(rejected: int, accepted: bool) -> None:
    live = evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=20)
    verdict = compare(live, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=rejected))
    assert verdict.accepted == accepted
    assert accepted or f"it rejects {rejected} of 2,000 symbols, 20 before" in verdict.reason


def test_a_live_version_that_rejects_too_much_already_does_not_bar_every_later_one() -> None:
    live = evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=200)
    assert compare(live, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=200)).accepted
    assert not compare(live, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, rejected=205)).accepted


def test_negatives_must_still_be_rejected() -> None:
    assert compare(LIVE, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, found=90)).accepted
    verdict = compare(LIVE, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, found=60))
    assert "it rejects 60 of 100 scribbles, 95 before" in verdict.reason


def test_probabilities_must_stay_calibrated() -> None:
    verdict = compare(LIVE, evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, sure=0.9))
    assert "its probabilities are off by 9.00 % on average, 0.00 % before" in verdict.reason


def test_the_drift_is_held_against_squares_that_ship_and_not_against_collected_ones() -> None:
    live = np.ones(3000, bool)
    shipped, later = live.copy(), live.copy()
    shipped[:5], later[2500:2505] = False, False
    assert not decide(live, shipped, FirstVersion(1.0, 2000)).accepted
    assert decide(live, later, FirstVersion(1.0, 2000)).accepted


def test_a_small_hold_out_refuses_bad_versions_and_accepts_good_ones() -> None:
    live = np.arange(18) > 0
    lost_one, lost_nine = live.copy(), live.copy()
    lost_one[5], lost_nine[5:14] = False, False
    assert decide(live, live).accepted
    assert decide(live, lost_one).accepted
    assert not decide(live, lost_nine).accepted


def test_without_squares_nothing_passes() -> None:
    assert not decide(np.zeros(0, bool), np.zeros(0, bool)).accepted


@pytest.mark.parametrize(("right", "accepted"), [(9, True), (8, True), (6, False)])
def test_a_first_version_must_be_right_about_most_squares(right: int, accepted: bool) -> None:
    verdict = decide_first(evaluation({"a": right, "b": right}, {"a": 9 - right, "b": 9 - right}, sure=right / 9 * 0.98 + 0.01))
    assert verdict.accepted == accepted
    assert f"{2 * right} of 18 test squares are answered correctly" in verdict.reason


def test_a_first_version_must_not_take_symbols_for_none() -> None:
    verdict = decide_first(evaluation({"a": 20, "b": 20}, {}, rejected=8))
    assert verdict.reason == "Kept out: it rejects 8 of 40 symbols."


def test_a_first_version_must_not_be_confident_of_wrong_answers() -> None:
    assert "its probabilities are off" in decide_first(evaluation({"a": 85, "b": 85}, {"a": 40, "b": 40}, sure=0.999)).reason


GROWN = {"a": 990, "b": 990, "c": 9}


def test_a_label_is_added_if_its_recall_is_high_and_the_others_lose_little() -> None:
    verdict = decide_added_labels(
        LIVE, evaluation(GROWN, {"a": 12, "b": 10, "c": 1} | {"a": 10}), first=FirstVersion(anchor=0.99)
    )
    assert verdict.accepted
    assert verdict.reason.endswith("New: c 9 of 10.")
    assert verdict.figures["added"] == {"c": [9, 10]}


def test_a_label_that_is_mostly_mistaken_does_not_join() -> None:
    verdict = decide_added_labels(LIVE, evaluation({"a": 990, "b": 990, "c": 5}, {"a": 10, "b": 10, "c": 5}))
    assert verdict.reason == "Kept out: c is not good enough yet: 5 of 10 test squares are answered correctly."


def test_a_label_does_not_join_at_the_others_cost() -> None:
    verdict = decide_added_labels(LIVE, evaluation({"a": 990, "b": 960, "c": 10}, {"a": 10, "b": 40}))
    assert not verdict.accepted
    assert verdict.reason.startswith("Kept out: it may be worse by the margin")


# --- what the lesson was about ----------------------------------------------------------------------------------------


def about(*told: int | None, truth: tuple[int, ...], sure: float = 0.9, labels: int = 2) -> Evaluation:
    """Return answers to drawings of ``truth``: a label or, with None, "not a symbol"; the class ``labels`` is "not a symbol"."""
    p = np.full((len(told), labels), (1 - sure) / (labels - 1))
    for row, label in enumerate(told):
        p[row, label if label is not None else 0] = sure
    reject = [0.9 if label is None else 0.1 for label in told]
    return Evaluation(LABELS if labels == 2 else tuple("abc"), np.column_stack([p, reject]).astype(np.float32), np.array(truth))


def test_a_version_that_repairs_a_mistake_passes_with_its_figures() -> None:
    wrong, right = about(1, 1, truth=(0, 1)), about(0, 1, truth=(0, 1))
    verdict = compare(LIVE, LIVE, recent=(wrong, right))
    assert verdict.accepted
    figures = verdict.figures["recent"]
    assert figures["surprise"] < figures["surprise_before"]
    assert {name: figures[name] for name in ("count", "before", "after", "mended", "broken")} == {
        "count": 2,
        "before": 1,
        "after": 2,
        "mended": 1,
        "broken": 0,
    }


def test_a_version_that_is_worse_at_its_new_drawings_is_rejected() -> None:
    verdict = compare(LIVE, LIVE, recent=(about(0, 1, truth=(0, 1)), about(0, 0, truth=(0, 1))))
    assert verdict.reason == "Kept out: it answers 1 of the 2 drawings correctly that it had to learn, 2 before."


def test_a_version_that_repairs_as_many_answers_as_it_breaks_passes() -> None:
    assert compare(LIVE, LIVE, recent=(about(0, 0, truth=(0, 1)), about(1, 1, truth=(0, 1)))).accepted


def test_a_version_that_learned_nothing_from_corrections_is_kept_out() -> None:
    wrong = about(1, 1, truth=(0, 1))
    verdict = compare(LIVE, LIVE, recent=(wrong, wrong))
    assert verdict.reason == (
        "Kept out: it learned nothing from these corrections (1 of 2 were wrong, and all of them still are)."
    )


def test_a_version_with_the_same_answers_passes_if_its_nll_is_lower() -> None:
    assert compare(LIVE, LIVE, recent=(about(1, truth=(0,), sure=0.9), about(1, truth=(0,), sure=0.8))).accepted
    assert not compare(LIVE, LIVE, recent=(about(1, truth=(0,), sure=0.9), about(1, truth=(0,), sure=0.95))).accepted


def test_where_there_is_nothing_to_mend_nothing_has_to_be_learned() -> None:
    sure, less = about(0, 1, None, truth=(0, 1, 2), sure=0.99), about(0, 1, None, truth=(0, 1, 2), sure=0.9)
    assert compare(LIVE, LIVE, recent=(sure, less)).accepted


def test_the_answers_that_visitors_see_are_compared() -> None:
    refused, told = about(None, truth=(0,)), about(0, truth=(0,))
    assert compare(LIVE, LIVE, recent=(refused, told)).figures["recent"]["mended"] == 1
    assert not compare(LIVE, LIVE, recent=(told, refused)).accepted
    scribble = about(0, truth=(2,)), about(None, truth=(2,))
    assert compare(LIVE, LIVE, recent=scribble).accepted


def test_a_run_without_drawings_has_no_figures_of_them() -> None:
    nothing = LIVE.labels, LIVE.answers[:0], LIVE.y[:0]
    assert compare(LIVE, LIVE, recent=(Evaluation(*nothing), Evaluation(*nothing))).accepted


@pytest.mark.parametrize(("broken", "accepted"), [(4, True), (6, False)])
def test_earlier_drawings_may_lose_by_chance_and_not_be_forgotten(broken: int, accepted: bool) -> None:
    truth = (0,) * 200
    before, after = about(*truth, truth=truth), about(*((1,) * broken + (0,) * (200 - broken)), truth=truth)
    verdict = compare(LIVE, LIVE, earlier=(before, after))
    assert verdict.accepted == accepted
    assert verdict.figures["earlier"]["broken"] == broken
    assert accepted or "it forgets earlier visitors' drawings (200 of 200 right before, 194 now)" in verdict.reason


def test_an_unknown_label_is_wrong_before() -> None:
    grown = evaluation(GROWN, {"a": 12, "b": 10, "c": 1} | {"a": 10})
    unknown, learned = about(0, 0, truth=(2, 2)), about(2, 0, truth=(2, 2), labels=3)
    verdict = decide_added_labels(LIVE, grown, recent=(unknown, learned))
    assert verdict.accepted
    assert verdict.figures["recent"]["mended"] == 1
    assert "what it was to learn" not in verdict.reason
    assert not decide_added_labels(LIVE, grown, recent=(about(0, truth=(0,)), about(2, truth=(0,), labels=3))).accepted


# --- along a line, and in parts ---------------------------------------------------------------------------------------


def test_a_small_part_that_got_worse_is_not_hidden_by_a_large_one() -> None:
    live, candidate = evaluation({"a": 5000, "b": 0}, {}), evaluation({"a": 5000, "b": 0}, {})
    live.answers[:12, :2] = candidate.answers[4900:4912, :2] = (0.01, 0.99)
    assert compare(live, candidate).accepted
    verdict = compare(live, candidate, first=FirstVersion(fixed=4900))
    assert not verdict.accepted
    assert "on visitors' squares (100.00 % before, 88.00 % now, on 100 squares)" in verdict.reason
    assert verdict.figures["parts"]["collected"] == {"count": 100, "before": 1.0, "after": 0.88, "lost": 12, "won": 0}


def test_a_label_must_not_walk_downhill_step_by_step() -> None:
    live = evaluation({"a": 998, "b": 978}, {"a": 2, "b": 22})

    def step(right: int, start: float) -> GateVerdict:
        candidate = evaluation({"a": 1000, "b": right}, {"b": 1000 - right})
        return compare(
            live, candidate, first=FirstVersion(recalls={"b": start, "c": 1.0}), tolerance=Tolerance(margin=0.02, level=0.0)
        )

    assert step(970, 1.0).accepted
    assert step(969, 0.99).accepted
    assert "b is too far below the original (100.00 % then, 96.90 % now" in step(969, 1.0).reason


def test_moves_to_a_look_alike_label_have_a_looser_bound() -> None:
    live = evaluation({"a": 990, "b": 900}, {"a": 10, "b": 100})

    def lost(a: int) -> Evaluation:
        return evaluation({"a": 990 - a, "b": 900 + a}, {"a": 10 + a, "b": 100 - a})

    assert "a got worse" in compare(live, lost(90), tolerance=Tolerance(margin=0.2)).reason
    assert compare(live, lost(90), tolerance=Tolerance(margin=0.2), confusable=[("a", "b")]).accepted
    alike = [("b", "a"), ("x", "y")]
    assert "a is taken for a confusable" in compare(live, lost(110), tolerance=Tolerance(margin=0.2), confusable=alike).reason


ROUND = (("0", "O"),)


def read(table: dict[str, dict[str, int]]) -> Evaluation:
    """Answers to so many squares of each label, by true and by given label, and to a hundred that are no symbols."""
    labels = tuple(table)
    y = np.repeat(np.arange(len(labels)), [sum(given.values()) for given in table.values()])
    given = [labels.index(answer) for row in table.values() for answer, count in row.items() for _ in range(count)]
    p = np.full((len(y) + 100, len(labels)), 0.005)
    p[np.arange(len(y)), given] = 1 - 0.005 * (len(labels) - 1)
    reject = np.append(np.zeros(len(y)), np.ones(100))
    return Evaluation(labels, np.column_stack([p, reject]).astype(np.float32), np.append(y, np.full(100, len(labels))))


def circles(zero: int, letter: int, e: int = 1500, d: int = 1500) -> Evaluation:
    """Answers of which ``zero`` of 500 zeros, and ``letter`` of 500 letters O, are exact; the others are twins."""
    return read(
        {
            "0": {"0": zero, "O": 500 - zero},
            "O": {"O": letter, "0": 500 - letter},
            "E": {"E": e, "D": 1500 - e},
            "D": {"D": d, "O": 1500 - d},
        }
    )


def shuffled(one: Evaluation, traded: int) -> Evaluation:
    """The same answers, but ``traded`` exact answers to zeros and as many to letters O have become twins, and others exact."""
    answers = one.answers.copy()
    for start in (0, 500):
        for first in (start, start + 499 - traded + 1):
            answers[first : first + traded, :2] = answers[first : first + traded, 1::-1]
    return Evaluation(one.labels, answers, one.y)


def test_twins_that_change_places_are_no_damage_but_other_labels_are() -> None:
    live = circles(400, 400)
    traded = shuffled(live, 60)
    assert (traded.given != live.given).sum() == 240
    assert compare(live, traded, confusable=ROUND).accepted
    assert not compare(live, traded).accepted  # without the declaration the same answers are 120 lost and 120 won
    assert compare(live, circles(400, 400, e=1450), confusable=ROUND).why[0]["kind"] == "label_worse"


def test_a_few_zeros_that_become_o_are_no_damage_and_many_are() -> None:
    live = circles(400, 400)
    assert compare(live, circles(380, 400), confusable=ROUND).accepted
    verdict = compare(live, circles(340, 460), confusable=ROUND)
    assert [why["kind"] for why in verdict.why] == ["label_twins"]
    assert "0 is taken for a confusable label too often (80.00 % correct before, 68.00 % now, on 500 squares)" in verdict.reason


def test_one_twin_cannot_vanish_step_by_step() -> None:
    start = circles(400, 400)
    first = ConfusableFigures.of(start, 4000, 0.9, ROUND).first_version(4000)
    live, zeros = start, 400
    while compare(live, circles(zeros - 20, min(500, 820 - zeros)), first=first, confusable=ROUND).accepted:
        zeros -= 20
        live = circles(zeros, min(500, 800 - zeros))
    verdict = compare(live, circles(zeros - 20, 500), first=first, confusable=ROUND)
    assert "label_twins_drifted" in [why["kind"] for why in verdict.why]
    assert 400 - zeros == 100  # a fifth of the zeros in all


def test_a_version_that_answers_o_for_everything_round_fails_where_it_hurts_another_label() -> None:
    verdict = compare(circles(400, 400), circles(390, 410, d=1440), confusable=ROUND)
    assert [why["kind"] for why in verdict.why][:1] == ["label_worse"]
    assert "D got worse (100.00 % before, 96.00 % now, on 1,500 squares)" in verdict.reason
    assert compare(circles(400, 400), circles(0, 500), confusable=ROUND).why[0]["kind"] == "label_twins"


def test_along_a_line_confusable_labels_count_as_one() -> None:
    start = circles(400, 400)
    first = ConfusableFigures.of(start, 4000, 0.9, ROUND).first_version(4000)
    assert compare(start, circles(390, 400, e=1496), first=first, confusable=ROUND).accepted
    reasons = compare(start, circles(400, 410, e=1495), first=first, confusable=ROUND).why
    assert [why["kind"] for why in reasons] == ["drifted_as_one"]
    strict = FirstVersion(anchor=start_accuracy(start))
    assert compare(start, circles(390, 400), first=strict).why[0]["kind"] in ("label_worse", "drifted")


def start_accuracy(one: Evaluation) -> float:
    return float((one.given == one.y)[one.symbols].mean())


def test_a_twin_is_no_mistake_that_a_run_could_repair() -> None:
    live, twin = circles(400, 400), np.array([0])
    zero_as_o = Evaluation(live.labels, live.answers[400:401], twin)
    assert zero_as_o.given.tolist() == [1]
    assert compare(live, live, confusable=ROUND, recent=(zero_as_o, zero_as_o)).accepted
    assert not compare(live, live, recent=(zero_as_o, zero_as_o)).accepted
    figures = compare(live, live, confusable=ROUND, recent=(zero_as_o, zero_as_o)).figures
    assert figures["recent"]["before"] == 0
    assert figures["as_one"]["before"] == 1.0 > figures["before"]


def test_a_version_that_rejects_too_little_may_not_reject_less() -> None:
    few, fewer = (evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, found=found) for found in (70, 69))
    assert compare(few, few).accepted
    assert not compare(few, fewer).accepted


def test_a_version_that_is_badly_calibrated_may_become_no_worse() -> None:
    off, further = (evaluation({"a": 990, "b": 990}, {"a": 10, "b": 10}, sure=sure) for sure in (0.895, 0.89))
    assert compare(off, off).accepted
    assert "its probabilities are off" in compare(off, further).reason


def test_a_verdict_names_every_reason_against_a_version() -> None:
    verdict = compare(LIVE, evaluation({"a": 990, "b": 900}, {"a": 10, "b": 100}, rejected=200, found=20))
    assert [why["kind"] for why in verdict.why] == ["label_worse", "worse", "rejects", "found", "calibration"]
    assert verdict.reason.count(";") >= 4


def test_each_labels_figures_are_kept() -> None:
    verdict = compare(LIVE, evaluation({"a": 1000, "b": 985}, {"b": 15}))
    assert verdict.figures["labels"] == {"a": [1000, 990, 1000], "b": [1000, 990, 985]}


# --- the export -------------------------------------------------------------------------------------------------------


def test_an_export_that_answers_as_the_network_does_changes_nothing() -> None:
    verdict = check_export(compare(LIVE, LIVE), 2e-6)
    assert verdict.accepted
    assert verdict.figures["parity"] == 2e-6


@pytest.mark.parametrize("difference", [PARITY, 0.5, float("nan")])
def test_an_export_that_differs_is_kept_out_though_the_network_was_good(difference: float) -> None:
    verdict = check_export(compare(LIVE, LIVE), difference)
    assert not verdict.accepted
    assert "its export differs" in verdict.reason
    assert "holdout" in verdict.figures


def test_a_version_that_is_kept_out_stays_so_whatever_its_export_does() -> None:
    assert not check_export(refuse("no_share"), 0.0).accepted
    assert [why["kind"] for why in check_export(refuse("no_share"), 1.0).why] == ["export_differs", "no_share"]


def test_a_reason_without_a_test_is_a_sentence() -> None:
    assert refuse("no_share").reason == ("Kept out: every share of the new weights makes it worse at drawings that it knew.")
