"""Pictures of written lines, drawn by Pillow with a round pen and not by the platform."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from functions.domain.drawing import Strokes

HEIGHT = 280  # pixels of a picture, with its margins
WIDEST = 2048  # pixels; a wider line is drawn lower
PEN = 0.065  # of the writing's height
FINE = 3  # times as fine as the picture, then averaged


def picture_of(strokes: Strokes) -> bytes:
    """Return a PNG of a line: black on white."""
    scale = min(HEIGHT / strokes.height, WIDEST / strokes.width)
    size = round(strokes.width * scale), round(strokes.height * scale)
    heights = [point.y for line in strokes.lines for point in line]
    pen = max(2.0, PEN * (max(heights) - min(heights)) * scale) * FINE
    sheet = Image.new("L", (size[0] * FINE, size[1] * FINE), 255)
    draw = ImageDraw.Draw(sheet)
    for line in strokes.lines:
        points = [(point.x * scale * FINE, point.y * scale * FINE) for point in line]
        draw.line(points, fill=0, width=round(pen), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=0)
    png = io.BytesIO()
    sheet.resize(size, Image.Resampling.BOX).save(png, "PNG")
    return png.getvalue()
