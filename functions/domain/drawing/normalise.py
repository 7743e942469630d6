"""From a drawing to the square that a network sees: the MNIST prescription (LeCun, Cortes, Burges).

The longest side with its pen fills 20 of 28 pixels, proportions are kept, the pen is 2.6 pixels wide, and the centre of
mass lies in the middle pixel. Where strokes are there the path is drawn anew; of a picture the outline is moved in or out until
the pen has the right width. Nothing is ever rounded to whole pixels, so a drawing made elsewhere gives the same square.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing.contour import OUTLINE_LEVEL, Shape, depth, look_closer, measure, outline
from functions.domain.drawing.ink import INK_SIDE, SQUARE_SIDE, Field, Ink, Segments, Square
from functions.domain.drawing.render import coverage, distance

BOX_SIDE = 20.0  # pixels of the square that the longest side fills, pen included
SQUARE_PEN = 2.6  # pixels of the square; the mean pen of MNIST
CENTRE_OF_MASS = 14.5  # where MNIST has its centres of mass (on average, to 0.01): the middle of pixel 14, counted from 0
OVERSAMPLING = 8  # fine pixels to one of the square
# A drawing smaller than 1/25 of the canvas is enlarged as if it were that large: a dot stays a dot, and a hand's
# tremble on the spot does not become a symbol.
SMALLEST_EXTENT = INK_SIDE / 25
LARGEST_DOT = 24.0  # ink pixels; a picture's mark no larger than this may be the touch of a pen, a larger one is a shape
MAX_OUTLINE_SHIFT = 4.0  # pixels of the square by which an outline may move; a pen that needs more is a shape, not a pen
MAX_AREA_LOSS = 0.15  # an outline moves no further once so much of the pen's area has vanished (thin parts, filled loops)
MIN_HALF_WIDTH = 0.4  # pixels of the square that must be left on either side of a thin part's middle
THICK_PEN = 1.5  # times PEN: a pen that thick fills loops, so its width is looked at closely; below, ever less
FILLED_LOOP_DEPTH = 1.45  # times half a pen: two lines that cross are 1.42 deep, so what is deeper is a loop that filled up
SOLID_DEPTH = 3.0  # times half a pen: a loop filled by its own pen is two deep, what is much deeper was meant to be black
SHORTEST_LINE = (
    2.0  # a drawing's length in pens; a shorter one is a spot or a solid shape (a disc has 1.6), and has no loops to open
)
MAX_BOX_LOSS = 1.0  # pixels of the square by which the box may become smaller than the pen's change explains


def square_from_segments(path: Segments, pen: float = SQUARE_PEN, fine: int = OVERSAMPLING) -> Square:
    """Draw a path (n, 4) in ink pixels as a square, with the pen that networks know (or, for training, another).

    With ``fine`` 4 it takes half the time, and pixels differ by a tenth of a grey level of 255 on average, by 9 at most.
    """
    low, high = _bounds(path)
    scale = (BOX_SIDE - pen) / max(float((high - low).max()), SMALLEST_EXTENT)
    half = (high - low) * scale / 2 + pen / 2

    def draw(fine: int, shift: NDArray[np.float64]) -> Field:
        return coverage(_place(path, low, high, scale, shift) * fine, SQUARE_SIDE * fine, pen * fine)

    return pool(draw(fine, centring(draw(fine // 2, np.zeros(2)), half)))


def square_from_ink(ink: Ink) -> Square:
    """Turn an ink (280, 280) that is not blank into a square.

    The outline is found to a fraction of a pixel, its pen estimated, and moved by the difference to 2.6 pixels; it stops
    early where thin parts would vanish or loops fill up. Loops that a thick pen filled are opened again. A mark as small as
    a pen's touch stays a dot.
    """
    dark = _cropped(ink)
    contour = outline(dark)
    low, high = _bounds(contour)
    extent = float((high - low).max())
    shape = _shape(dark, contour, extent)
    pen = min(shape.pen, max(extent / 2, LARGEST_DOT))
    most = min(
        (BOX_SIDE - SQUARE_PEN) / SMALLEST_EXTENT, (SQUARE_PEN + 2 * MAX_OUTLINE_SHIFT) / pen * max(1.0, pen / LARGEST_DOT) ** 3
    )  # a spot is not blown up
    scale = min((BOX_SIDE - SQUARE_PEN) / max(extent - pen, SMALLEST_EXTENT), most)
    blotted = FILLED_LOOP_DEPTH < 2 * shape.deepest / shape.pen < SOLID_DEPTH

    def draw(fine: int, by: float | None, shift: NDArray[np.float64]) -> tuple[Field, float]:
        placed = _place(contour, low, high, scale, shift) * fine
        wanted = float(np.clip((SQUARE_PEN - pen * scale) / 2, -MAX_OUTLINE_SHIFT, MAX_OUTLINE_SHIFT)) if by is None else by
        reach = (abs(wanted) + MIN_HALF_WIDTH) * fine + 1.5
        away = distance(placed, SQUARE_SIDE * fine, reach)
        origin = (SQUARE_SIDE / 2 + shift - (low + high) / 2 * scale) * fine
        inside = _sample(dark, origin, scale * fine, SQUARE_SIDE * fine) > OUTLINE_LEVEL
        signed = np.where(inside, -away, away).astype(np.float32)
        moved = _bounded(signed / np.float32(fine), wanted, shape, scale) if by is None else by
        drawn = np.clip(np.float32(moved * fine + 0.5) - signed, 0, 1)
        if blotted:
            nib = shape.pen / 2 * scale
            unknown = inside & (away > reach - 0.01)  # deeper than ``distance`` looks
            _open(drawn, unknown, placed, max(2 * nib + moved, FILLED_LOOP_DEPTH * nib) * fine)
        return drawn, moved

    rough, by = draw(OVERSAMPLING // 2, None, np.zeros(2))
    scale = min((BOX_SIDE - 2 * by) / extent, most)
    half = (high - low) * scale / 2 + by
    return pool(draw(OVERSAMPLING, by, centring(rough, half))[0])


def centring(picture: Field, half: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shift (x, y), in pixels of the square, that takes the centre of mass to ``CENTRE_OF_MASS``.

    ``picture`` (n, n) covers the whole square with the drawing's box in its middle; ``half`` is half the box's size. The
    box never leaves the square: a very lopsided drawing stays whole, a little off the middle.
    """
    side = picture.shape[0]
    centres = (np.arange(side) + 0.5) * (SQUARE_SIDE / side)
    mass = picture.sum(dtype=np.float64)
    middle = np.array([(picture.sum(axis=0) * centres).sum(), (picture.sum(axis=1) * centres).sum()]) / mass
    room = np.maximum(SQUARE_SIDE / 2 - half, 0)
    shift: NDArray[np.float64] = np.clip(CENTRE_OF_MASS - middle, -room, room)
    return shift


