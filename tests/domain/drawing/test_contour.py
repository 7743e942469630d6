from __future__ import annotations

import numpy as np
import pytest

from functions.domain.drawing import INK_SIDE
from functions.domain.drawing.contour import LONGEST_OUTLINE, MOST_RINGS, areas_below, look_closer, measure, outline
from functions.domain.drawing.normalise import square_from_ink, square_from_segments
from tests.support.pictures import coverage

TURN = np.linspace(0, 2 * np.pi, 49)


def joined(points: list) -> np.ndarray:
    points = np.array(points, float)
    return np.concatenate([points[:-1], points[1:]], axis=1)


def pin(pen: float, hole: float) -> np.ndarray:
    """A bar, a stem below it, and a loop at its end; the pen's middle goes ``hole`` pens from the loop's middle."""
    bar, top = 1.3 * pen, 160 - 2.2 * pen
    loop = [(140 + pen * hole * np.sin(a), 160 - pen * hole * np.cos(a)) for a in TURN]
    return np.concatenate([joined([(140 - bar, top), (140 + bar, top)]), joined([(140, top), *loop])])


def ink_of(path: np.ndarray, pen: float) -> np.ndarray:
    return np.round(255 * (1 - coverage(path, INK_SIDE, pen))).astype(np.uint8)


def disc(radius: float) -> np.ndarray:
    y, x = np.mgrid[:INK_SIDE, :INK_SIDE] + 0.5 - INK_SIDE / 2
    return np.where(np.hypot(x, y) < radius, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("pen", [12, 20, 28])
@pytest.mark.parametrize("hole", [0.35, 0.45])
def test_a_filled_loop_does_not_make_the_pen_look_wider(pen, hole):
    dark = coverage(pin(pen, hole), INK_SIDE, pen)
    rings, area = outline(dark)
    shape = measure(area, rings)
    assert shape.pen > 1.04 * pen
    assert look_closer(rings, shape).pen == pytest.approx(pen, rel=0.06)


def test_a_plain_line_is_as_wide_when_looked_at_closely():
    dark = coverage(joined([(60, 60), (200, 90), (90, 220)]), INK_SIDE, 22)
    rings, area = outline(dark)
    assert look_closer(rings, measure(area, rings)).pen == pytest.approx(22, rel=0.06)


@pytest.mark.parametrize("pen", [16, 20, 28])
def test_a_loop_that_a_thick_pen_filled_is_opened_again(pen):
    path = pin(pen, 0.42)
    ink = ink_of(path, pen)
    assert ink[160, 140] == 0
    seen, drawn = square_from_ink(ink), square_from_segments(path)
    bottom = np.flatnonzero(drawn[:, 14] > 0.5)[-1]
    hole = bottom - 5 + np.argmin(drawn[bottom - 5 : bottom, 14])
    assert drawn[hole, 14] < 0.2
    assert seen[hole, 14] < 0.5
    assert seen.sum() == pytest.approx(drawn.sum(), rel=0.08)


def test_two_thick_lines_that_cross_stay_black_where_they_cross():
    seen = square_from_ink(ink_of(np.array([[100.0, 100, 180, 180], [180, 100, 100, 180]]), 24))
    assert seen[14, 14] > 0.9


@pytest.mark.parametrize("radius", [20, 60, 120])
def test_a_solid_disc_stays_solid(radius):
    assert square_from_ink(disc(radius))[14, 14] == 1


def test_a_solid_shape_beside_a_line_stays_solid():
    ink = np.full((INK_SIDE, INK_SIDE), 255, np.uint8)
    ink[20:120, 20:120] = 0
    ink[120:260, 66:74] = 0
    ink[250:260, 66:240] = 0
    seen = square_from_ink(ink)
    high, wide = np.nonzero(seen > 0.5)
    assert seen[high.min() : high.min() + 7, wide.min() + 1 : wide.min() + 7].min() > 0.3


def test_what_lies_deep_in_a_disc_is_a_smaller_disc():
    dark = (255 - disc(60)).astype(np.float32) / 255
    areas = areas_below(outline(dark)[0], [0, 15, 30, 45, 61])
    assert np.array(areas) / areas[0] == pytest.approx([1, 9 / 16, 1 / 4, 1 / 16, 0], abs=0.02)


@pytest.mark.parametrize("width", [1, 2, 5, 12])
def test_a_pattern_of_thousands_of_pieces_becomes_the_shape_that_it_fills(width):
    y, x = np.mgrid[:280, :280]
    dark = np.pad(((y // width + x // width) % 2).astype(np.float32), 4)
    rings, area = outline(dark)
    assert len(rings) <= MOST_RINGS
    assert sum(map(len, rings)) <= LONGEST_OUTLINE
    points = np.concatenate(rings)
    assert np.ptp(points, axis=0) == pytest.approx([280, 280], abs=40)
    assert area > 280 * 280 / 2 * 0.9


def test_a_drawing_of_many_strokes_keeps_its_outline():
    lines = np.pad(np.zeros((280, 280), np.float32), 2)
    lines[20:260:14, 20:260] = 1
    lines[21:261:14, 20:260] = 1
    assert len(outline(lines)[0]) == 18
