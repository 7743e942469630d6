import numpy as np
import pytest

from functions.learners.evaluate import recall, score


def test_a_score_counts_right_answers_and_who_is_taken_for_whom() -> None:
    logits = np.array([[9, 0, 0], [0, 9, 0], [0, 9, 0], [0, 0, 9]], np.float32)
    found = score(logits, np.array([0, 1, 2, 2]))
    assert found.accuracy == 0.75
    assert found.right.tolist() == [True, True, False, True]
    assert found.confusion[2].tolist() == [0, 1, 1]
    assert recall(found.confusion).tolist() == [1, 1, 0.5]


def test_a_sure_wrong_answer_surprises_more_than_an_unsure_one() -> None:
    y = np.array([1])
    sure, unsure = np.array([[5.0, 0]], np.float32), np.array([[0.5, 0]], np.float32)
    assert score(sure, y).nll > score(unsure, y).nll > score(unsure, y, temperature=3).nll


def test_nothing_to_score_is_not_an_error() -> None:
    assert score(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)).figures()["accuracy"] == pytest.approx(0)
