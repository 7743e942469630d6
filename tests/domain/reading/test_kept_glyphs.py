from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from functions.domain.drawing import parse_strokes
from functions.domain.reading import Pictured, Written, kept_glyphs
from functions.domain.reading.pieces import Glyph
from tests.support.sample_lines import line, picture_of, strokes_of


def whole(part: kept_glyphs.PartOfLine) -> Glyph:
    return part.in_line(part.writing.glyph(tuple(range(len(part.writing.pieces)))))


def test_strokes_of_kept_glyphs_lie_again_where_they_were() -> None:
    written = Written.of(strokes_of(line("418")))
    glyphs = [written.glyph(group) for group in ((0, 1), (2,))]
    joined = whole(kept_glyphs.of_strokes([(glyph.drawing.strokes, glyph.place) for glyph in glyphs if glyph.drawing.strokes]))
    alone = written.glyph((0, 1, 2))
    assert joined.box == pytest.approx(alone.box, abs=0.05)
    assert joined.place.strokes == (0, 1, 2)
    assert np.abs(joined.drawing.square - alone.drawing.square).max() < 0.02


def test_parts_of_one_stroke_are_one_stroke_again() -> None:
    zigzag = [[20, 20], [20, 120], [60, 30], [100, 30], [100, 120]]
    written = Written.of(parse_strokes([zigzag], 140, 140))
    cut = written.cut({0: written.places_to_cut(0, 0.0)[:1]})
    glyphs = [cut.glyph((number,)) for number in (1, 0)]  # in any order
    joined = whole(kept_glyphs.of_strokes([(glyph.drawing.strokes, glyph.place) for glyph in glyphs if glyph.drawing.strokes]))
    assert joined.drawing.strokes is not None
    assert len(joined.drawing.strokes.lines) == 1
    assert joined.place.strokes == (0,)


def test_pictures_of_kept_glyphs_lie_again_where_they_were() -> None:
    pictured = Pictured.from_png(picture_of(line("48", size=250), pen=16))
    glyphs = [pictured.glyph((number,)) for number in (0, 1)]
    joined = whole(kept_glyphs.of_pictures([(glyph.drawing.ink, glyph.place) for glyph in glyphs]))
    alone = pictured.glyph((0, 1))
    assert joined.box == pytest.approx(alone.box, abs=3)
    assert np.abs(joined.drawing.square - alone.drawing.square).mean() < 0.02


def test_pictures_of_very_different_sizes_are_put_together_coarsely() -> None:
    pictured = Pictured.from_png(picture_of(line("48", size=250), pen=16))
    large, small = (pictured.glyph((number,)) for number in (0, 1))
    far = replace(large.place, scale=16.0), replace(small.place, left=2000.0, scale=0.5)
    part = kept_glyphs.of_pictures([(large.drawing.ink, far[0]), (small.drawing.ink, far[1])])
    _, _, right, bottom = np.array([piece.box for piece in part.writing.pieces]).max(axis=0)
    assert right * bottom < 1.1 * kept_glyphs.MOST_PIXELS
    box = whole(part).box
    assert box[2] - box[0] > 500
