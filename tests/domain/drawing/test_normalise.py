from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing import INK_SIDE, from_png, square_from_bytes, square_to_bytes, to_png
from functions.domain.drawing.contour import measure, outline
from functions.domain.drawing.normalise import CENTRE_OF_MASS, square_from_ink
from functions.domain.drawing.strokes import segments
from tests.support.examples import examples
from tests.support.pictures import REAL, coverage, drawn, over_the_ink, placed

LEVEL = 1 / 255
hands = st.sampled_from(range(len(REAL)))
places = st.floats(0, 1)


def box(square: np.ndarray, level: float = 0.1) -> tuple[int, int]:
    rows, columns = np.flatnonzero((square > level).any(axis=1)), np.flatnonzero((square > level).any(axis=0))
    return int(rows[-1] - rows[0] + 1), int(columns[-1] - columns[0] + 1)


def middle(square: np.ndarray) -> tuple[float, float]:
    centres = np.arange(28) + 0.5
    return float((square.sum(axis=0) @ centres) / square.sum()), float((square.sum(axis=1) @ centres) / square.sum())


def seen(ink: np.ndarray) -> np.ndarray:
    return from_png(to_png(ink)).square


@examples(15)
@given(hand=hands, across=places, down=places)
def test_moving_strokes_anywhere_hardly_changes_a_grey_level(hand, across, down):
    strokes, room = REAL[hand]["strokes"], INK_SIDE - 112
    here = drawn(placed(strokes, 100, 140, 140))
    there = drawn(placed(strokes, 100, 56 + room * across, 56 + room * down))
    # Coordinates are kept to a hundredth of a pixel, and the rasteriser reads them to 1/256 of a fine one.
    assert np.abs(here.square - there.square).max() <= 3 * LEVEL


@examples(15)
@given(hand=hands, across=places, down=places)
def test_moving_a_picture_anywhere_changes_no_grey_level(hand, across, down):
    ink = drawn(placed(REAL[hand]["strokes"], 110, 140, 140)).ink
    room = INK_SIDE - 124
    moved = np.roll(ink, (round(room * across) - room // 2, round(room * down) - room // 2), axis=(0, 1))
    assert np.abs(seen(ink) - seen(moved)).max() <= LEVEL


@examples(15)
@given(hand=hands, across=places, down=places)
def test_a_move_by_part_of_a_pixel_hardly_shows_in_a_picture(hand, across, down):
    # Ink has whole pixels and 256 levels, so an outline's place is known to a few hundredths of a pixel, not exactly.
    one = seen(drawn(placed(REAL[hand]["strokes"], 160, 140, 140)).ink)
    other = seen(drawn(placed(REAL[hand]["strokes"], 160, 139.5 + across, 139.5 + down)).ink)
    assert np.abs(one - other).max() <= 8 * LEVEL
    assert over_the_ink(one, other) <= 1.5


@examples(15)
@given(hand=hands, scale=st.floats(0.4, 1.6))
def test_scaling_strokes_hardly_changes_the_square(hand, scale):
    strokes = REAL[hand]["strokes"]
    one, other = drawn(placed(strokes, 160, 140, 140)), drawn(placed(strokes, 160 * scale, 140, 140))
    assert over_the_ink(one.square, other.square) <= 12


@examples(10)
@given(hand=hands, scale=st.floats(0.4, 1.6))
def test_scaling_a_picture_with_its_pen_hardly_changes_the_square(hand, scale):
    path = segments(drawn(placed(REAL[hand]["strokes"], 155, 140, 140)).strokes)

    def at(scale: float) -> np.ndarray:
        return np.round(255 * (1 - coverage((path - 140) * scale + 140, INK_SIDE, 12 * scale))).astype(np.uint8)

    assert over_the_ink(seen(at(1)), seen(at(scale))) <= 12


@pytest.mark.parametrize("scale", [0.4, 0.6, 0.8, 1.2, 1.6])
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.long_run)])
def test_scaling_a_picture_under_the_same_pen_hardly_changes_the_square(scale, step):
    # A small loop drawn with a thick pen is a blot: those few drawings differ more, so real hands are averaged.
    differences = [
        over_the_ink(
            seen(drawn(placed(hand["strokes"], 160, 140, 140)).ink),
            seen(drawn(placed(hand["strokes"], 160 * scale, 140, 140)).ink),
        )
        for hand in REAL[::step]
    ]
    assert np.mean(differences) <= 12


