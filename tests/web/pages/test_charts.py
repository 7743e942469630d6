"""Where the marks of a chart lie; its frame is 300 x 150, of which 2 % are left free on both sides."""

from __future__ import annotations

import pytest

from functions.web.pages.charts import Axis, Dot, Mark, chart, evenly


def test_a_line_has_a_path_a_band_and_dots() -> None:
    drawn = chart([Mark(0.0, 0.9, 0.8, 0.95), Mark(1.0, 1.0, 0.9, 1.0)])
    assert drawn.axis == Axis(0.8, 1.0)
    (line,) = drawn.lines
    assert line.path == "M6.0 75.0L294.0 0.0"
    assert line.band == "M6.0 37.5L294.0 0.0L294.0 75.0L6.0 150.0Z"
    assert line.dots == (Dot(6.0, 75.0, "", False, False), Dot(294.0, 0.0, "", False, False))


def test_a_single_mark_has_a_bar_instead_of_a_band() -> None:
    (line,) = chart([Mark(evenly(0, 1), 0.9, 0.8, 0.95)]).lines
    assert (line.path, line.band) == ("", "")
    assert line.dots == (Dot(150.0, 75.0, "M150.0 150.0V37.5", False, False),)


def test_what_never_answered_is_a_dot_beside_the_line() -> None:
    (line,) = chart([Mark(0.0, 1.0), Mark(0.5, 0.9, hollow=True), Mark(1.0, 1.0, strong=True)]).lines
    assert line.path == "M6.0 0.0L294.0 0.0"
    assert [(dot.hollow, dot.strong, dot.y) for dot in line.dots] == [
        (False, False, 0.0),
        (True, False, 150.0),
        (False, True, 0.0),
    ]


def test_the_other_line_lies_below_and_has_no_band() -> None:
    drawn = chart([Mark(0, 1.0)], [Mark(0, 0.7, 0.1, 0.9), Mark(1, 0.8, 0.2, 0.9)])
    assert [line.kind for line in drawn.lines] == ["other", "main"]
    assert drawn.lines[0].band == ""


@pytest.mark.parametrize(
    ("least", "floor", "digits"), [(0.995, 0.99, 1), (0.989, 0.98, 0), (0.95, 0.9, 0), (0.61, 0.6, 0), (0.1, 0.0, 0)]
)
def test_an_axis_up_to_one_begins_below_what_it_shows(least: float, floor: float, digits: int) -> None:
    axis = chart([Mark(0, 1.0, least, 1.0)]).axis
    assert (axis.low, axis.high, axis.digits) == (floor, 1.0, digits)
    assert axis.ticks == (floor, pytest.approx((floor + 1) / 2), 1.0)


@pytest.mark.parametrize(("most", "ceiling", "digits"), [(0.004, 0.01, 1), (0.05, 0.1, 0), (0.1, 0.2, 0), (0.99, 1.0, 0)])
def test_an_axis_from_zero_ends_above_what_it_shows(most: float, ceiling: float, digits: int) -> None:
    axis = chart([Mark(0, 0.001, 0.0, most)], from_zero=True).axis
    assert (axis.low, axis.high, axis.digits) == (0.0, ceiling, digits)


def test_the_labels_of_an_axis_have_the_decimals_of_its_steps() -> None:
    assert [Axis(low, 1.0).digits for low in (0.98, 0.99, 0.995)] == [0, 1, 2]


def test_what_lies_outside_an_axis_lies_on_its_edge() -> None:
    axis = Axis(0.5, 1.0)
    assert (axis.up(0.2), axis.up(0.75), axis.up(1.2)) == (150.0, 75.0, 0.0)


def test_marks_are_spread_evenly() -> None:
    assert [evenly(place, 3) for place in range(3)] == [0.0, 0.5, 1.0]
    assert evenly(0, 1) == 0.5
