"""Find the drawing in a picture: which colour is the paper, what is ink, and where it goes on 280 x 280."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.domain.drawing.ink import INK_SIDE, Field, Ink
from functions.errors import EmptyDrawing

Pixels = NDArray[np.uint8]  # (h, w, c), c = 1 or 3

LEAST_CONTRAST = 48  # of 255: off-white paper and the noise of a lossy copy stay below, a pale pencil is above
STRONG_INK = 0.5  # of the ink's own darkness: what certainly is ink
SOFT_EDGE = 2  # pixels: fainter marks count only this close to strong ones (soft edges), elsewhere they are stains
PAPER_SAMPLE = 100_000  # pixels of paper asked for its colour (of a border alone some hundreds remain)
LEAST_NEIGHBOURS = 3  # strong pixels within 5 x 5; fewer, beside a drawing, are dust
SMALL_PICTURE = 64  # pixels: on a smaller picture one pixel is a mark, not dust
CROP_MARGIN = 1.1  # a drawing cut out of a large picture keeps a rim
LEAST_DARKNESS = 0.6  # a hairline on a large picture turns grey when it is made smaller; it is darkened up to this


def ink_of_picture(pixels: Pixels, opaque: Pixels | None) -> Ink:
    """Turn a picture (h, w, c) and where it is opaque (h, w; 255 opaque) into ink.

    Paper is what most of the border and of the picture is; ink is what differs from it, in any channel. Transparent
    is paper: the picture is laid on white, and where that shows nothing, on black.

    Raises:
        EmptyDrawing: nothing stands out from the paper.
    """
    grounds: tuple[int | None, ...] = (None,)
    if opaque is not None and opaque.min() < 255:
        grounds = (255, 0)
    for ground in grounds:
        dark = _darkness(pixels, opaque, ground)
        if dark is not None:
            return _placed(_without_stains(dark))
    raise EmptyDrawing("Nothing is drawn.")


def _darkness(pixels: Pixels, opaque: Pixels | None, ground: int | None) -> Field | None:
    """Return how much ink there is, 0..1 (h, w), or None on blank paper."""
    if ground is not None and opaque is not None:
        cover = opaque[:, :, None].astype(np.uint32)
        pixels = ((pixels * cover + ground * (255 - cover) + 127) // 255).astype(np.uint8)
        paper = np.full(pixels.shape[2], ground, np.int16) if (opaque < 128).mean() > 0.05 else _paper(pixels)
    else:
        paper = _paper(pixels)
    away = np.abs(pixels[:, :, 0] - paper[0])
    for channel in range(1, pixels.shape[2]):
        np.maximum(away, np.abs(pixels[:, :, channel] - paper[channel]), out=away)
    furthest = int(away.max())
    if furthest < LEAST_CONTRAST:
        return None
    ink = _median(away[away > furthest * STRONG_INK])  # a few darkest pixels do not make the rest pale
    dark: Field = np.clip(away / np.float32(ink), 0, 1).astype(np.float32)
    return dark


def _paper(pixels: Pixels) -> NDArray[np.int16]:
    """Return the paper's colour (c,): the middle of the light or of the dark half, by votes of the border and of the whole."""
    grey = pixels.sum(axis=2, dtype=np.uint16) if pixels.shape[2] > 1 else pixels[:, :, 0]
    light = grey > (int(grey.min()) + int(grey.max())) // 2
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    is_light = float(border.mean()) + float(light.mean()) >= 1
    step = 1 + light.size // PAPER_SAMPLE
    some = pixels.reshape(-1, pixels.shape[2])[::step][light.reshape(-1)[::step] == is_light]
    return np.array([int(_median(channel)) for channel in some.T], np.int16)


def _median(levels: NDArray[np.integer[Any]]) -> float:
    """Return the median of ``levels`` (n,), 0..255; to count them is much quicker than to sort them."""
    below = np.cumsum(np.bincount(levels))
    middle = np.searchsorted(below, [(len(levels) - 1) // 2, len(levels) // 2], side="right")
    return float(middle.mean())


def _without_stains(dark: Field) -> Field:
    """Keep strong ink and its soft edges; leave out faint marks elsewhere, and dust beside a drawing."""
    strong = dark > STRONG_INK
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    near = tuple(slice(max(0, int(at[0]) - SOFT_EDGE), int(at[-1]) + SOFT_EDGE + 1) for at in (rows, columns))
    drawn = strong[near]
    if max(dark.shape) > SMALL_PICTURE:
        crowded = drawn & (_around(drawn.astype(np.uint8), np.add) >= LEAST_NEIGHBOURS)
        drawn = crowded if crowded.any() else drawn
    kept = np.zeros_like(dark)
    kept[near] = dark[near] * _around(drawn.astype(np.uint8), np.maximum)
    return kept


def _around(mask: NDArray[np.uint8], combine: np.ufunc) -> NDArray[np.uint8]:
    """Combine each pixel's 5 x 5 neighbourhood."""
    for axis in (0, 1):
        padded = np.pad(mask, [(SOFT_EDGE, SOFT_EDGE) if axis == a else (0, 0) for a in (0, 1)])
        length = mask.shape[axis]
        result = mask
        for offset in (0, 1, 3, 4):
            result = combine(result, padded.take(range(offset, offset + length), axis=axis))
        mask = result
    return mask


def _placed(dark: Field) -> Ink:
    """Put the drawing on 280 x 280.

    A picture up to that size is fitted as a whole. Of a larger one only the drawing is taken, centred, and made smaller
    no more than it must be. The drawing is cut out first and put down on whole pixels, so its place changes no pixel of it.
    """
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    part = np.pad(dark[top : rows[-1] + 1, left : columns[-1] + 1], SOFT_EDGE)
    side = max(dark.shape)
    window = side if side <= INK_SIDE else max(INK_SIDE, min(CROP_MARGIN * max(part.shape), side + 2 * SOFT_EDGE))
    scale = INK_SIDE / window
    part = _resized(part, scale)
    if side <= INK_SIDE:
        rim = [(INK_SIDE - scale * length) / 2 for length in dark.shape]
        y, x = round(rim[0] + scale * (top - SOFT_EDGE)), round(rim[1] + scale * (left - SOFT_EDGE))
    else:
        y, x = ((INK_SIDE - length) // 2 for length in part.shape)
    room = max(part.shape)
    paper = np.zeros((INK_SIDE + 2 * room, INK_SIDE + 2 * room), np.float32)
    paper[y + room : y + room + part.shape[0], x + room : x + room + part.shape[1]] = part
    ink: Ink = np.round(255 * (1 - paper[room : room + INK_SIDE, room : room + INK_SIDE])).astype(np.uint8)
    return ink


def _resized(part: Field, scale: float) -> Field:
    if scale == 1:
        return part
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    resized = np.asarray(Image.fromarray(part).resize(size, way), np.float32)
    if scale < 1:
        typical = float((resized * resized).sum() / resized.sum())
        resized = resized * max(1.0, LEAST_DARKNESS / typical)
    cut: Field = np.clip(resized, 0, 1)
    # The overshoot of a smooth enlargement leaves shadows that nobody drew.
    cut[cut < 1 / 64] = 0
    return cut
