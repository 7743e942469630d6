from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing import Point, Strokes, from_json, from_strokes, parse_strokes, to_json
from functions.errors import BadStrokes, EmptyDrawing, Situation, TooLarge
from tests.support.examples import examples
from tests.support.pictures import REAL, drawn

LINE = [[[10, 20], [30, 40]]]


def test_strokes_become_points_with_what_is_known_of_them():
    strokes = parse_strokes([[[1, 2], [3, 4, 5], [6, 7, 8, 0.5], [6, 7, None, 0.25]]], 280, 140, "pen")
    assert strokes == Strokes(((Point(1, 2), Point(3, 4, 5), Point(6, 7, 8, 0.5), Point(6, 7, None, 0.25)),), 280, 140, "pen")


def test_a_single_point_is_a_drawing():
    drawing = drawn([[[140, 140]]])
    assert drawing.ink[140, 140] == 0
    assert 0.5 < drawing.square.sum() < 10


@pytest.mark.parametrize("strokes", [[], [[]], [[], []], (), [()]])
def test_no_points_are_no_drawing(strokes):
    with pytest.raises(EmptyDrawing, match="Nothing is drawn"):
        parse_strokes(strokes, 280, 280)


@pytest.mark.parametrize("strokes", [None, 5, "abc", {}, [5], ["ab"], [None], [[5]], [[[1]]], [[[1, 2, 3, 0.4, 5]]], [[{}]]])
def test_what_is_not_a_list_of_lists_of_points_is_refused(strokes):
    with pytest.raises(BadStrokes):
        parse_strokes(strokes, 280, 280)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), True, "1", None, [], 10**400, 1e300])
def test_a_coordinate_that_is_no_number_on_the_canvas_is_refused(value):
    with pytest.raises(BadStrokes, match="Stroke 2, point 1"):
        parse_strokes([*LINE, [[5, value]]], 280, 280)


@pytest.mark.parametrize("side", [None, 0, -1, float("nan"), float("inf"), True, "280", 1e9, 1e-9, 10**400])
def test_a_canvas_needs_a_size(side):
    with pytest.raises(BadStrokes, match="width"):
        parse_strokes(LINE, side, 280)
    with pytest.raises(BadStrokes, match="height"):
        parse_strokes(LINE, 280, side)


@pytest.mark.parametrize("pointer", ["finger", "", 5, [], True])
def test_an_unknown_pointer_is_refused(pointer):
    with pytest.raises(BadStrokes, match="mouse, touch or pen"):
        parse_strokes(LINE, 280, 280, pointer)


@pytest.mark.parametrize("point", [[1, 2, "now"], [1, 2, 1e300], [1, 2, 3, 1.1], [1, 2, 3, -0.1], [1, 2, 3, True]])
def test_time_and_pressure_are_checked_too(point):
    with pytest.raises(BadStrokes):
        parse_strokes([[point]], 280, 280)


def test_at_most_two_hundred_strokes_and_ten_thousand_points_are_taken():
    assert len(parse_strokes([[[1, 1]]] * 200, 280, 280).lines) == 200
    assert len(parse_strokes([[[1, 1]] * 10_000], 280, 280).lines[0]) == 10_000
    with pytest.raises(TooLarge, match="200 strokes"):
        parse_strokes([[[1, 1]]] * 201, 280, 280)
    with pytest.raises(TooLarge, match="10000 points"):
        parse_strokes([[[1, 1]] * 5000, [[1, 1]] * 5001], 280, 280)


def test_a_clock_that_steps_back_is_held():
    strokes = parse_strokes([[[1, 1, -5], [1, 2, 10]], [[1, 3, 7], [1, 4, 12.34]]], 280, 280)
    assert [point.t for line in strokes.lines for point in line] == [0, 10, 10, 12.3]


