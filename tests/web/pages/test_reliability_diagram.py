"""The points of a reliability diagram."""

from __future__ import annotations

import pytest

from functions.domain.monitoring import wilson_interval
from functions.web.pages.reliability_diagram import reliability_points


def test_empty_bins_have_no_point() -> None:
    bins = [
        {"low": 0.0, "high": 0.5, "count": 0, "confidence": None, "accuracy": None},
        {"low": 0.5, "high": 0.75, "count": 10, "confidence": 0.6, "accuracy": 0.7},
        {"low": 0.75, "high": 1.0, "count": 30, "confidence": 0.9, "accuracy": 0.9},
    ]
    points = reliability_points(bins)
    assert [(point.confidence, point.accuracy, point.count, point.share) for point in points] == [
        (0.6, 0.7, 10, 0.25),
        (0.9, 0.9, 30, 0.75),
    ]
    assert all(point.low < point.accuracy < point.high for point in points)
    assert reliability_points([]) == ()


def test_the_interval_is_wilsons() -> None:
    assert wilson_interval(0.7, 10) == (pytest.approx(0.3968, abs=1e-4), pytest.approx(0.8922, abs=1e-4))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_few_answers_that_are_all_alike_prove_little(share: float) -> None:
    low, high = wilson_interval(share, 3)
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0.5
