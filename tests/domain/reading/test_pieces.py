from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from functions.domain.reading.pieces import Piece, gaps, line_height, slant


def piece(*points: tuple[float, float]) -> Piece:
    return Piece(np.array(points, float), 0)


def test_dashes_and_dots_say_nothing_about_the_line() -> None:
    assert line_height([piece((0, 0), (0, 100)), piece((10, 50), (40, 51)), piece((60, 10), (60, 100))]) == pytest.approx(95)


def test_one_dash_alone_has_the_line_of_its_length() -> None:
    assert line_height([piece((0, 50), (80, 51))]) == pytest.approx(80)


def test_writing_leans_as_its_steep_parts_do_whichever_way_they_were_drawn() -> None:
    down, up = piece((30, 0), (0, 100)), piece((40, 100), (70, 0))
    assert slant([down, up, piece((0, 50), (200, 50))]) == pytest.approx(0.3)
    assert slant([piece((0, 0), (50, 1))]) == 0


def test_the_distance_of_pieces_is_that_of_their_points_where_their_boxes_meet() -> None:
    bow = piece(*((50 * np.cos(a), 50 * np.sin(a)) for a in np.linspace(-1.5, 1.5, 60)))
    inside = piece((20, 0), (20, 1))
    beside = piece((150, 0), (150, 10))
    away = gaps([bow, inside, beside])
    assert away[0, 1] == pytest.approx(30, abs=1)
    assert away[0, 2] == away[2, 0] == pytest.approx(100, abs=1)


def test_scribbles_over_each_other_are_compared_coarsely_but_almost_exactly() -> None:
    rng = np.random.default_rng(0)
    scribbles = [piece(*rng.uniform(0, 100, (3000, 2)).tolist()) for _ in range(4)]
    away = gaps(scribbles)
    assert away.max() < 0.5
    assert (np.diag(away) == 0).all()


def test_two_long_strokes_that_cross_are_compared_in_little_memory() -> None:
    rng = np.random.default_rng(0)
    crossing = [piece(*rng.uniform(0, 100, (2000, 2)).tolist()) for _ in range(2)]
    tracemalloc.start()
    away = gaps(crossing)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
    one, other = (each.points for each in crossing)
    assert away[0, 1] == pytest.approx(np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)).min(), abs=1e-4)