def test_a_picture_and_its_strokes_are_the_same_square():
    drawings = [drawn(placed(hand["strokes"], 180, 140, 140)) for hand in REAL[::3]]
    differences = [over_the_ink(drawing.square, seen(drawing.ink)) for drawing in drawings]
    assert np.mean(differences) < 4


@pytest.mark.parametrize("hand", range(0, 60, 7))
def test_the_longest_side_is_twenty_and_the_mass_is_in_the_middle(hand):
    drawing = drawn(REAL[hand]["strokes"], 500, 500)
    for square in (drawing.square, seen(drawing.ink)):
        assert 20 <= max(box(square)) <= 21
        assert middle(square) == pytest.approx((CENTRE_OF_MASS, CENTRE_OF_MASS), abs=0.05)
        assert square.dtype == np.float32
        assert 0 <= square.min() <= square.max() <= 1


def test_a_wide_drawing_keeps_its_proportions():
    square = drawn([[[40, 120], [240, 120], [240, 160]]]).square
    high, wide = box(square)
    assert 20 <= wide <= 21
    assert high == pytest.approx(2.6 + 17.4 * 40 / 200, abs=1.2)


def test_the_pen_is_as_wide_as_mnists_whatever_drew_it():
    for pen in (4, 8, 16, 32):
        ink = np.full((INK_SIDE, INK_SIDE), 255, np.uint8)
        ink[40:240, 140 - pen // 2 : 140 + pen // 2] = 0
        square = square_from_ink(ink)
        assert square[14].sum() == pytest.approx(2.6, abs=0.15)
        assert 20 <= max(box(square)) <= 21


@pytest.mark.parametrize("radius", [1.5, 3, 6, 10])
def test_a_dot_stays_a_dot(radius):
    y, x = np.mgrid[:INK_SIDE, :INK_SIDE]
    ink = np.where((y - 99.5) ** 2 + (x - 59.5) ** 2 < radius**2, 0, 255).astype(np.uint8)
    assert max(box(square_from_ink(ink))) <= 7
    assert max(box(drawn([[[60, 100]]]).square)) <= 4
    assert max(box(drawn([[[60, 100], [60 + radius / 2, 100]]]).square)) <= 11


def test_a_large_filled_shape_stays_large():
    ink = np.full((INK_SIDE, INK_SIDE), 255, np.uint8)
    ink[40:240, 60:220] = 0
    assert 20 <= max(box(square_from_ink(ink))) <= 21


def test_a_loop_does_not_fill_up_and_a_thin_part_does_not_vanish():
    y, x = np.mgrid[:INK_SIDE, :INK_SIDE] - 140
    ring = np.where(np.abs(np.hypot(x, y) - 80) < 3, 0, 255).astype(np.uint8)
    assert square_from_ink(ring)[14, 14] == 0
    bold = np.where((np.abs(x) < 25) & (np.abs(y) < 100), 0, 255).astype(np.uint8)
    bold[135:145, 140:230] = 0  # a line of 10 beside a bar of 50
    assert (square_from_ink(bold)[:, 20:22].sum(axis=0) > 0.3).all()


@examples(10)
@given(width=st.floats(4, 30), length=st.floats(60, 200), angle=st.floats(0, np.pi))
def test_the_pen_is_measured_from_the_outline(width, length, angle):
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    dark = coverage(np.array([[*(140 - reach), *(140 + reach)]]), INK_SIDE, width)
    rings, area = outline(dark)
    assert measure(area, rings).pen == pytest.approx(width, rel=0.025)


def test_bytes_give_the_square_back():
    square = drawn(REAL[3]["strokes"], 500, 500).square
    body = square_to_bytes(square)
    assert len(body) == 784
    assert np.abs(square_from_bytes(body) - square).max() <= LEVEL / 2 + 1e-6
    assert square_to_bytes(square_from_bytes(body)) == body
    with pytest.raises(ValueError, match="784"):
        square_from_bytes(b"short")


@pytest.mark.parametrize("count", [2, 20, 60])
def test_specks_all_over_the_paper_are_seen(count):
    ink = np.full((280, 280), 255, np.uint8)
    for y, x in np.random.default_rng(count).integers(4, 276, (count, 2)):
        ink[y, x] = 0
    square = square_from_ink(ink)
    assert np.isfinite(square).all()
    assert square.max() > 0.5
