"""What people draw, as values: strokes, ink (280 x 280) and the square (28 x 28) that a network sees. Pure."""

from functions.domain.drawing.ink import INK_SIDE, Drawing, Ink, Point, Square, Strokes
from functions.domain.drawing.normalise import square_from_bytes, square_to_bytes
from functions.domain.drawing.png import from_png, to_png
from functions.domain.drawing.strokes import MAX_POINTS, MAX_STROKES, from_json, from_strokes, parse_strokes, to_json

__all__ = [
    "INK_SIDE",
    "MAX_POINTS",
    "MAX_STROKES",
    "Drawing",
    "Ink",
    "Point",
    "Square",
    "Strokes",
    "from_json",
    "from_png",
    "from_strokes",
    "parse_strokes",
    "square_from_bytes",
    "square_to_bytes",
    "to_json",
    "to_png",
]
