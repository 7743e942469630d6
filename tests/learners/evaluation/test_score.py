import numpy as np
import pytest

from functions.learners.evaluation.metrics import recall, score

SYMBOL, NONE = -9, 9  # the last logit of what is a symbol, and of what is not


def test_a_score_counts_right_answers_and_who_is_taken_for_whom() -> None:
    logits = np.array([[9, 0, 0, SYMBOL], [0, 9, 0, SYMBOL], [0, 9, 0, SYMBOL], [0, 0, 9, SYMBOL]], np.float32)
    found = score(logits, np.array([0, 1, 2, 2]))
    assert found.accuracy == 0.75
    assert found.right.tolist() == [True, True, False, True]
    assert found.confusion[2].tolist() == [0, 1, 1]
    assert recall(found.confusion).tolist() == [1, 1, 0.5]
    assert (found.false_rejects, found.others) == (0, 0)


def test_what_is_not_a_symbol_counts_as_told_or_not_and_never_as_right_or_wrong() -> None:
    logits = np.array([[9, 0, SYMBOL], [0, 9, 2 * NONE], [0, 0, NONE], [0, 9, SYMBOL]], np.float32)
    found = score(logits, np.array([0, 1, 2, 2]))
    assert (found.count, found.others) == (2, 2)
    assert found.accuracy == 1.0  # a rejected symbol still has its most probable label
    assert (found.false_rejects, found.rejected) == (0.5, 0.5)
    assert found.figures()["rejected"] == 0.5


def test_the_threshold_decides_what_is_rejected() -> None:
    logits, y = np.array([[0, -50, 1.0]], np.float32), np.array([2])
    assert score(logits, y, threshold=0.9).rejected == 1
    assert score(logits, y, threshold=1.1).rejected == 0


def test_a_sure_wrong_answer_surprises_more_than_an_unsure_one() -> None:
    y = np.array([1])
    sure, unsure = np.array([[5.0, 0, SYMBOL]], np.float32), np.array([[0.5, 0, SYMBOL]], np.float32)
    assert score(sure, y).nll > score(unsure, y).nll > score(unsure, y, temperature=3).nll


def test_nothing_to_score_is_not_an_error() -> None:
    assert score(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)).figures()["accuracy"] == pytest.approx(0)
