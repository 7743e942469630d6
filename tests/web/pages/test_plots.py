"""The figures that the browser's charts get."""

from __future__ import annotations

import json

from functions.web.pages.charts import Axis, Mark
from functions.web.pages.plots import merged, plot

AXIS = Axis(0.9, 1.0)


def test_each_place_has_its_share_or_none() -> None:
    main = [Mark(0, 0.91, 0.9, 0.92), Mark(1, 0.95, hollow=True), Mark(2, 0.9912345, strong=True)]
    told = json.loads(json.dumps(plot("version", [10, 20, 30], AXIS, main, [None, Mark(1, 0.93), None]).data))
    assert (told["kind"], told["at"], told["low"], told["high"]) == ("version", [10, 20, 30], 0.9, 1.0)
    first, second = told["lines"]
    assert first == {
        "shares": [0.91, 0.95, 0.99123],
        "lows": [0.9, None, None],
        "highs": [0.92, None, None],
        "hollow": [1],
        "strong": [2],
    }
    assert second["shares"] == [None, 0.93, None]


def test_a_line_without_a_point_is_left_out() -> None:
    assert len(plot("window", [1, 2], AXIS, [Mark(0, 0.9), Mark(1, 1.0)], [None, None]).lines) == 1


def test_two_lines_with_places_of_their_own_share_an_axis() -> None:
    one, other = Mark(0, 0.9), Mark(0, 0.8)
    places, lines = merged([(5, one), (20, one)], [(0, other), (20, other)])
    assert places == (0, 5, 20)
    assert lines == ([None, one, one], [other, None, other])
