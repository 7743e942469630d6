from __future__ import annotations

import pytest

from functions.domain.reading import Pictured, Writing, Written
from functions.domain.reading.cut_by_boxes import cut_by_boxes
from functions.domain.reading.pieces import Box
from functions.errors import Conflict
from tests.support.sample_lines import line, picture_of, strokes_of


def boxes_of(text: str) -> list[Box]:
    """Return the boxes of the digits of a written line."""
    found, at, strokes = [], 0, line(text)["strokes"]
    for digit in text:
        count = len(line(digit)["strokes"])
        points = [point for stroke in strokes[at : at + count] for point in stroke]
        across, down = zip(*points, strict=True)
        found.append((min(across), min(down), max(across), max(down)))
        at += count
    return found


@pytest.mark.parametrize("text", ["11", "45", "754", "18"])
def test_the_glyphs_get_the_boxes_that_they_had(text: str) -> None:
    boxes = boxes_of(text)
    glyphs = cut_by_boxes(Written.of(strokes_of(line(text))), boxes)
    assert [glyph.box for glyph in glyphs] == [pytest.approx(box, abs=1) for box in boxes]


def test_strokes_go_where_they_were_though_another_cut_looks_likelier() -> None:
    fields = line("111")
    (first, second, third) = boxes_of("111")
    wide = (second[0], second[1], third[2], third[3])
    glyphs = cut_by_boxes(Written.of(strokes_of(fields)), [first, wide])
    assert [glyph.place.strokes for glyph in glyphs] == [(0,), (1, 2)]


def test_one_stroke_of_two_glyphs_is_cut_between_them() -> None:
    zigzag = [[20, 20], [20, 120], [60, 30], [100, 30], [100, 120]]
    writing = Written.of(strokes_of({"strokes": [zigzag], "width": 140, "height": 140}))
    glyphs = cut_by_boxes(writing, [(20, 20, 80, 120), (80, 30, 100, 120)])
    assert [glyph.place.strokes for glyph in glyphs] == [(0,), (0,)]
    assert glyphs[0].box[2] == pytest.approx(glyphs[1].box[0], abs=1) == pytest.approx(80, abs=2)


def test_a_picture_is_cut_likewise() -> None:
    writing: Writing = Pictured.from_png(picture_of(line("11")))
    assert len(cut_by_boxes(writing, boxes_of("11"))) == 2


def test_a_box_without_ink_is_refused() -> None:
    with pytest.raises(Conflict):
        cut_by_boxes(Written.of(strokes_of(line("1"))), [*boxes_of("1"), (200.0, 40.0, 240.0, 140.0)])
