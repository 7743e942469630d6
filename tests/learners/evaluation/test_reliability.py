"""Confidence against accuracy, in bins."""

from __future__ import annotations

import numpy as np
import pytest

from functions.learners.evaluation.reliability import calibration_error, reliability_bins


def answers(*confidences: float) -> np.ndarray:
    """Answers of two labels, the first of which is the surer."""
    return np.array([[c, 1 - c] for c in confidences])


def test_an_answer_lies_in_the_bin_of_its_confidence() -> None:
    bins = reliability_bins(answers(0.55, 0.72, 0.78, 1.0), np.array([0, 0, 1, 0]), bins=10)
    assert [one["count"] for one in bins] == [0, 0, 0, 0, 0, 1, 0, 2, 0, 1]
    assert bins[7] == {"low": 0.7, "high": 0.8, "count": 2, "confidence": 0.75, "accuracy": 0.5}
    assert bins[0] == {"low": 0.0, "high": 0.1, "count": 0, "confidence": None, "accuracy": None}


def test_the_error_is_the_mean_gap_weighted_by_the_answers() -> None:
    p, y = answers(0.55, 0.72, 0.78, 1.0), np.array([0, 0, 1, 0])
    assert calibration_error(p, y, bins=10) == pytest.approx((0.45 + 2 * 0.25 + 0) / 4)


def test_the_calibration_error_follows_from_the_bins() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(5) * 0.3, 2000)
    y = rng.integers(0, 5, 2000)
    bins = [one for one in reliability_bins(p, y) if one["count"]]
    gaps = sum(one["count"] * abs(one["confidence"] - one["accuracy"]) for one in bins) / 2000
    assert gaps == pytest.approx(calibration_error(p, y), abs=1e-5)
    assert sum(one["count"] for one in bins) == 2000


def test_no_answers_have_no_error() -> None:
    nothing = np.zeros((0, 3))
    assert calibration_error(nothing, np.zeros(0, np.int64)) == 0
    assert {one["count"] for one in reliability_bins(nothing, np.zeros(0, np.int64))} == {0}
