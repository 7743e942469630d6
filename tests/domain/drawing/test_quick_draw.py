from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing import quick_draw

points = st.tuples(st.integers(-100, 400), st.integers(-100, 400)).map(list)
lines = st.lists(st.lists(points, min_size=1, max_size=30), min_size=1, max_size=5)


@given(lines)
def test_a_simplified_drawing_touches_the_corner_and_fills_its_longer_side(strokes):
    simple = quick_draw.simplified(strokes)
    assert len(simple) == len(strokes)
    xs, ys = ([value for line in simple for value in line[axis]] for axis in (0, 1))
    assert min(*xs, *ys) >= 0 and max(*xs, *ys) <= 255
    several = len({tuple(point) for line in strokes for point in line}) > 1
    assert max(*xs, *ys) >= (253 if several else 0)  # thinning may take two pixels
    assert min(xs) <= 2 and min(ys) <= 2


def test_points_on_a_straight_line_are_left_out_and_corners_stay():
    assert quick_draw.simplified([[[0, 0], [50, 0], [100, 0], [100, 100]]]) == [[[0, 255, 255], [0, 0, 255]]]


@given(lines)
def test_the_raw_form_gives_the_points_back(strokes):
    assert quick_draw.points_of(quick_draw.raw(strokes)) == strokes


@pytest.mark.parametrize("drawing", ["text", [[[1]]], [[[1, 2], [3]]], [[[1], 2]], [7], {"a": 1}])
def test_another_form_is_refused(drawing):
    with pytest.raises(ValueError):
        quick_draw.points_of(drawing)