def pool(fine: Field) -> Square:
    """Average a fine picture (28 k, 28 k) over each pixel of the square."""
    k = fine.shape[0] // SQUARE_SIDE
    square: Square = fine.reshape(SQUARE_SIDE, k, SQUARE_SIDE, k).mean(axis=(1, 3), dtype=np.float32)
    return square


def square_to_bytes(square: Square) -> bytes:
    """Return the square as 784 bytes, rows from the top, 255 for full ink."""
    return np.round(255 * np.clip(square, 0, 1)).astype(np.uint8).tobytes()


def square_from_bytes(body: bytes) -> Square:
    """Read what ``square_to_bytes`` wrote. Raises ValueError unless there are 784 bytes."""
    if len(body) != SQUARE_SIDE * SQUARE_SIDE:
        raise ValueError(f"A square has {SQUARE_SIDE * SQUARE_SIDE} bytes, not {len(body)}.")
    return np.frombuffer(body, np.uint8).reshape(SQUARE_SIDE, SQUARE_SIDE).astype(np.float32) / np.float32(255)


def _shape(dark: Field, contour: Segments, extent: float) -> Shape:
    """Measure length and pen: the thicker the pen for the drawing's size, the more closely, unless it is no line at all."""
    shape = measure(dark, contour)
    thick = shape.pen * (BOX_SIDE - SQUARE_PEN) / max(extent - shape.pen, SMALLEST_EXTENT) / SQUARE_PEN - 1
    lines = shape.length / shape.pen - SHORTEST_LINE
    if thick <= 0 or lines <= 0:
        return shape
    closer = look_closer(dark, contour, shape)
    part = min(thick / (THICK_PEN - 1), 1.0) * min(lines, 1.0)
    pen = shape.pen + part * (closer.pen - shape.pen)
    return Shape(shape.length + part * (closer.length - shape.length), pen, closer.deepest)


