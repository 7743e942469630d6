"""From a drawing to the square that a network sees: the MNIST prescription (LeCun, Cortes, Burges).

The longest side with its pen fills 20 of 28 pixels, proportions are kept, the pen is 2.6 pixels wide, and the centre of
mass lies in the middle pixel. Where strokes are there the path is drawn anew; of a picture the outline is moved in or out until
the pen has the right width. Nothing is ever rounded to whole pixels, so a drawing made elsewhere gives the same square.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from functions.domain.drawing.contour import Shape, areas_below, look_closer, measure, outline
from functions.domain.drawing.ink import INK_SIDE, SQUARE_SIDE, Field, Ink, Line, Segments, Square, Vector
from functions.domain.drawing.render import Area, Paper, PenPath, thin_out

BOX_SIDE = 20.0  # pixels of the square that the longest side fills, pen included
SQUARE_PEN = 2.6  # pixels of the square; the mean pen of MNIST
CENTRE_OF_MASS = 14.5  # where MNIST has its centres of mass (on average, to 0.01): the middle of pixel 14, counted from 0
FINE = 4  # the square is drawn so many times as fine, then averaged
FINE_SIDE = SQUARE_SIDE * FINE
MIDDLE: Vector = np.full(2, FINE_SIDE / 2)
# A drawing smaller than 1/25 of the canvas is enlarged as if it were that large: a dot stays a dot, and a hand's
# tremble on the spot does not become a symbol.
SMALLEST_EXTENT = INK_SIDE / 25
LARGEST_DOT = 24.0  # ink pixels; a picture's mark no larger than this may be the touch of a pen, a larger one is a shape
OUTLINE_POINTS = 100  # points of an outline along the drawing's longest side: almost one for each fine pixel
MAX_OUTLINE_SHIFT = 4.0  # pixels of the square by which an outline may move; a pen that needs more is a shape, not a pen
MAX_AREA_LOSS = 0.15  # an outline moves no further once so much of the pen's area has vanished (thin parts, filled loops)
AREA_ERROR = 0.5  # pixels of the square by which the rasteriser may miss a spot's area
MIN_HALF_WIDTH = 0.4  # pixels of the square that must be left on either side of a thin part's middle
THICK_PEN = 1.5  # times PEN: a pen that thick fills loops, so its width is looked at closely; below, ever less
FILLED_LOOP_DEPTH = 1.45  # times half a pen: two lines that cross are 1.42 deep, so what is deeper is a loop that filled up
SOLID_DEPTH = 3.0  # times half a pen: a loop filled by its own pen is two deep, what is much deeper was meant to be black
SHORTEST_LINE = (
    2.0  # a drawing's length in pens; a shorter one is a spot or a solid shape (a disc has 1.6), and has no loops to open
)
HALVINGS = 5  # of the way that an outline may move: to within a thirtieth
MAX_BOX_LOSS = 1.0  # pixels of the square by which the box may become smaller than the pen's change explains


def square_from_segments(path: Segments, pen: float = SQUARE_PEN, share: float = 1.0) -> Square:
    """Draw a path (n, 4) in ink pixels as a square, with the pen that networks know (or, for training, another).

    A path longer than a ``share`` of the rasteriser's limits is drawn to whole pixels.
    """
    ends = path.reshape(-1, 2)
    low, high = ends.min(axis=0), ends.max(axis=0)
    scale = (BOX_SIDE - pen) / max(float((high - low).max()), SMALLEST_EXTENT)
    placed = PenPath((path - np.tile((low + high) / 2, 2)) * scale * FINE, share)

    def draw(paper: Paper, at: Vector) -> None:
        paper.draw(placed, pen * FINE, at)

    return _centred(draw, (high - low) * scale / 2 + pen / 2)


def square_from_ink(ink: Ink) -> Square:
    """Turn an ink (280, 280) that is not blank into a square.

    The outline is found to a fraction of a pixel, its pen estimated, and moved by the difference to 2.6 pixels; it stops
    early where thin parts would vanish or loops fill up. Loops that a thick pen filled are opened again. A mark as small as
    a pen's touch stays a dot.
    """
    dark = _cropped(ink)
    rings, inked = outline(dark)
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    shape = measure(inked, rings)
    thinned = [thin_out(ring, extent / OUTLINE_POINTS) for ring in rings]
    if max(map(len, thinned)) > 2:  # else there are specks alone, each thinned to one point and back
        rings = thinned
    shape, blotted = _looked_at(shape, rings, extent)
    pen = min(shape.pen, max(extent / 2, LARGEST_DOT))
    most = min(
        (BOX_SIDE - SQUARE_PEN) / SMALLEST_EXTENT, (SQUARE_PEN + 2 * MAX_OUTLINE_SHIFT) / pen * max(1.0, pen / LARGEST_DOT) ** 3
    )  # a spot is not blown up
    scale = min((BOX_SIDE - SQUARE_PEN) / max(extent - pen, SMALLEST_EXTENT), most)

    def placed(scale: float) -> Area:
        return Area((ring - (low + high) / 2) * scale * FINE for ring in rings)

    wanted = float(np.clip((SQUARE_PEN - pen * scale) / 2, -MAX_OUTLINE_SHIFT, MAX_OUTLINE_SHIFT))
    by = _bounded(placed(scale), wanted, shape, scale)
    scale = min((BOX_SIDE - 2 * by) / extent, most)
    area = placed(scale)
    # Wherever the outline is, the pen's middle went along half a pen below it. Ink deeper than that by the new pen's half
    # must be the pen's far side: the middle of a loop, or of a sharp bend, that a thick pen filled.
    deepest = max(shape.pen * scale + by, FILLED_LOOP_DEPTH * shape.pen / 2 * scale)

    def draw(paper: Paper, at: Vector) -> None:
        paper.fill(area, by * FINE, at)
        if blotted:
            shallow = Paper(FINE_SIDE)
            shallow.stroke(area.outline, 2 * deepest * FINE, at)
            np.minimum(paper.raster, shallow.raster, out=paper.raster)

    return _centred(draw, (high - low) * scale / 2 + by)


def square_from_rings(rings: Sequence[Line], pen: float) -> Square:
    """Turn the outline of ink whose ``pen`` is known into a square, quickly; it is about what ``square_from_ink`` gives."""
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    scale = (BOX_SIDE - SQUARE_PEN) / max(extent - pen, SMALLEST_EXTENT)
    by = float(np.clip((SQUARE_PEN - pen * scale) / 2, -MAX_OUTLINE_SHIFT, MAX_OUTLINE_SHIFT))
    area = Area((ring - (low + high) / 2) * scale * FINE for ring in rings)

    def draw(paper: Paper, at: Vector) -> None:
        paper.fill(area, by * FINE, at)

    return _centred(draw, (high - low) * scale / 2 + by)


def _centred(draw: Callable[[Paper, Vector], None], half: Vector) -> Square:
    """Draw once to find the centre of mass and once more with it in its place; average over each pixel of the square.

    ``draw`` draws on fine paper with the middle of the box in a place (x, y); ``half`` is half the box's size. The box never
    leaves the square: a very lopsided drawing stays whole, a little off the middle.
    """
    rough, fine = Paper(FINE_SIDE), Paper(FINE_SIDE)
    draw(rough, MIDDLE)
    centres = np.arange(FINE_SIDE) + 0.5
    mass = np.array([rough.raster.sum(axis=axis) @ centres for axis in (0, 1)]) / max(rough.raster.sum(), 1)
    room = np.maximum(SQUARE_SIDE / 2 - half, 0) * FINE
    draw(fine, MIDDLE + np.clip(CENTRE_OF_MASS * FINE - mass, -room, room))
    square: Square = np.divide(fine.averaged(FINE), 255, dtype=np.float32)
    return square


def square_to_bytes(square: Square) -> bytes:
    """Return the square as 784 bytes, rows from the top, 255 for full ink."""
    return np.round(255 * np.clip(square, 0, 1)).astype(np.uint8).tobytes()


def square_from_bytes(body: bytes) -> Square:
    """Read what ``square_to_bytes`` wrote. Raises ValueError unless there are 784 bytes."""
    if len(body) != SQUARE_SIDE * SQUARE_SIDE:
        raise ValueError(f"A square has {SQUARE_SIDE * SQUARE_SIDE} bytes, not {len(body)}.")
    return np.frombuffer(body, np.uint8).reshape(SQUARE_SIDE, SQUARE_SIDE).astype(np.float32) / np.float32(255)


def _looked_at(shape: Shape, rings: Sequence[Line], extent: float) -> tuple[Shape, bool]:
    """Measure again, the thicker the pen for the drawing's size the more closely, unless it is no line at all.

    Tell also whether the pen filled a loop.
    """
    thick = shape.pen * (BOX_SIDE - SQUARE_PEN) / max(extent - shape.pen, SMALLEST_EXTENT) / SQUARE_PEN - 1
    lines = shape.length / shape.pen - SHORTEST_LINE
    if thick <= 0 or lines <= 0:
        return shape, False
    closer = look_closer(rings, shape)
    part = min(thick / (THICK_PEN - 1), 1.0) * min(lines, 1.0)
    pen = shape.pen + part * (closer.pen - shape.pen)
    blot, solid = areas_below(rings, (FILLED_LOOP_DEPTH * pen / 2, SOLID_DEPTH * pen / 2))
    return Shape(shape.length + part * (closer.length - shape.length), pen), blot > 0 and not solid


def _cropped(ink: Ink) -> Field:
    """Cut the ink out with a rim of paper; 0..1, and dark enough at its darkest to have an outline."""
    rows, columns = np.flatnonzero((ink < 255).any(axis=1)), np.flatnonzero((ink < 255).any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    dark = np.pad((255 - part).astype(np.float32), 2)
    darkest: np.float32 = dark.max()
    return dark / darkest


def _bounded(area: Area, wanted: float, shape: Shape, scale: float) -> float:
    """Return how far the outline may move towards ``wanted`` before ``MAX_AREA_LOSS`` of the pen's area, or a thin end, is gone.

    ``area`` lies around its origin, in fine pixels; ``wanted`` is in pixels of the square.
    """

    def lost(step: float) -> tuple[float, Vector]:
        paper = Paper(FINE_SIDE)
        paper.fill(area, step * FINE, MIDDLE)
        drawn = paper.raster
        expected = shape.area_with(shape.pen + 2 * step / scale) * scale * scale
        missing = (expected - drawn.sum() / (255 * FINE * FINE) - AREA_ERROR) / max(expected, AREA_ERROR)
        box = np.array([np.count_nonzero(drawn.max(axis=axis) > 127) for axis in (0, 1)]) / FINE
        # Each of the box's four sides should move as far as the outline; where a thin end vanishes, one moves farther.
        return float(missing), box - 2 * step

    ahead = MIN_HALF_WIDTH if wanted < 0 else 0.0  # look that much deeper into the ink than the outline will go
    missing, box = lost(0)
    if not box.any():
        return max(wanted, MIN_HALF_WIDTH)  # specks too small for the rasteriser: only a pen along their outlines shows them

    def too_far(step: float) -> bool:
        more, smaller = lost(step)
        return more - max(missing, 0) > MAX_AREA_LOSS or (box - smaller).max() > MAX_BOX_LOSS

    good, bad = 0.0, wanted - ahead
    if not too_far(bad):
        return wanted
    for _ in range(HALVINGS):
        middle = (good + bad) / 2
        good, bad = (good, middle) if too_far(middle) else (middle, bad)
    return min(good + ahead, max(wanted, 0.0))
