from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.domain.reading.blobs import blobs_of, parts, places_to_cut, polygons
from functions.errors import TooLarge


def dark(*ellipses: tuple[int, int, int, int], width: int = 240, height: int = 120, pen: int = 8) -> np.ndarray:
    """Return rings (left, top, right, bottom) on paper, 0..1."""
    sheet = Image.new("L", (width * 3, height * 3))
    for box in ellipses:
        ImageDraw.Draw(sheet).ellipse([3 * side for side in box], outline=255, width=3 * pen)
    return np.asarray(sheet.resize((width, height), Image.Resampling.BOX), np.float32) / 255


def test_what_hangs_together_has_one_ring_around_it_and_one_for_each_hole() -> None:
    found = polygons(dark((10, 10, 60, 110), (100, 10, 160, 110)))
    assert [len(rings) for rings in found] == [2, 2]
    assert found[0][0][:, 0].min() == pytest.approx(10, abs=1)


def test_a_blob_has_its_ink_alone_even_where_boxes_overlap() -> None:
    ink = dark((10, 10, 110, 110), (40, 40, 80, 80))
    outer, inner = sorted(blobs_of(ink, polygons(ink)), key=lambda blob: -blob.ink.size)
    assert outer.ink.sum() + inner.ink.sum() == pytest.approx(ink.sum(), rel=0.01)
    assert inner.corner[0] > 35


def test_two_rings_that_touch_are_cut_where_they_touch() -> None:
    ink = dark((10, 10, 72, 110), (68, 10, 130, 110))
    (blob,) = blobs_of(ink, polygons(ink))
    cuts = places_to_cut(blob, height=100, lean=0.0)
    middle = min(cuts, key=lambda cut: abs(blob.corner[0] + cut.x - 70))
    assert blob.corner[0] + middle.x == pytest.approx(70, abs=4)
    left, right = parts(blob, [middle])
    assert left.ink.sum() == pytest.approx(right.ink.sum(), rel=0.1)
    assert (left.ink + right.ink).sum() == pytest.approx(blob.ink.sum(), rel=0.01)
    assert np.concatenate(right.rings)[:, 0].max() == pytest.approx(130, abs=1)


def test_more_outline_than_writing_has_is_refused_before_it_costs_time() -> None:
    stripes = np.pad(np.tile(np.array([0, 0, 1, 1], np.float32), (160, 1000)), 2)
    noise = np.pad(np.random.default_rng(0).random((160, 2000)) > 0.9, 2).astype(np.float32)
    for ink in (stripes, noise):
        with pytest.raises(TooLarge, match="outlines than 30 symbols"):
            polygons(ink)
