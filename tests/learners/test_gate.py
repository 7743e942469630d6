import numpy as np
import pytest

from functions.learners.gate import MARGIN, REFUTED, judge, non_inferiority

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
