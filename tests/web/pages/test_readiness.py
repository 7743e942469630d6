from __future__ import annotations

import pytest

from functions.web.pages.readiness import Readiness


def test_missing_drawings_are_added_up() -> None:
    readiness = Readiness(("a", "b", "c"), {"a": 30, "b": 15}, 30)
    assert (readiness.drawings, readiness.done, readiness.progress) == (45, 1, pytest.approx(0.5))


def test_a_set_without_new_labels_is_ready() -> None:
    assert Readiness((), {}, 30).progress == 1
