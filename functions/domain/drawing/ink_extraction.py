"""Find the drawing in a picture: which colour is the paper, what is ink, and where it goes on 280 x 280.

A picture may have four million pixels, so whole planes stay at 8 bits: darkness is a distance from the paper, 0..255, until
the drawing has been cut out and made smaller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.domain.drawing.ink import INK_SIDE, Field, Ink
from functions.domain.drawing.png_pixels import Plane, Planes
from functions.domain.problem import Problem
from functions.errors import EmptyDrawing

LEAST_CONTRAST = 48  # of 255: off-white paper and the noise of a lossy copy stay below, a pale pencil is above
SOFT_EDGE = 2  # pixels: fainter marks count only this close to strong ones (soft edges), elsewhere they are stains
PAPER_SAMPLE = 100_000  # pixels of paper asked for its colour (of a border alone some hundreds remain)
LEAST_NEIGHBOURS = 3  # strong pixels within 5 x 5; fewer, beside a drawing, are dust
SMALL_PICTURE = 64  # pixels: on a smaller picture one pixel is a mark, not dust
CROP_MARGIN = 1.1  # a drawing cut out of a large picture keeps a rim
LARGEST_DRAWING = 4 * INK_SIDE  # pixels; of a larger drawing every second pixel is enough
LEAST_DARKNESS = 0.6  # a hairline on a large picture turns grey when it is made smaller; it is darkened up to this
MOST_ENLARGED = 2.0  # times; a line of writing in a small picture
STRIP = 1 << 16  # pixels that are computed at a time: they fit into a processor's cache


Mask = NDArray[np.bool_]  # (h, w)


@dataclass(frozen=True)
class Marks:
    """How far pixels (h, w) lie from the paper's colour, and the distance that is full ink; 0 is paper."""

    away: Plane
    full: float

    def cut(self, rows: slice, columns: slice) -> Marks:
        """Return a part."""
        return Marks(self.away[rows, columns], self.full)

    def dark(self) -> Field:
        """Return how much ink there is, 0..1 (h, w)."""
        dark: Field = np.clip(self.away / np.float32(self.full), 0, 1)
        return dark


def ink_of_picture(picture: Planes) -> Ink:
    """Turn a picture into ink.

    Paper is what most of the border and of the picture is; ink is what differs from it, in any channel. Transparent
    is paper: the picture is laid on white, and where that shows nothing, on black.

    Raises:
        EmptyDrawing: nothing stands out from the paper.
    """
    return _placed(_drawn(picture))


@dataclass(frozen=True)
class DrawnLine:
    """A line of writing cut out of a picture, ``scale`` times as large: its darkness (h, w), 0..1, with a rim of paper."""

    dark: Field
    left: float
    top: float
    scale: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place in the picture of a place in ``dark``."""
        return self.left + x / self.scale, self.top + y / self.scale


def line_of_picture(picture: Planes, height: int) -> DrawnLine:
    """Cut the drawing out of a picture of any aspect and make it ``height`` high; it is enlarged no more than twice.

    Raises:
        EmptyDrawing: nothing stands out from the paper.
    """
    marks = _drawn(picture)
    coarse = max(1, round(picture.colours[0].shape[0] / marks.away.shape[0]))  # 2 where the picture was halved
    inked = marks.away > 0
    (top, bottom), (left, right) = _span(inked, 0), _span(inked, 1)
    part = marks.cut(slice(top, bottom), slice(left, right))
    scale = min(height / part.away.shape[0], MOST_ENLARGED)
    corner = (left - SOFT_EDGE) * coarse, (top - SOFT_EDGE) * coarse
    dark = _resized(part, scale)
    rim = [(0, max(0, 2 - length)) for length in dark.shape]  # a hairline becomes thinner than a pixel
    return DrawnLine(np.pad(dark, rim), *corner, scale / coarse)


def _drawn(picture: Planes) -> Marks:
    """Return the marks of the drawing in a picture, or raise EmptyDrawing."""
    grounds: tuple[int | None, ...] = (None,) if picture.opaque is None else (255, 0)
    for ground in grounds:
        marks = _marks(picture, ground)
        if marks is not None:
            return _without_stains(*_coarser(marks, marks.away > int(marks.full / 2)))
    raise EmptyDrawing(Problem("drawing_blank"))


def _marks(picture: Planes, ground: int | None) -> Marks | None:
    """Return what stands out from the paper, or None on blank paper."""
    colours = picture.colours
    if ground is None or picture.opaque is None:
        paper = _paper(colours)
    else:
        colours = tuple(_laid_on(ground, colour, picture.opaque) for colour in colours)
        clear = np.count_nonzero(picture.opaque < 128) > 0.05 * picture.opaque.size
        paper = [ground] * len(colours) if clear else _paper(colours)
    away = _distance(colours, paper)
    counts = _counts(away)
    furthest = int(np.flatnonzero(counts)[-1])
    if furthest < LEAST_CONTRAST:
        return None
    counts[: furthest // 2 + 1] = 0
    return Marks(away, _median(counts))  # a few darkest pixels do not make the rest pale


def _laid_on(ground: int, colour: Plane, opaque: Plane) -> Plane:
    """Return ``colour`` as it looks on a ground of 0 or 255."""
    laid = np.empty_like(colour)
    for rows in _strips(colour):
        # (colour * opaque + ground * (255 - opaque)) / 255, rounded; of a sum s that is s + 128 plus its own 256th, by 256.
        mixed = colour[rows].astype(np.uint16) * opaque[rows]
        if ground:
            mixed += (255 - opaque[rows]).astype(np.uint16) * np.uint16(ground)
        mixed += 128
        mixed += mixed >> 8
        laid[rows] = mixed >> 8
    return laid


def _distance(colours: tuple[Plane, ...], paper: list[int]) -> Plane:
    """Return the distance (h, w) from the paper's colour, in the channel where it is largest."""
    away = np.zeros_like(colours[0])
    for rows in _strips(away):
        furthest = away[rows]
        above, below = np.empty_like(furthest), np.empty_like(furthest)
        for colour, level in zip(colours, paper, strict=True):
            line = np.full(away.shape[1], level, np.uint8)  # NumPy is eight times as fast with a line as with a number
            np.maximum(colour[rows], line, out=above)
            np.minimum(colour[rows], line, out=below)
            np.subtract(above, below, out=above)
            np.maximum(furthest, above, out=furthest)
    return away


