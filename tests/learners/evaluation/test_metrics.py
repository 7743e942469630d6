"""The figures of an evaluation, compared with manual calculations."""

from __future__ import annotations

import numpy as np
import pytest

from functions.learners.evaluation.metrics import Evaluation, score, share, wilson
from functions.learners.evaluation.report import report

#  a: right, taken for b, right but rejected; b: right; c: never seen; then three that are no symbols, two of them rejected
ANSWERS = np.array(
    [
        [0.8, 0.1, 0.1, 0.0],
        [0.3, 0.6, 0.1, 0.1],
        [0.9, 0.1, 0.0, 0.7],
        [0.1, 0.7, 0.2, 0.2],
        [0.4, 0.3, 0.3, 0.9],
        [0.4, 0.3, 0.3, 0.5],
        [0.1, 0.1, 0.8, 0.4],
    ],
    np.float32,
)
EVALUATION = Evaluation(("a", "b", "c"), ANSWERS, np.array([0, 0, 0, 1, 3, 3, 3]))


def test_symbols_alone_make_the_accuracy() -> None:
    figures = EVALUATION.figures()
    assert (figures["count"], figures["accuracy"]) == (4, 0.75)
    assert figures["ece"] == pytest.approx((0.2 + 0.6 + 0.1 + 0.3) / 4, abs=1e-6)


def test_rejections_of_symbols_and_of_others_are_counted_apart() -> None:
    rejects = EVALUATION.figures()["rejects"]
    assert (rejects["symbols"]["some"], rejects["symbols"]["count"]) == (1, 4)
    assert (rejects["others"]["some"], rejects["others"]["count"]) == (2, 3)
    assert (rejects["answered"]["some"], rejects["answered"]["count"]) == (2, 3)


def test_each_label_has_its_recall_and_precision() -> None:
    a, b, c = EVALUATION.figures()["labels"]
    assert a == {"label": "a", "count": 3, "recall": 0.666667, "precision": 1.0, "rejected": 0.333333}
    assert b == {"label": "b", "count": 1, "recall": 1.0, "precision": 0.5, "rejected": 0.0}
    assert c == {"label": "c", "count": 0, "recall": None, "precision": None, "rejected": None}


def test_only_the_confusion_that_visitors_see_has_rejections() -> None:
    assert EVALUATION.confusion().tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert EVALUATION.seen_confusion().tolist() == [[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 2]]
    assert EVALUATION.figures()["confusions"] == [{"label": "a", "taken_for": "b", "count": 1}]


def test_the_surest_mistakes_come_first() -> None:
    wrong, p = EVALUATION.mistakes(2)
    assert wrong.tolist() == [6, 2]
    assert p.tolist() == pytest.approx([0.8, 0.7])


def test_an_interval_is_wilsons() -> None:
    assert wilson(9970, 10_000) == pytest.approx([0.99572, 0.99790], abs=1e-5)  # as any table of it says
    assert wilson(0, 10) == pytest.approx([0, 0.27753], abs=1e-5)
    assert wilson(10, 10) == pytest.approx([0.72247, 1], abs=1e-5)
    assert (wilson(0, 0), share(0, 0)) == (None, None)


def test_the_report_has_the_figures() -> None:
    words = report(EVALUATION.figures())
    assert "accuracy                75.00 % [30.06, 95.44], 1 of 4 wrong" in words
    assert "calibration error       30.00 % (ECE, 15 bins)" in words
    assert "symbols rejected        25.00 % [4.56, 69.94], 1 of 4" in words
    assert "right among the others  66.67 % [20.77, 93.85], 2 of 3" in words
    assert "non-symbols rejected    66.67 % [20.77, 93.85], 2 of 3" in words
    assert "a           3    66.67 %   100.00 %    33.33 %" in words
    assert "c           0          -          -          -" in words
    assert " 80.0 to  86.7 %         1    80.00 %   100.00 %" in words
    assert "a for b: 1" in words


def test_a_file_of_scribbles_has_rejections_only() -> None:
    words = report(Evaluation(("a", "b", "c"), ANSWERS[4:], np.array([3, 3, 3])).figures())
    assert words == "non-symbols rejected    66.67 % [20.77, 93.85], 2 of 3"


SYMBOL, NONE = -9, 9  # the last logit of what is a symbol, and of what is not


def test_a_score_counts_right_answers() -> None:
    logits = np.array([[9, 0, 0, SYMBOL], [0, 9, 0, SYMBOL], [0, 9, 0, SYMBOL], [0, 0, 9, SYMBOL]], np.float32)
    found = score(logits, np.array([0, 1, 2, 2]))
    assert found.accuracy == 0.75
    assert (found.false_rejects, found.others) == (0, 0)


def test_negatives_count_as_rejected_or_not_and_never_as_right_or_wrong() -> None:
    logits = np.array([[9, 0, SYMBOL], [0, 9, 2 * NONE], [0, 0, NONE], [0, 9, SYMBOL]], np.float32)
    found = score(logits, np.array([0, 1, 2, 2]))
    assert (found.count, found.others) == (2, 2)
    assert found.accuracy == 1.0  # a rejected symbol still has its most probable label
    assert (found.false_rejects, found.rejected) == (0.5, 0.5)
    assert found.figures()["rejected"] == 0.5


def test_the_threshold_determines_the_rejections() -> None:
    logits, y = np.array([[0, -50, 1.0]], np.float32), np.array([2])
    assert score(logits, y, threshold=0.9).rejected == 1
    assert score(logits, y, threshold=1.1).rejected == 0


def test_a_sure_wrong_answer_surprises_more_than_an_unsure_one() -> None:
    y = np.array([1])
    sure, unsure = np.array([[5.0, 0, SYMBOL]], np.float32), np.array([[0.5, 0, SYMBOL]], np.float32)
    assert score(sure, y).nll > score(unsure, y).nll > score(unsure, y, temperature=3).nll


def test_nothing_to_score_is_not_an_error() -> None:
    assert score(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)).figures()["accuracy"] == pytest.approx(0)