def test_a_pen_may_leave_the_canvas_and_only_what_lies_on_it_is_drawn():
    drawing = drawn([[[140, 100], [400, 100]]])
    assert drawing.strokes is not None
    assert drawing.strokes.lines[0][1].x == 400
    short = drawn([[[140, 100], [280, 100]]])
    assert np.array_equal(drawing.ink, short.ink)
    assert np.array_equal(drawing.square, short.square)


def test_a_drawing_beside_the_canvas_is_empty():
    with pytest.raises(EmptyDrawing):
        drawn([[[300, 300], [400, 310]]])
    with pytest.raises(BadStrokes, match="far outside"):
        drawn([[[300, 700]]])


def test_the_same_drawing_on_another_canvas_is_the_same_ink():
    strokes = REAL[7]["strokes"]
    double = [[[2 * x, 2 * y] for x, y in line] for line in strokes]
    assert np.array_equal(drawn(strokes, 500, 500).ink, drawn(double, 1000, 1000).ink)


def test_the_same_strokes_are_the_same_picture_in_another_process():
    code = """
import hashlib
from functions.domain.drawing import square_to_bytes, to_png
from tests.support.pictures import REAL, drawn
drawings = [drawn(hand["strokes"], 500, 500) for hand in REAL[::6]]
print(hashlib.sha256(b"".join(to_png(one.ink) + square_to_bytes(one.square) for one in drawings)).hexdigest())
"""
    root = Path(__file__).parents[3]
    found = {subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True).stdout for _ in range(2)}
    assert len(found) == 1


def test_a_wide_canvas_keeps_its_proportions_and_is_centred():
    ink = drawn([[[0, 50], [400, 50]], [[200, 0], [200, 100]]], 400, 100).ink
    rows, columns = np.flatnonzero((ink < 128).any(axis=1)), np.flatnonzero((ink < 128).any(axis=0))
    assert (columns[0], columns[-1]) == (0, 279)
    assert 70 <= rows[-1] - rows[0] + 1 <= 82
    assert rows[0] + rows[-1] == 279


@pytest.mark.parametrize("pointer", [None, "mouse", "touch", "pen"])
def test_json_gives_the_same_strokes_back(pointer):
    strokes = parse_strokes([[[1.23456, 2], [3, 4, 5], [6, 7, 8, 0.5]], [], [[9, 9, None, 0.1]]], 280, 280, pointer)
    text = json.dumps(to_json(strokes))
    assert from_json(json.loads(text)) == strokes
    assert json.dumps(to_json(from_json(json.loads(text)))) == text


def test_json_is_as_short_as_it_can_be():
    facts = to_json(parse_strokes([[[1.0, 2.000001], [-0.0, 3, None, None]]], 280.0, 280, None))
    assert json.dumps(facts) == '{"strokes": [[[1, 2], [0, 3]]], "width": 280, "height": 280}'


@pytest.mark.parametrize("facts", [{}, [], {"strokes": LINE, "width": 1}, {"strokes": LINE, "width": 280, "height": 280, "x": 1}])
def test_other_facts_are_refused(facts):
    with pytest.raises(BadStrokes):
        from_json(facts)


numbers = st.one_of(
    st.integers(-600, 900), st.floats(-600, 900), st.floats(), st.booleans(), st.none(), st.text(max_size=3), st.just(10**400)
)
lines = st.lists(st.lists(st.lists(numbers, max_size=5), max_size=5) | numbers, max_size=5)


@examples(60)
@given(strokes=lines | numbers, width=numbers, height=numbers, pointer=st.sampled_from([None, "pen", "x", 4]))
def test_anything_at_the_door_is_a_drawing_or_a_situation(strokes, width, height, pointer):
    try:
        read = parse_strokes(strokes, width, height, pointer)
    except Situation:
        return
    assert from_json(json.loads(json.dumps(to_json(read)))) == read
    try:
        from_strokes(read)
    except EmptyDrawing:
        return


def test_a_drawing_cannot_be_painted_over():
    drawing = drawn(REAL[0]["strokes"], 500, 500)
    with pytest.raises(ValueError, match="read-only"):
        drawing.ink[0, 0] = 0
