from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing.render import clip, coverage, distance, thin_out
from tests.support.examples import examples


def exact(segments: np.ndarray, side: int) -> np.ndarray:
    """The distance of every pixel's centre, one segment at a time."""
    y, x = np.mgrid[:side, :side] + 0.5
    best = np.full((side, side), np.inf)
    for x0, y0, x1, y1 in segments:
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        t = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1) if length else 0
        best = np.minimum(best, np.hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)))
    return best


coordinates = st.floats(-20, 60)


@examples(30)
@given(st.lists(st.tuples(coordinates, coordinates, coordinates, coordinates), min_size=1, max_size=8), st.floats(0.5, 12))
def test_the_distance_is_the_distance(segments, reach):
    path = np.array(segments)
    # Squares are kept in single precision, so nearness itself is exact to a few thousandths of a pixel.
    assert np.abs(distance(path, 40, reach) - np.minimum(exact(path, 40), reach)).max() < 1e-2


def test_a_level_line_is_as_thick_as_its_pen():
    cover = coverage(np.array([[5.0, 20.3, 35.0, 20.3]]), 40, 6)
    assert cover[:, 20].sum() == pytest.approx(6, abs=1e-4)
    assert cover[17, 20] == pytest.approx(0.7, abs=1e-4)


def test_ends_and_joins_are_round():
    dot = coverage(np.array([[20.0, 20.0, 20.0, 20.0]]), 40, 10)
    assert dot.sum() == pytest.approx(np.pi * 25, rel=0.01)
    assert np.allclose(dot, dot.T)
    assert np.allclose(dot, dot[::-1])


def test_a_scribble_is_drawn_as_its_pieces_would_be():
    turns = np.random.default_rng(0).uniform(0, 60, (3000, 2))
    path = thin_out(turns, 0.5)
    quick, slow = coverage(path, 60, 4), np.clip(2.5 - distance(path, 60, 3), 0, 1)
    assert np.abs(quick - slow).mean() < 0.01


def test_thinning_keeps_ends_and_dots():
    line = np.array([[0, 0], [0.01, 0], [0.02, 0], [5, 0], [5.01, 0]])
    assert thin_out(line, 0.5).tolist() == [[0, 0, 5, 0], [5, 0, 5.01, 0]]
    assert thin_out(line[:1], 0.5).tolist() == [[0, 0, 0, 0]]


def test_clipping_cuts_at_the_edge_and_drops_what_is_outside():
    path = np.array(
        [[-10, 5, 20, 5], [3, 3, 4, 4], [-5, -5, -1, -1], [3, 20, 3, 5], [0, 12, 12, 0.0], [7, 7, 7, 7], [-1, 5, -1, 5]]
    )
    cut = clip(path, 10, 10)
    assert cut.tolist() == [[0, 5, 10, 5], [3, 3, 4, 4], [3, 10, 3, 5], [2, 10, 10, 2], [7, 7, 7, 7]]
