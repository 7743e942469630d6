import numpy as np

from functions.learners.evaluation.half_decided import as_one_figure, credits_of, right_as_one, scores

CREDIT = credits_of("1ILE", [("1", "I", "L", "l")])


def test_a_confusable_label_earns_half_and_any_other_wrong_label_nothing() -> None:
    y, given = np.array([0, 0, 0, 3, 4, 4]), np.array([0, 2, 3, 0, 4, 1])
    assert scores(CREDIT, y, given).tolist() == [1, 0.5, 0, 0, 1, 0]
    assert right_as_one(CREDIT, y, given).tolist() == [True, True, False, False, True, False]


def test_without_groups_only_right_answers_count() -> None:
    assert np.array_equal(credits_of("ab", ()), np.eye(3))


def test_the_accuracy_with_look_alikes_as_one_counts_symbols_alone() -> None:
    y, given = np.array([0, 1, 3, 4]), np.array([2, 3, 3, 0])
    assert as_one_figure(CREDIT, y, given) == {"alike_as_one": 0.66667}
    assert as_one_figure(CREDIT, np.array([4]), np.array([0])) == {}
    assert as_one_figure(credits_of("ab", ()), np.array([0]), np.array([0])) == {}
