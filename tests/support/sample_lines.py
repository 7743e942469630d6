"""Lines of writing: digits as people write them, and pictures of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from functions.domain.drawing import Strokes, parse_strokes

Shape = list[list[tuple[float, float]]]


def _arc(x: float, y: float, across: float, down: float, first: float, last: float, count: int = 24) -> list[tuple[float, float]]:
    turns = np.radians(np.linspace(first, last, count))
    return [(float(x + across * np.cos(turn)), float(y + down * np.sin(turn))) for turn in turns]


# Shapes one high, y downwards, that stand on 1.
SHAPES: dict[str, Shape] = {
    "0": [_arc(0.3, 0.5, 0.3, 0.5, -90, 270)],
    "1": [[(0.05, 0.0), (0.05, 1.0)]],
    "2": [[*_arc(0.3, 0.28, 0.28, 0.28, 190, 370), (0.05, 1.0), (0.62, 1.0)]],
    "3": [[*_arc(0.25, 0.25, 0.28, 0.25, 210, 450), *_arc(0.25, 0.75, 0.32, 0.25, -90, 150)]],
    "4": [[(0.35, 0.0), (0.0, 0.65), (0.6, 0.65)], [(0.45, 0.35), (0.42, 1.0)]],  # two strokes that cross
    "5": [[(0.1, 0.05), (0.07, 0.45), *_arc(0.25, 0.7, 0.3, 0.3, -120, 140)], [(0.1, 0.03), (0.55, 0.0)]],  # its top last
    "6": [[(0.45, 0.0), *_arc(0.3, 0.7, 0.28, 0.3, 200, -180)]],
    "7": [[(0.0, 0.0), (0.55, 0.0), (0.2, 1.0)], [(0.1, 0.5), (0.5, 0.48)]],  # barred
    "8": [
        [*_arc(0.28, 0.25, 0.22, 0.25, 0, -270), *_arc(0.28, 0.75, 0.28, 0.25, -90, 270), *_arc(0.28, 0.25, 0.22, 0.25, 90, 0)]
    ],
}


def line(text: str, gap: float = 0.3, size: float = 100.0, slant: float = 0.0) -> dict[str, Any]:
    """Return a written line as a client sends it; ``gap`` in heights, below 0 to overlap."""
    strokes, x = [], 0.4
    for character in text:
        shape = SHAPES[character]
        strokes += [[[px + x + slant * (1 - py), py + 0.4] for px, py in stroke] for stroke in shape]
        x += max(px for stroke in shape for px, _ in stroke) + gap
    scaled = [[[round(px * size, 2), round(py * size, 2)] for px, py in stroke] for stroke in strokes]
    return {"strokes": scaled, "width": round((x + 0.4) * size, 2), "height": 1.8 * size}


def strokes_of(fields: dict[str, Any]) -> Strokes:
    """Return what a client's strokes become."""
    return parse_strokes(fields["strokes"], fields["width"], fields["height"])


def picture_of(fields: dict[str, Any], pen: float = 7.0, colours: Sequence[int] = (255, 0)) -> bytes:
    """Return a PNG of a line, with paper and ink of these greys."""
    size = round(fields["width"]), round(fields["height"])
    fine = 3
    sheet = Image.new("L", (size[0] * fine, size[1] * fine), colours[0])
    draw = ImageDraw.Draw(sheet)
    for stroke in fields["strokes"]:
        points = [(x * fine, y * fine) for x, y in stroke]
        draw.line(points, fill=colours[1], width=round(pen * fine), joint="curve")
        for x, y in (points[0], points[-1]):
            half = pen * fine / 2
            draw.ellipse((x - half, y - half, x + half, y + half), fill=colours[1])
    png = io.BytesIO()
    sheet.resize(size, Image.Resampling.BOX).save(png, "PNG")
    return png.getvalue()
