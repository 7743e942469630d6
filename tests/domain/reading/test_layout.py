from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from functions.domain.reading.layout import MOST_CANDIDATES, MOST_DRAWN, Layout, candidates, cuts_between
from functions.domain.reading.pieces import Piece
from functions.errors import TooLarge


def upright(x: float, number: int = 0) -> Piece:
    return Piece(np.stack([np.full(20, x), np.linspace(0, 100, 20)], axis=1), number)


def groups(layout: Layout, clear: frozenset[int] = frozenset(), wholes: Sequence[int] | None = None) -> set[tuple[int, ...]]:
    spans = candidates(layout, layout.orders(written=True), wholes or range(len(layout.boxes)), clear)
    return {group for order in spans for _, _, group in order}


def test_only_near_pieces_may_be_one_glyph() -> None:
    layout = Layout.of([upright(0), upright(30), upright(200)])
    assert groups(layout) == {(0,), (1,), (2,), (0, 1)}


def test_clear_symbols_are_one_glyph_only_where_they_almost_touch() -> None:
    layout = Layout.of([upright(0), upright(30), upright(38)])
    assert (0, 1) not in groups(layout, frozenset({0, 1, 2}))
    assert (1, 2) in groups(layout, frozenset({0, 1, 2}))


def test_a_stroke_that_was_written_late_can_still_join_its_glyph() -> None:
    layout = Layout.of([upright(0), upright(60), upright(10)])
    assert layout.orders(written=True) == [[0, 2, 1], [0, 1, 2]]
    assert (0, 2) in groups(layout)


def test_a_scribble_of_many_strokes_has_a_bounded_number_of_candidates() -> None:
    layout = Layout.of([upright(float(x)) for x in range(150)])
    found = [span for spans in candidates(layout, layout.orders(written=True), range(150), set()) for span in spans]
    assert 150 <= len(found) <= MOST_CANDIDATES


def test_strokes_that_were_cut_into_many_parts_may_still_be_one_glyph() -> None:
    layout = Layout.of([upright(float(x)) for x in range(0, 32, 4)])
    assert tuple(range(8)) in groups(layout, wholes=[0] * 4 + [1] * 4)
    assert tuple(range(7)) not in groups(layout, wholes=[0] * 8), "a part of it is no more than any seven pieces"
    assert tuple(range(8)) not in groups(layout)


def test_a_cut_counts_where_its_parts_go_to_different_glyphs() -> None:
    parts = [Piece(np.zeros((2, 2)), 0, 0), Piece(np.ones((2, 2)), 0, 1), Piece(np.ones((2, 2)), 1, 0)]
    assert [cuts_between(parts, group) for group in ((0,), (0, 1), (1,), (2,))] == [1, 0, 0, 0]


def test_pieces_of_many_points_make_smaller_candidates_and_of_too_many_none() -> None:
    def spans(drawn: int) -> set[tuple[int, ...]]:
        layout = Layout.of([replace(upright(float(x)), more=drawn) for x in range(0, 40, 4)])
        return {group for _, _, group in candidates(layout, layout.orders(written=True), range(10), set())[0]}

    assert max(map(len, spans(100))) == 5
    assert max(map(len, spans(MOST_DRAWN // 60))) == 3
    assert max(map(len, spans(MOST_DRAWN // 10))) == 1
    with pytest.raises(TooLarge, match="more points than 30 symbols"):
        spans(MOST_DRAWN)
