"""The strokes door: outside JSON in, a checked pen path out, and the path's own picture."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import numpy as np

from functions.domain.drawing.ink import INK_SIDE, Drawing, Ink, Pointer, Segments, Strokes
from functions.domain.drawing.normalise import square_from_segments
from functions.domain.drawing.points import bare_points, number, read_points, shortened
from functions.domain.drawing.render import Paper, PenPath, clip, segments_of, thin_out
from functions.domain.problem import Problem
from functions.errors import BadStrokes, EmptyDrawing, TooLarge

POINTERS = ("mouse", "touch", "pen")

MAX_STROKES = 200
MAX_POINTS = 10_000
LARGEST_SIDE = 100_000.0  # no canvas is larger; far below where floats get coarse
SMALLEST_SIDE = 0.001  # a canvas of 1 x 1 with fractions is welcome
INK_PEN = 10.0  # ink pixels: in proportion what MNIST's pen is on a digit of half the canvas; small loops stay open
INK_FINE = 2  # ink is drawn twice as fine, then averaged: the rasteriser's circles are rounder then
POINT_SPACING = 0.5  # ink pixels between points that are worth drawing


def parse_strokes(strokes: object, width: object, height: object, pointer: object = None) -> Strokes:
    """Turn outside JSON into checked strokes.

    Numbers are rounded to what a pen can do (1/20,000 of the canvas, 0.1 ms, 1/1000 of full pressure), so the same
    drawing is always the same record. A pen may leave the canvas by up to its size: those points are kept, not drawn.
    Clocks that step back are held (``t`` never decreases); strokes without points are left out.

    Raises:
        BadStrokes: a wrong type, a number that is not finite, a point far outside, or a canvas without a size.
        TooLarge: more than 200 strokes or 10,000 points.
        EmptyDrawing: there is no point.

    >>> strokes = parse_strokes([[[10, 20], [10, 80.00001]]], width=100, height=100, pointer="pen")
    >>> strokes.lines[0][1]
    Point(x=10.0, y=80.0, t=None, pressure=None)
    """
    wide, high = _side(width, "width"), _side(height, "height")
    if pointer is not None and (not isinstance(pointer, str) or pointer not in POINTERS):
        raise BadStrokes(Problem("strokes_pointer"))
    if not isinstance(strokes, list | tuple) or not all(isinstance(line, list | tuple) for line in strokes):
        raise BadStrokes(Problem("strokes_form"))
    if len(strokes) > MAX_STROKES:
        raise TooLarge(Problem("strokes_many", most=MAX_STROKES, count=len(strokes)))
    total = sum(map(len, strokes))
    if total > MAX_POINTS:
        raise TooLarge(Problem("strokes_points", most=MAX_POINTS, count=total))
    if total == 0:
        raise EmptyDrawing(Problem("drawing_blank"))
    return Strokes(read_points(strokes, wide, high), wide, high, cast("Pointer | None", pointer))


def to_json(strokes: Strokes) -> dict[str, Any]:
    """Return the canonical JSON facts of a pen path; ``from_json`` gives the same strokes back."""
    width, height = shortened((strokes.width, strokes.height))
    facts: dict[str, Any] = {"strokes": bare_points(strokes.lines), "width": width, "height": height}
    return facts if strokes.pointer is None else facts | {"pointer": strokes.pointer}


def from_json(facts: dict[str, Any]) -> Strokes:
    """Read what ``to_json`` wrote, through the same door. Raises what ``parse_strokes`` raises."""
    if not isinstance(facts, dict) or not {"strokes", "width", "height"} <= set(facts):
        raise BadStrokes(Problem("strokes_fields"))
    unknown = set(facts) - {"strokes", "width", "height", "pointer"}
    if unknown:
        raise BadStrokes(Problem("strokes_unknown_fields", names=", ".join(sorted(map(str, unknown)))))
    return parse_strokes(facts["strokes"], facts["width"], facts["height"], facts.get("pointer"))


def from_strokes(strokes: Strokes) -> Drawing:
    """Render a pen path: its ink as it lay on the canvas, its square from the path itself.

    Raises:
        EmptyDrawing: no part of the path lies on the canvas.

    >>> drawing = from_strokes(parse_strokes([[[50, 20], [50, 80]]], width=100, height=100))
    >>> drawing.ink.shape, drawing.square.shape, float(drawing.square.max())
    ((280, 280), (28, 28), 1.0)
    """
    path = segments(strokes)
    if not len(path):
        raise EmptyDrawing(Problem("drawing_off_canvas"))
    return Drawing(strokes, square_from_segments(path), partial(ink_of, path))


def segments(strokes: Strokes) -> Segments:
    """Return the visible path (n, 4) in ink pixels: the canvas fitted to 280 x 280, proportions kept, centred."""
    scale = INK_SIDE / max(strokes.width, strokes.height)
    lines = [np.array(list(zip(*line, strict=True))[:2]).T * scale for line in strokes.lines]  # (n, 2) each
    path = np.concatenate([segments_of(thin_out(line, POINT_SPACING)) for line in lines])
    wide, high = strokes.width * scale, strokes.height * scale
    left, top = (INK_SIDE - wide) / 2, (INK_SIDE - high) / 2
    visible: Segments = clip(path, wide, high) + np.array([left, top, left, top])
    return visible


def ink_of(path: Segments) -> Ink:
    """Draw a path (n, 4) in ink pixels with the one constant pen."""
    fine = INK_FINE if PenPath(path * INK_FINE).outline is not None else 1
    paper = Paper(INK_SIDE * fine)
    paper.draw(PenPath(path * fine), INK_PEN * fine)
    return 255 - paper.averaged(fine)


def _side(value: object, name: str) -> float:
    if value is None:
        raise BadStrokes(Problem("canvas_missing", side=name))
    side = number(value, side=name)
    if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise BadStrokes(Problem("canvas_range", side=name, least=str(SMALLEST_SIDE), most=round(LARGEST_SIDE)))
    return side
