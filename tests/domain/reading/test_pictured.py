from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from functions.domain.drawing import from_png, from_strokes, to_png
from functions.domain.reading import Pictured
from functions.errors import EmptyDrawing, TooLarge
from tests.support.sample_lines import line, picture_of, strokes_of


def test_a_glyph_of_a_picture_looks_as_if_it_had_been_drawn_alone() -> None:
    glyph = Pictured.from_png(picture_of(line("181"))).glyph((1,))
    assert np.abs(glyph.drawing.square - from_strokes(strokes_of(line("8"))).square).mean() < 0.03


@pytest.mark.parametrize("colours", [(255, 0), (0, 255), (200, 40)])
def test_boxes_are_in_pixels_of_the_picture_whatever_its_colours_and_size(colours: tuple[int, int]) -> None:
    for size in (40, 100, 500):
        pictured = Pictured.from_png(picture_of(line("101", size=size), pen=0.07 * size, colours=colours))
        boxes = np.array([pictured.glyph((number,)).box for number in range(3)]) / size
        assert boxes[1] == pytest.approx([0.715, 0.365, 1.385, 1.435], abs=0.04), size


def test_a_kept_glyph_gives_the_same_ink_back() -> None:
    drawing = Pictured.from_png(picture_of(line("28"))).glyph((0,)).drawing
    assert (from_png(to_png(drawing.ink)).ink == drawing.ink).all()


def test_a_glyph_has_no_ink_of_its_neighbour_whose_box_it_shares() -> None:
    nested = {"strokes": [[[20, 20], [20, 120], [120, 120]], [[60, 30], [60, 90]]], "width": 140, "height": 140}
    pictured = Pictured.from_png(picture_of(nested))
    inks = [pictured.glyph((number,)).drawing.ink for number in (0, 1)]
    assert len(pictured.pieces) == 2
    columns = [np.flatnonzero((ink < 128).any(axis=0)) for ink in inks]
    assert min(len(each) for each in columns) < 30


def test_dust_is_no_writing_and_a_page_of_marks_no_line() -> None:
    speck = {"strokes": [*line("1")["strokes"], [[100, 100], [101, 100]]], "width": 140, "height": 180}
    assert len(Pictured.from_png(picture_of(speck, pen=3)).pieces) == 1
    with pytest.raises(TooLarge, match="at most 30 symbols"):
        Pictured.from_png(picture_of(line("1" * 160, size=8), pen=1))
    with pytest.raises(EmptyDrawing):
        Pictured.from_png(picture_of(line("1"), colours=(255, 255)))


@pytest.mark.parametrize("across", [True, False])
def test_a_hairline_is_read_whatever_its_way(across: bool) -> None:
    paper = np.full((12, 2000), 255, np.uint8)
    paper[5:7] = 0
    png = io.BytesIO()
    Image.fromarray(paper if across else paper.T).save(png, "PNG")
    assert len(Pictured.from_png(png.getvalue()).pieces) == 1