def _paper(colours: tuple[Plane, ...]) -> list[int]:
    """Return the paper's colour: the middle of the light or of the dark half, by votes of the border and of the whole."""
    if len(colours) == 1:
        grey: NDArray[np.uint8] | NDArray[np.uint16] = colours[0]
    else:
        grey = colours[0].astype(np.uint16) + colours[1]
        grey += colours[2]
    light = grey > (int(grey.min()) + int(grey.max())) // 2
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    is_light = float(border.mean()) + float(np.count_nonzero(light) / light.size) >= 1
    paper = (light if is_light else ~light).reshape(-1)
    step = 1 + light.size // PAPER_SAMPLE
    if paper[::step].any():
        sampled = (colour.reshape(-1)[::step][paper[::step]] for colour in colours)
    else:  # stripes, and the sample fell between them
        sampled = (colour.reshape(-1)[paper][:PAPER_SAMPLE] for colour in colours)
    return [int(_median(np.bincount(levels))) for levels in sampled]


def _counts(plane: Plane) -> NDArray[np.int64]:
    """Return how often each level, 0 to 255, occurs."""
    return np.array(Image.fromarray(plane).histogram(), np.int64)  # NumPy's own makes each level eight bytes first


def _median(counts: NDArray[np.integer]) -> float:
    """Return the median of levels that occur ``counts`` times."""
    below = np.cumsum(counts)
    middle = np.searchsorted(below, [(below[-1] - 1) // 2, below[-1] // 2], side="right")
    return float(middle.mean())


def _strips(plane: Plane) -> Iterable[slice]:
    step = max(1, STRIP // plane.shape[1])
    return (slice(top, top + step) for top in range(0, len(plane), step))


def _span(mask: Mask, axis: int) -> tuple[int, int]:
    """Return the first place along ``axis`` where there is something, and the place behind the last."""
    at = np.flatnonzero(mask.any(axis=1 - axis))
    return int(at[0]), int(at[-1]) + 1


def _coarser(marks: Marks, strong: Mask) -> tuple[Marks, Mask]:
    """Halve a picture whose drawing is far larger than its ink will be; of 2 x 2 pixels it keeps the mean, and strong ink."""
    spans = (_span(strong, axis) for axis in (0, 1))
    if max(last - first for first, last in spans) <= LARGEST_DRAWING:
        return marks, strong
    halves = Image.fromarray(np.minimum(marks.away, np.full(strong.shape[1], int(marks.full), np.uint8))).reduce(2)
    even = np.pad(strong, [(0, length % 2) for length in strong.shape])
    lower = even[::2] | even[1::2]
    return Marks(np.asarray(halves), marks.full), lower[:, ::2] | lower[:, 1::2]


def _without_stains(marks: Marks, strong: Mask) -> Marks:
    """Keep strong ink, half as dark as most of it, and its soft edges; leave out other marks, and dust beside a drawing."""
    near = []
    for axis in (0, 1):
        first, last = _span(strong, axis)
        near.append(slice(max(0, first - SOFT_EDGE), last + SOFT_EDGE))
    rows, columns = near
    drawn = strong[rows, columns].view(np.uint8)
    if max(marks.away.shape) > SMALL_PICTURE:
        crowded = drawn & (_around(drawn, np.add) >= LEAST_NEIGHBOURS)
        drawn = crowded if crowded.any() else drawn
    kept = np.zeros_like(marks.away)
    np.multiply(marks.away[rows, columns], _around(drawn, np.maximum), out=kept[rows, columns])
    return Marks(kept, marks.full)


def _around(mask: Plane, combine: np.ufunc) -> Plane:
    """Combine each pixel's 5 x 5 neighbourhood."""
    for axis in (0, 1):
        result = mask.copy()
        for offset in (1, 2):
            front = (slice(offset, None), slice(None))[:: 1 - 2 * axis]
            back = (slice(None, -offset), slice(None))[:: 1 - 2 * axis]
            combine(result[front], mask[back], out=result[front])
            combine(result[back], mask[front], out=result[back])
        mask = result
    return mask


def _placed(marks: Marks) -> Ink:
    """Put the drawing on 280 x 280.

    A picture up to that size is fitted as a whole. Of a larger one only the drawing is taken, centred, and made smaller
    no more than it must be. The drawing is cut out first and put down on whole pixels, so its place changes no pixel of it.
    """
    shape = marks.away.shape
    inked = marks.away > 0
    (top, bottom), (left, right) = _span(inked, 0), _span(inked, 1)
    part = marks.cut(slice(top, bottom), slice(left, right))
    side = max(shape)
    largest = max(part.away.shape) + 2 * SOFT_EDGE
    window = side if side <= INK_SIDE else max(INK_SIDE, min(CROP_MARGIN * largest, side + 2 * SOFT_EDGE))
    scale = INK_SIDE / window
    small = _resized(part, scale)
    if side <= INK_SIDE:
        rim = [(INK_SIDE - scale * length) / 2 for length in shape]
        y, x = round(rim[0] + scale * (top - SOFT_EDGE)), round(rim[1] + scale * (left - SOFT_EDGE))
    else:
        y, x = ((INK_SIDE - length) // 2 for length in small.shape)
    paper = np.zeros((INK_SIDE, INK_SIDE), np.float32)
    high, wide = small.shape
    paper[max(y, 0) : y + high, max(x, 0) : x + wide] = small[max(-y, 0) : INK_SIDE - y, max(-x, 0) : INK_SIDE - x]
    ink: Ink = np.round(255 * (1 - paper)).astype(np.uint8)
    return ink


def _resized(part: Marks, scale: float) -> Field:
    """Return the darkness of ``part`` with a rim of paper, ``scale`` times as large."""
    high, wide = (length + 2 * SOFT_EDGE for length in part.away.shape)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    if scale >= 1:
        padded = np.pad(part.dark(), SOFT_EDGE)
        if scale == 1:
            return padded
        resized = np.asarray(Image.fromarray(padded).resize(size, Image.Resampling.BICUBIC), np.float32)
    else:
        resized = _reduced(part, size)
        typical = float((resized * resized).sum() / resized.sum())
        resized = resized * max(1.0, LEAST_DARKNESS / typical)
    cut: Field = np.clip(resized, 0, 1)
    # The overshoot of a smooth enlargement leaves shadows that nobody drew.
    cut[cut < 1 / 64] = 0
    return cut


def _reduced(part: Marks, size: tuple[int, int]) -> Field:
    """Average the darkness of ``part`` with its rim to ``size`` (w, h), a strip of rows at a time."""
    strips = []
    for rows in _strips(part.away):
        wide = Image.fromarray(np.pad(part.cut(rows, slice(None)).dark(), ((0, 0), (SOFT_EDGE, SOFT_EDGE))))
        strips.append(np.asarray(wide.resize((size[0], wide.height), Image.Resampling.BOX)))
    whole = np.pad(np.concatenate(strips), ((SOFT_EDGE, SOFT_EDGE), (0, 0)))
    return np.asarray(Image.fromarray(whole).resize(size, Image.Resampling.BOX), np.float32)
