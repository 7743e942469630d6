from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing.render import Area, Paper, PenPath, clip, lines_of, segments_of, thin_out
from tests.support.examples import examples
from tests.support.pictures import coverage

RECTANGLE = np.array([[10.0, 10], [30, 10], [30, 20], [10, 20], [10, 10]])
HOLE = np.array([[15.0, 12], [15, 18], [25, 18], [25, 12], [15, 12]])  # the other way round, as an outline's holes are


def stroked(path: np.ndarray, side: int, pen: float) -> np.ndarray:
    paper = Paper(side)
    paper.draw(PenPath(path), pen)
    return paper.raster / 255


def area(rings: list[np.ndarray], by: float) -> float:
    paper = Paper(40)
    paper.fill(Area(rings), by)
    return float(paper.raster.sum() / 255)


coordinates = st.floats(-20, 60)


@examples(30)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=8), st.floats(2, 12))
def test_a_pen_covers_what_lies_within_half_its_width_of_the_path(points, pen):
    path = segments_of(np.array(points))
    paper = Paper(160)
    paper.draw(PenPath(4 * path), 4 * pen)
    wanted, drawn = coverage(path, 40, pen), paper.averaged(4) / 255
    # Where two edges meet in one fine pixel, the rasteriser adds them up.
    assert np.abs(drawn - wanted).mean() < 0.01
    assert drawn[wanted == 1].min(initial=1) > 0.8
    assert drawn[coverage(path, 40, pen + 1) == 0].max(initial=0) == 0


def test_a_level_line_is_as_thick_as_its_pen():
    cover = stroked(np.array([[5.0, 20.25, 35.0, 20.25]]), 40, 6)
    assert cover[:, 20].sum() == pytest.approx(6, abs=0.01)
    assert cover[17, 20] == pytest.approx(0.75, abs=0.01)


def test_ends_and_joins_are_round():
    dot = stroked(np.array([[20.0, 20.0, 20.0, 20.0]]), 40, 10)
    assert dot.sum() == pytest.approx(np.pi * 25, rel=0.03)
    assert np.allclose(dot, dot.T, atol=0.02)
    assert np.allclose(dot, dot[::-1], atol=0.02)


def test_a_scribble_of_thousands_of_segments_is_drawn_whole():
    path = segments_of(np.random.default_rng(0).uniform(0, 60, (5000, 2)))
    assert stroked(path, 60, 4)[2:-2, 2:-2].min() > 0.99


def test_a_path_longer_than_people_draw_looks_the_same():
    path = segments_of(np.random.default_rng(0).uniform(20, 92, (30, 2)))
    exact = Paper(112)
    exact.draw(PenPath(path), 10.4)
    assert PenPath(path).outline is not None
    quick = PenPath(np.tile(path, (20, 1)))
    assert quick.outline is None
    paper = Paper(112)
    paper.draw(quick, 10.4, np.array([0.25, -0.25]))
    assert np.abs(paper.averaged(4).astype(int) - exact.averaged(4)).mean() < 4


@pytest.mark.parametrize("points", [12_000, 3])
def test_a_path_of_sharp_turns_or_of_thousands_of_pieces_has_no_outline(points):
    turns = np.column_stack([50 + np.arange(points) % 2, np.linspace(10, 90, points)])
    assert (PenPath(segments_of(turns)).outline is None) == (points > 3)
    pieces = np.random.default_rng(0).uniform(0, 100, (points, 4))
    assert len(PenPath(pieces).lines) == (1 if points > 3 else 3)


def test_an_area_grows_and_shrinks_by_the_way_its_outline_moves():
    assert area([RECTANGLE], 0) == pytest.approx(200)
    assert area([RECTANGLE], 2) == pytest.approx(200 + 2 * 60 + np.pi * 4, rel=0.01)
    assert area([RECTANGLE], -2) == pytest.approx(16 * 6, rel=0.01)
    assert area([RECTANGLE], -5.1) == 0


def test_a_hole_shrinks_while_the_area_around_it_grows():
    assert area([RECTANGLE, HOLE], 0) == pytest.approx(140)
    assert area([RECTANGLE, HOLE], 1) == pytest.approx(200 + 60 + np.pi - 8 * 4, rel=0.01)


def test_threads_draw_the_same_as_one_alone():
    paths = [segments_of(np.random.default_rng(seed).uniform(0, 100, (50, 2))) for seed in range(40)]
    alone = [stroked(path, 100, 5) for path in paths]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda path: stroked(path, 100, 5), paths * 5))
    assert all(np.array_equal(one, alone[at % 40]) for at, one in enumerate(together))


def test_a_path_is_the_strokes_it_was_made_from():
    strokes = [np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[7.0, 8]])]
    lines = lines_of(np.concatenate([segments_of(line) for line in strokes]))
    assert [line.tolist() for line in lines] == [[[1, 2], [3, 4], [5, 6]], [[7, 8], [7, 8]]]


def test_thinning_keeps_ends_and_dots():
    line = np.array([[0, 0], [0.01, 0], [0.02, 0], [5, 0], [5.01, 0]])
    assert thin_out(line, 0.5).tolist() == [[0, 0], [5, 0], [5.01, 0]]
    assert thin_out(line[:1], 0.5).tolist() == [[0, 0]]


def test_clipping_cuts_at_the_edge_and_drops_what_is_outside():
    path = np.array(
        [[-10, 5, 20, 5], [3, 3, 4, 4], [-5, -5, -1, -1], [3, 20, 3, 5], [0, 12, 12, 0.0], [7, 7, 7, 7], [-1, 5, -1, 5]]
    )
    cut = clip(path, 10, 10)
    assert cut.tolist() == [[0, 5, 10, 5], [3, 3, 4, 4], [3, 10, 3, 5], [2, 10, 10, 2], [7, 7, 7, 7]]


def test_a_path_on_the_paper_is_not_cut():
    path = np.array([[0.0, 0, 10, 10], [3, 3, 3, 3]])
    assert clip(path, 10, 10).tolist() == path.tolist()