def _open(drawn: Field, deep: NDArray[np.bool_], contour: Segments, most: float) -> None:
    """Make paper in ``drawn`` where a ``deep`` pixel lies more than ``most`` pixels below ``contour``.

    Wherever the outline is, the pen's middle went along half a pen below it. Ink deeper than that by the new pen's half
    must be the pen's far side: the middle of a loop, or of a sharp bend, that a thick pen filled.
    """
    y, x = np.nonzero(deep)
    below = depth(np.stack([x, y], axis=1) + 0.5, contour)
    drawn[y, x] = np.clip(np.float32(most + 0.5) - below, 0, 1)


def _bounds(path: Segments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ends = path.reshape(-1, 2)
    return ends.min(axis=0), ends.max(axis=0)


def _place(
    path: Segments, low: NDArray[np.float64], high: NDArray[np.float64], scale: float, shift: NDArray[np.float64]
) -> Segments:
    """Scale a path into the square's pixels, the middle of its box to the square's middle, then by ``shift``."""
    placed: Segments = (path - np.tile((low + high) / 2, 2)) * scale + np.tile(SQUARE_SIDE / 2 + shift, 2)
    return placed


def _cropped(ink: Ink) -> Field:
    """Cut the ink out with a rim of paper; 0..1, and dark enough at its darkest to have an outline."""
    rows, columns = np.flatnonzero((ink < 255).any(axis=1)), np.flatnonzero((ink < 255).any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    dark = np.pad((255 - part).astype(np.float32), 2)
    darkest: np.float32 = dark.max()
    return dark / darkest


def _sample(picture: Field, origin: NDArray[np.float64], scale: float, side: int) -> Field:
    """Read a picture between its pixels (bilinear) at the centres of (side, side) pixels, ``scale`` of them to one of its."""

    def along(axis: int, length: int) -> tuple[NDArray[np.int64], Field]:
        at = np.clip((np.arange(side) + 0.5 - origin[axis]) / scale - 0.5, 0, length - 1.001)
        return at.astype(np.int64), (at % 1).astype(np.float32)

    x, right = along(0, picture.shape[1])
    y, below = along(1, picture.shape[0])
    rows = picture[y] * (1 - below[:, None]) + picture[y + 1] * below[:, None]  # (side, w)
    return (rows[:, x] * (1 - right) + rows[:, x + 1] * right).astype(np.float32)


def _bounded(signed: Field, wanted: float, shape: Shape, scale: float) -> float:
    """Return how far the outline may move towards ``wanted`` before ``MAX_AREA_LOSS`` of the pen's area, or a thin end, is gone.

    ``signed`` is the distance to the outline in pixels of the square, negative in the ink.
    """
    pixel = SQUARE_SIDE / signed.shape[0]
    ahead = MIN_HALF_WIDTH if wanted < 0 else 0.0  # look that much deeper into the ink than the outline will go
    steps = np.linspace(0, wanted - ahead, 17)
    area = np.array([np.clip(0.5 - (signed - step) / pixel, 0, 1).sum(dtype=np.float64) for step in steps]) * pixel * pixel
    expected = np.array([shape.area_with(shape.pen + 2 * step / scale) * scale * scale for step in steps])
    missing = 1 - area / np.maximum(expected, pixel)
    # Each of the box's four sides should move as far as the outline; where a thin end vanishes, one moves farther.
    box = np.array([[np.count_nonzero(signed.min(axis=axis) < step) for step in steps] for axis in (0, 1)]) * pixel
    short = (box[:, :1] + 2 * steps - box).max(axis=0)
    lost = np.maximum((missing - max(missing[0], 0)) / MAX_AREA_LOSS, short / MAX_BOX_LOSS)
    over = np.flatnonzero(lost > 1)
    if not len(over):
        return float(wanted)
    first = max(over[0], 1)
    part = (1 - lost[first - 1]) / (lost[first] - lost[first - 1])
    return min(float(steps[first - 1] + part * (steps[first] - steps[first - 1])) + ahead, max(wanted, 0.0))
