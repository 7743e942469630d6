"""Draw a digit at another place, in another size, with another pen."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from functions.domain.drawing import from_png, from_strokes, parse_strokes

SIZE = 0.5  # of the canvas: the longest side of the reference drawing, without the pen
PEN = 1 / 28  # of the canvas: the pen of the reference, 10 pixels of 280
SMALLEST, LARGEST = 0.4, 1.6
THINNEST, THICKEST = 0.5, 2.0
CANVASES = (200, 1000)
FINER = 4  # Pillow draws so many times larger, and the reduction smooths the edges
LOOKS = (  # ink and paper; the last paper is transparent, as a canvas is
    ((0, 0, 0), (255, 255, 255)),
    ((51, 51, 51), (255, 255, 255)),
    ((22, 62, 160), (255, 255, 255)),
    ((190, 30, 45), (250, 246, 235)),
    ((255, 255, 255), (0, 0, 0)),
    ((230, 232, 240), (24, 26, 34)),
    ((20, 20, 20), None),
)
Line = np.ndarray  # (n, 2) points x, y


@dataclass(frozen=True)
class Variant:
    """The place of a drawing on a canvas: ``across`` and ``down`` are 0..1 of the free room."""

    canvas: int = 280
    scale: float = 1.0
    pen: float = 1.0
    across: float = 0.5
    down: float = 0.5
    look: int = 0

    @property
    def corner(self) -> str:
        """Return the extreme ratio of pen and size that this variant has, if it has one."""
        ratio = self.pen / self.scale
        return "thick pen, small" if ratio > 2 else "thin pen, large" if ratio < 0.5 else "others"


def any_variant(rng: np.random.Generator) -> Variant:
    """Draw a variant: sizes and pens evenly by ratio, everything independently."""
    return Variant(
        int(rng.integers(CANVASES[0], CANVASES[1] + 1)),
        float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))),
        float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST)))),
        float(rng.uniform()),
        float(rng.uniform()),
        int(rng.integers(len(LOOKS))),
    )


def placed(lines: list[Line], variant: Variant) -> list[Line]:
    """Put strokes on the variant's canvas, in its pixels."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    size = SIZE * variant.canvas * variant.scale / max(float((high - low).max()), 1e-9)
    pen = PEN * variant.canvas * variant.pen
    room = variant.canvas - (high - low) * size - pen - 2  # a pixel of paper all around
    corner = pen / 2 + 1 + room * (variant.across, variant.down)
    return [(line - low) * size + corner for line in lines]


def cover_of_strokes(lines: list[Line], variant: Variant) -> np.ndarray:
    """Draw strokes with Pillow, round ends and joints; (canvas, canvas) uint8, 255 ink."""
    radius = PEN * variant.canvas * variant.pen * FINER / 2
    paths = [line * FINER for line in placed(lines, variant)]
    ends = np.concatenate(paths)
    # Only the drawing's part of a large canvas is drawn finely.
    low = np.maximum((ends.min(axis=0) - radius) // FINER - 1, 0).astype(int)
    high = np.minimum((ends.max(axis=0) + radius) // FINER + 2, variant.canvas).astype(int)
    fine = Image.new("L", tuple(((high - low) * FINER).tolist()))
    pen = ImageDraw.Draw(fine)
    for path in paths:
        points = [tuple(point) for point in (path - low * FINER).tolist()]
        pen.line(points, fill=255, width=max(1, round(2 * radius)))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    cover = np.zeros((variant.canvas, variant.canvas), np.uint8)
    small = fine.resize(tuple((high - low).tolist()), Image.Resampling.BOX)
    cover[low[1] : high[1], low[0] : high[0]] = np.asarray(small)
    return cover


def cover_of_picture(digit: np.ndarray, variant: Variant) -> np.ndarray:
    """Enlarge a digit (28, 28) with its pen, like a scan; (canvas, canvas) uint8, 255 ink."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    part = np.pad(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 2)
    scale = SIZE * variant.canvas * variant.scale / (max(part.shape) - 4)
    size = [max(1, round(length * scale)) for length in part.shape[::-1]]
    large = np.asarray(Image.fromarray(part).resize(tuple(size), Image.Resampling.BICUBIC))
    x, y = (max(0, round((variant.canvas - size[i]) * (variant.across, variant.down)[i])) for i in (0, 1))
    cover = np.zeros((variant.canvas, variant.canvas), np.uint8)
    cover[y : y + large.shape[0], x : x + large.shape[1]] = large[: variant.canvas - y, : variant.canvas - x]
    return cover


def picture(cover: np.ndarray, look: int) -> bytes:
    """Write ink (n, n; 255 ink) in a look's colours as a PNG."""
    ink, paper = LOOKS[look]
    part = cover[:, :, None].astype(np.float32) / 255
    if paper is None:
        pixels = np.concatenate([np.broadcast_to(np.uint8(ink), (*cover.shape, 3)), cover[:, :, None]], axis=2)
    else:
        pixels = np.round(part * ink + (1 - part) * paper).astype(np.uint8)
    body = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(body, "PNG", compress_level=1)
    return body.getvalue()


def square_of_png(lines: list[Line], variant: Variant) -> np.ndarray:
    """Return the network's square of a picture of strokes."""
    return from_png(picture(cover_of_strokes(lines, variant), variant.look)).square


def square_of_strokes(lines: list[Line], variant: Variant) -> np.ndarray:
    """Return the network's square of strokes."""
    points = [line.tolist() for line in placed(lines, variant)]
    return from_strokes(parse_strokes(points, variant.canvas, variant.canvas)).square


def square_of_scan(digit: np.ndarray, variant: Variant) -> np.ndarray:
    """Return the network's square of an enlarged digit."""
    return from_png(picture(cover_of_picture(digit, variant), variant.look)).square
