from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing.ink import Point
from functions.domain.drawing.points import bare_points, read_points
from functions.errors import BadStrokes
from tests.support.examples import examples

x_or_y = st.integers(-280, 560) | st.floats(-280, 560)
t = st.none() | st.integers(-5, 10**9) | st.floats(0, 1e9)
pressure = st.none() | st.floats(0, 1) | st.integers(0, 1)
point = st.one_of(st.tuples(x_or_y, x_or_y), st.tuples(x_or_y, x_or_y, t), st.tuples(x_or_y, x_or_y, t, pressure).map(list))
wrong = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.lists(st.integers(0, 9), max_size=1),
    st.sampled_from(
        [
            [1, 2, 3, 0.5, 5],
            [True, 1],
            [1, None],
            ["1", 2],
            [1, float("nan")],
            [1e308, 1],
            [-281, 1],
            [1, 561],
            [1, 2, 2e9],
            [1, 2, float("inf")],
            [1, 2, "3"],
            [1, 2, 3, 1.01],
            [1, 2, None, True],
            [1, 10**400],
            {},
            {"x": 1, "y": 2},
        ]
    ),
)


@examples(40)
@given(st.lists(st.lists(point, max_size=6), max_size=4).filter(any))
def test_points_are_rounded_and_the_clock_never_steps_back(strokes):
    lines = read_points(strokes, 280, 280)
    assert list(map(len, lines)) == [len(line) for line in strokes if line]
    given_points = [list(one) + [None] * (4 - len(one)) for line in strokes for one in line]
    clock = 0.0
    for read, told in zip([one for line in lines for one in line], given_points, strict=True):
        assert isinstance(read, Point)
        assert read.x == pytest.approx(told[0], abs=0.0051)
        assert read.y == pytest.approx(told[1], abs=0.0051)
        assert (read.t is None, read.pressure is None) == (told[2] is None, told[3] is None)
        assert read.pressure is None or read.pressure == pytest.approx(told[3], abs=0.00051)
        if read.t is not None:
            assert read.t >= clock
            assert read.t == pytest.approx(max(clock, told[2]), abs=0.051)
            clock = read.t


@examples(30)
@given(st.lists(st.lists(point, min_size=1, max_size=6), min_size=1, max_size=4))
def test_points_that_were_read_once_are_read_the_same_again(strokes):
    lines = read_points(strokes, 280, 280)
    assert read_points(bare_points(lines), 280, 280) == lines


@examples(40)
@given(st.lists(point, max_size=5), wrong, st.lists(point, max_size=5))
def test_the_first_point_that_is_wrong_is_named(before, bad, after):
    with pytest.raises(BadStrokes, match=f"^Stroke 2, point {len(before) + 1}[ :]"):
        read_points([[(1, 1)], [*before, bad, *after, "wrong as well"]], 280, 280)
