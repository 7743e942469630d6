"""Two versions compared by the errors that each keeps."""

from __future__ import annotations

import numpy as np
import pytest

from functions.domain.monitoring.comparison import compare_versions, kept_errors

Y = np.array([0, 0, 1, 1, 2, 2] * 20)
LABELS = ("a", "b", "c")


def wrong(*places: int) -> np.ndarray:
    given = Y.copy()
    given[list(places)] = (given[list(places)] + 1) % 3
    return given


def test_what_only_one_of_two_versions_answers_correctly_is_counted_by_label() -> None:
    first, second = kept_errors(Y, wrong(0), wrong(0, 2, 4)), kept_errors(Y, wrong(0), wrong(0, 5, 8, 9))
    found = compare_versions(first, second, LABELS)
    assert found is not None
    assert (found.count, found.first, found.second) == (120, 117, 116)
    assert (found.only_first, found.only_second, found.neither) == (3, 2, 1)
    by_label = {one.label: (one.only_first, one.only_second, one.neither) for one in found.labels}
    assert by_label == {"a": (0, 0, 1), "b": (2, 1, 0), "c": (1, 1, 0)}
    assert found.chance == 1.0
    assert not found.differs


def test_the_version_before_is_compared_by_what_its_child_kept() -> None:
    kept = kept_errors(Y, wrong(*range(40, 60)), wrong())
    found = compare_versions(kept, kept, LABELS, of=("before", "after"))
    assert found is not None
    assert (found.only_first, found.only_second) == (0, 20)
    assert found.chance == pytest.approx(2 * 0.5**20)
    assert found.differs


def test_other_drawings_cannot_be_compared() -> None:
    assert compare_versions(kept_errors(Y, Y, Y), kept_errors(Y[::-1], Y[::-1], Y[::-1]), LABELS) is None


def test_a_thousand_errors_take_little_room() -> None:
    y = np.random.default_rng(0).integers(0, 47, 5_000)
    given = np.where(np.arange(5_000) % 5 == 0, (y + 1) % 47, y)
    assert len(kept_errors(y, y, given)["after"]) < 4_000
