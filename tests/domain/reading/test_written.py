from __future__ import annotations

import numpy as np
import pytest

from functions.domain.drawing import from_strokes, parse_strokes
from functions.domain.reading import Written
from functions.domain.reading.pieces import MOST_WHOLE
from functions.domain.reading.written import MOST_DENSE, MOST_TOGETHER
from functions.errors import EmptyDrawing, TooLarge
from tests.support.sample_lines import line, strokes_of

JOINED = [[20, 20], [20, 120], [60, 30], [100, 30], [100, 120]]  # two uprights and the way between them


def written(*lines: list[list[float]], side: float = 200) -> Written:
    return Written.of(parse_strokes(list(lines), side, side))


def test_a_glyph_has_its_own_strokes_on_a_canvas_of_its_own() -> None:
    fields = line("47")
    glyph = Written.of(strokes_of(fields)).glyph((2, 3))
    strokes = glyph.drawing.strokes
    assert strokes is not None
    assert strokes.width == strokes.height
    assert 125 <= strokes.width <= 200
    assert glyph.place.strokes == (2, 3)
    back = [[point.x + glyph.place.left, point.y + glyph.place.top] for point in strokes.lines[0]]
    assert np.allclose(back, fields["strokes"][2], atol=0.02)
    assert glyph.box == pytest.approx((130, 40, 185, 140), abs=1)


def test_a_glyph_looks_as_if_it_had_been_drawn_alone() -> None:
    alone = line("8")
    glyph = Written.of(strokes_of(line("181"))).glyph((1,))
    assert np.abs(glyph.drawing.square - from_strokes(strokes_of(alone)).square).mean() < 0.01
    assert np.abs(glyph.drawing.square - Written.of(strokes_of(alone)).square((0,))).max() < 0.02


def test_a_stroke_is_cut_where_it_turns_and_where_it_goes_right() -> None:
    whole = written(JOINED)
    places = whole.places_to_cut(0, 0.0)
    cut = whole.cut({0: places})
    ends = [piece.points[-1] for piece in cut.pieces[:-1]]
    for wanted in ((20, 120), (80, 30)):
        assert min(np.hypot(*(end - wanted)) for end in ends) < 12, wanted
    assert {piece.whole for piece in cut.pieces} == {0}


def test_parts_of_a_stroke_are_one_line_again_and_a_whole_stroke_keeps_its_points() -> None:
    whole = written(JOINED)
    cut = whole.cut({0: whole.places_to_cut(0, 0.0)})
    every = tuple(range(len(cut.pieces)))
    strokes = cut.glyph(every).drawing.strokes
    assert strokes is not None
    assert [len(one) for one in strokes.lines] == [len(JOINED)]
    part = cut.glyph(every[1:]).drawing.strokes
    assert part is not None
    assert len(part.lines) == 1


def test_what_lies_outside_the_canvas_is_left_out_and_numbers_stay() -> None:
    line_ = written([[-50, 50], [-20, 60]], [[50, 20], [50, 120]])
    assert len(line_.pieces) == 1
    assert line_.glyph((0,)).place.strokes == (1,)
    with pytest.raises(EmptyDrawing):
        written([[-50, 50]])


def test_a_dot_is_no_symbol_that_fills_the_square() -> None:
    square = written([[50, 50]]).square((0,))
    assert 0 < square.sum() < 10


def test_a_long_scribble_is_measured_coarsely() -> None:
    rng = np.random.default_rng(0)
    scribble = Written.of(parse_strokes([(rng.uniform(0, 1, (5000, 2)) * [4000, 280]).tolist()], 4000, 280))
    assert len(scribble.pieces[0].points) == MOST_DENSE
    assert scribble.places_to_cut(0, 0.0)


def test_more_strokes_than_thirty_symbols_have_are_too_many() -> None:
    bar = [[50.0, 20.0], [50.0, 120.0]]
    assert len(written(*[bar] * MOST_WHOLE).pieces) == MOST_WHOLE
    with pytest.raises(TooLarge, match="at most 30 symbols; this drawing has 121 strokes"):
        written(*[bar] * (MOST_WHOLE + 1))


def test_many_long_scribbles_are_together_measured_as_coarsely_as_one() -> None:
    rng = np.random.default_rng(0)
    scribbles = written(*[rng.uniform(0, 200, (80, 2)).tolist() for _ in range(MOST_WHOLE)])
    assert sum(len(piece.points) for piece in scribbles.pieces) <= MOST_TOGETHER + MOST_WHOLE


def test_a_pen_that_tells_very_many_points_draws_as_one_that_tells_few() -> None:
    few = written([[50, 20], [50, 120], [90, 120]])
    many = written([[50, 20 + i / 40] for i in range(4000)] + [[50 + i / 40, 120] for i in range(1600)])
    assert many.pieces[0].drawn < 200
    assert np.abs(few.square((0,)) - many.square((0,))).max() < 0.02
    strokes = many.glyph((0,)).drawing.strokes
    assert strokes is not None
    assert len(strokes.lines[0]) == 5600, "it is kept as it was drawn"
