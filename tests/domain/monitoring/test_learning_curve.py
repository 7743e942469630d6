from __future__ import annotations

from functions.domain.monitoring import CurvePoint, Proportion, learning_curve, version_scores
from tests.support.labelled_answers import answer


def test_answers_are_put_together_by_what_their_versions_had_learned() -> None:
    first = [answer("7", "7", "1", versions=("f0", "c0"))] * 30
    then = [answer("7", "7", "7", versions=("f0", "c1"))] * 10
    last = [answer("7", "7", "7" if n < 9 else "1", versions=("f0", "c2")) for n in range(15)]
    back = [answer("7", "7", "1", versions=("f0", "c0"))]  # the owner rolled back
    curve = learning_curve(version_scores([*first, *then, *last, *back]), "cnn", {"c0": 0, "c1": 10, "c2": 40, "f0": 0})
    assert curve == [CurvePoint(0, 0, 0.0, Proportion(0, 31)), CurvePoint(10, 40, 28.0, Proportion(19, 25))]


def test_the_few_of_the_newest_versions_join_the_last_point() -> None:
    some = [answer("7", "7", "7", versions=("f0", "c0"))] * 20 + [answer("7", "1", "7", versions=("f0", "c1"))]
    assert learning_curve(version_scores(some), "cnn", {"c0": 0, "c1": 21}) == [CurvePoint(0, 21, 1.0, Proportion(21, 21))]
    assert learning_curve(version_scores(some[20:]), "cnn", {"c1": 3}) == [CurvePoint(3, 3, 3.0, Proportion(1, 1))]


def test_versions_that_did_not_count_are_left_out() -> None:
    assert learning_curve(version_scores([answer("7", "7", "7")]), "cnn", {}) == []
    assert learning_curve({}, "fnn", {"f": 0}) == []
