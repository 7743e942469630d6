from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from functions.domain.reading.choose import Weights, choose
from functions.domain.reading.layout import Layout, candidates
from functions.domain.reading.pieces import Group, Piece

WEIGHTS = Weights(label=1, symbol=1, low=1, gap=1, cut=1, wide=0, glyph=0.1, overlap=1, nested=4, touch=0.1)


def three() -> list[Piece]:
    return [Piece(np.stack([np.full(20, x), np.linspace(0, 100, 20)], axis=1), i) for i, x in enumerate((0.0, 30.0, 60.0))]


def said(p: float, reject: float = 0.0) -> np.ndarray:
    return np.array([p, 1 - p, reject], np.float32)


def chosen(outputs: dict[Group, np.ndarray], count: int | None = None) -> list[Group]:
    pieces = three()
    layout = Layout.of(pieces)
    orders = candidates(layout, layout.orders(written=False), range(len(pieces)), set())
    whole = {group: outputs.get(group, said(0.5, 0.99)) for spans in orders for _, _, group in spans}
    return choose(pieces, layout, orders, whole, WEIGHTS, count)


def test_the_surest_sequence_wins() -> None:
    assert chosen({(0,): said(0.95), (1,): said(0.95), (2,): said(0.95)}) == [(0,), (1,), (2,)]
    assert chosen({(0, 1): said(0.99), (2,): said(0.95), (0,): said(0.6, 0.8), (1,): said(0.6, 0.8)}) == [(0, 1), (2,)]


def test_a_rejected_whole_is_cut() -> None:
    outputs = {(0, 1, 2): said(0.99, 0.98), (0,): said(0.8), (1, 2): said(0.8)}
    assert chosen(outputs) == [(0,), (1, 2)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_wanted_number_of_glyphs_is_kept(count: int) -> None:
    found = chosen({(0,): said(0.9), (1,): said(0.9), (2,): said(0.9)}, count)
    assert len(found) == count
    assert sorted(piece for group in found for piece in group) == [0, 1, 2]
    assert all(one < other for one, other in pairwise(found))


def test_no_way_has_more_glyphs_than_pieces() -> None:
    assert chosen({}, 4) == []


def test_a_bar_inside_a_ring_is_no_symbol_of_its_own() -> None:
    turn = np.linspace(0, 2 * np.pi, 40)
    ring = Piece(np.stack([35 + 35 * np.cos(turn), 50 + 50 * np.sin(turn)], axis=1), 0)
    bar = Piece(np.stack([np.linspace(20, 50, 20), np.linspace(100, 0, 20)], axis=1), 1)
    layout = Layout.of([ring, bar])
    orders = candidates(layout, layout.orders(written=False), range(2), set())
    outputs = {(0,): said(0.99), (1,): said(0.99), (0, 1): said(0.9, 0.95)}
    assert choose([ring, bar], layout, orders, outputs, WEIGHTS) == [(0, 1)]
    assert choose([ring, bar], layout, orders, outputs, replace(WEIGHTS, nested=0)) != [(0, 1)]
