from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from functions.domain.monitoring import Proportion, accuracy, by_version, version_scores
from functions.domain.monitoring.accuracy import accuracies
from tests.support.labelled_answers import answer


def test_each_network_is_counted_by_itself() -> None:
    figures = accuracy(
        [answer("7", "7", "7"), answer("7", "1", "7"), answer("7", "1", "9", answered="7"), answer(None, None, "9")]
    )
    assert figures.answer == Proportion(3, 4)
    assert figures.models == {
        ("cnn", "learned"): Proportion(2, 4),
        ("cnn", "original"): Proportion(0, 4),
        ("fnn", "learned"): Proportion(2, 4),
        ("fnn", "original"): Proportion(0, 4),
    }


def test_where_the_networks_differ_it_is_told_who_was_right() -> None:
    between = accuracy(
        [
            answer("7", "7", "7"),
            answer("7", "1", "1"),  # both wrong, and in the same way
            answer("7", "1", "7"),
            answer("7", "1", "7"),
            answer("7", "7", None),
            answer("7", "1", "9"),
        ]
    ).disagreement
    assert between.differed == Proportion(4, 6)
    assert between.right == {"cnn": 2, "fnn": 1}
    assert between.neither == 1


def test_one_network_alone_disagrees_with_nobody() -> None:
    alone = answer("7", "7", "1")
    only = [type(alone)(alone.at, alone.true, alone.answered, {("cnn", "learned"): alone.by_model["cnn", "learned"]})]
    figures = accuracy(only)
    assert figures.disagreement.differed == Proportion(0, 0)
    assert figures.models == {("cnn", "learned"): Proportion(0, 1)}


def test_a_version_is_judged_beside_its_original_on_the_same_drawings() -> None:
    some = [
        answer("0", "1", "0", versions=("f0", "c0")),
        answer("7", "1", "7", versions=("f0", "c1")),
        answer("0", "1", "0", versions=("f0", "c1")),
        answer("7", "7", "9", versions=("f1", "c1")),
    ]
    found = by_version(version_scores(some), {"f0", "c0", "c1", "f1", "f2"})
    assert list(found) == ["f0", "c0", "c1", "f1"]
    assert (found["c1"].answers, found["c1"].original) == (Proportion(2, 3), Proportion(1, 3))
    assert (found["c0"].answers, found["c0"].original) == (Proportion(1, 1), Proportion(1, 1))
    assert (found["f0"].answers, found["f0"].original) == (Proportion(0, 3), Proportion(2, 3))
    assert (found["f1"].learner, found["f1"].answers) == ("fnn", Proportion(1, 1))
    assert list(by_version(version_scores(some), {"c1"})) == ["c1"]


def test_nothing_judged_is_worth_nothing() -> None:
    figures = accuracy([])
    assert (figures.answer, figures.models, figures.disagreement.differed) == (Proportion(), {}, Proportion())
    assert by_version(version_scores([]), {"f0"}) == {}


LABELS = st.sampled_from(["7", "1", None])
ANSWERS = st.lists(st.builds(answer, LABELS, LABELS, LABELS, answered=LABELS, original=LABELS), min_size=1)


@given(ANSWERS, st.sets(st.integers(1, 10)))
def test_answers_counted_in_bulk_are_those_counted_one_by_one(some, edges):
    figures = accuracy(some)
    assert figures.answer == Proportion(sum(one.answered == one.true for one in some), len(some))
    assert list(figures.models) == sorted(some[0].by_model)
    for model, proportion in figures.models.items():
        assert proportion == Proportion(sum(one.by_model[model].label == one.true for one in some), len(some))
    said = [(one.true, *(one.by_model[learner, "learned"].label for learner in ("fnn", "cnn"))) for one in some]
    differed = [(true, fnn, cnn) for true, fnn, cnn in said if fnn != cnn]
    right = {"cnn": sum(cnn == true for true, _, cnn in differed), "fnn": sum(fnn == true for true, fnn, _ in differed)}
    assert figures.disagreement.differed == Proportion(len(differed), len(some))
    assert figures.disagreement.right == {learner: count for learner, count in right.items() if count}
    assert figures.disagreement.neither == sum(true not in (fnn, cnn) for true, fnn, cnn in differed)
    starts = [0, *sorted(edge for edge in edges if edge < len(some))]
    assert accuracies(some, starts) == [accuracy(some[start:stop]) for start, stop in pairwise([*starts, len(some)])]


@given(ANSWERS, ANSWERS)
def test_scores_with_answers_more_and_answers_less_are_those_of_the_rest(some, others):
    assert version_scores(others, version_scores(some), lost=some) == version_scores(others)
