"""The figures of a judgement, held against ones worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from functions.learners.evaluation.metrics import Evaluation, share, wilson
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
JUDGEMENT = Evaluation(("a", "b", "c"), ANSWERS, np.array([0, 0, 0, 1, 3, 3, 3]))


def test_symbols_alone_make_the_accuracy() -> None:
    figures = JUDGEMENT.figures()
    assert (figures["count"], figures["accuracy"]) == (4, 0.75)
    assert figures["ece"] == pytest.approx((0.2 + 0.6 + 0.1 + 0.3) / 4, abs=1e-6)


def test_rejections_of_symbols_and_of_others_are_counted_apart() -> None:
    rejects = JUDGEMENT.figures()["rejects"]
    assert (rejects["symbols"]["some"], rejects["symbols"]["count"]) == (1, 4)
    assert (rejects["others"]["some"], rejects["others"]["count"]) == (2, 3)
    assert (rejects["answered"]["some"], rejects["answered"]["count"]) == (2, 3)


def test_each_label_has_its_recall_and_precision() -> None:
    a, b, c = JUDGEMENT.figures()["labels"]
    assert a == {"label": "a", "count": 3, "recall": 0.666667, "precision": 1.0, "rejected": 0.333333}
    assert b == {"label": "b", "count": 1, "recall": 1.0, "precision": 0.5, "rejected": 0.0}
    assert c == {"label": "c", "count": 0, "recall": None, "precision": None, "rejected": None}


def test_confusions_are_of_labels_and_what_visitors_saw_is_of_rejections_too() -> None:
    assert JUDGEMENT.confusion().tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert JUDGEMENT.seen_confusion().tolist() == [[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 2]]
    assert JUDGEMENT.figures()["confusions"] == [{"label": "a", "taken_for": "b", "count": 1}]


def test_the_surest_mistakes_come_first() -> None:
    wrong, p = JUDGEMENT.mistakes(2)
    assert wrong.tolist() == [6, 2]
    assert p.tolist() == pytest.approx([0.8, 0.7])


def test_an_interval_is_wilsons() -> None:
    assert wilson(9970, 10_000) == pytest.approx([0.99572, 0.99790], abs=1e-5)  # as any table of it says
    assert wilson(0, 10) == pytest.approx([0, 0.27753], abs=1e-5)
    assert wilson(10, 10) == pytest.approx([0.72247, 1], abs=1e-5)
    assert (wilson(0, 0), share(0, 0)) == (None, None)


def test_the_words_say_the_figures() -> None:
    words = report(JUDGEMENT.figures())
    assert "accuracy                75.00 % [30.06, 95.44], 1 of 4 wrong" in words
    assert "calibration error       30.00 % (ECE, 15 bins)" in words
    assert "symbols rejected        25.00 % [4.56, 69.94], 1 of 4" in words
    assert "right among the others  66.67 % [20.77, 93.85], 2 of 3" in words
    assert "non-symbols rejected    66.67 % [20.77, 93.85], 2 of 3" in words
    assert "a           3    66.67 %   100.00 %    33.33 %" in words
    assert "c           0          -          -          -" in words
    assert " 80.0 to  86.7 %         1    80.00 %   100.00 %" in words
    assert "a for b: 1" in words


def test_a_file_of_scribbles_alone_has_rejections_and_nothing_else() -> None:
    words = report(Evaluation(("a", "b", "c"), ANSWERS[4:], np.array([3, 3, 3])).figures())
    assert words == "non-symbols rejected    66.67 % [20.77, 93.85], 2 of 3"
