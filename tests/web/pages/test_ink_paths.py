from __future__ import annotations

import re

import pytest

from functions.records.drawings import packed_strokes
from functions.web.pages.ink_paths import LONGEST, ink_lines, ink_path, path_of


def drawn(*strokes: list[list[float]], width: float = 280, height: float = 280) -> dict[str, object]:
    return {"strokes": list(strokes), "width": width, "height": height}


def test_a_stroke_goes_from_its_first_point_to_its_last() -> None:
    assert path_of(drawn([[10, 20, 0], [100, 20, 8], [100, 200, 16]])) == "M10 20Q100 20 100 110L100 200"
    assert path_of(drawn([[1, 2]], [[3, 4], [200, 4]])) == "M1 2h.1M3 4L200 4"


def test_each_stroke_of_a_path_is_a_path() -> None:
    assert ink_lines(path_of(drawn([[1, 2]], [[3, 4], [200, 4]]))) == ("M1 2h.1", "M3 4L200 4")
    assert ink_lines("") == ()


def test_every_canvas_is_shown_whole_in_the_middle_of_the_frame() -> None:
    assert path_of(drawn([[0, 0], [560, 280]], width=560, height=280)) == "M0 70L280 210"


def test_points_that_are_too_near_to_be_seen_make_no_longer_page() -> None:
    many = [[100 + place / 100, 50] for place in range(1_000)]
    path = path_of(drawn(many))
    assert len(re.findall("Q", path)) < 10
    assert path.endswith("L110 50")


@pytest.mark.parametrize("packed", [None, b"no zlib", b"x" * (LONGEST + 1), packed_strokes({"strokes": "?"})])
def test_what_has_no_strokes_or_very_many_is_shown_as_its_picture(packed: bytes | None) -> None:
    assert ink_path(packed) is None


def test_packed_strokes_are_read() -> None:
    assert ink_path(packed_strokes(drawn([[1, 2], [3, 9]]))) == "M1 2L3 9"
