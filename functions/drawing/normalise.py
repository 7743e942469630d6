"""From a drawing to the square that a network sees: the MNIST prescription (LeCun, Cortes, Burges).

The longest side with its pen fills 20 of 28 pixels, proportions are kept, the pen is 2.6 pixels wide, and the centre of
mass lies in the middle. Where strokes are there the path is drawn anew; nothing is ever rounded to whole pixels, so a
drawing that was made elsewhere on the canvas gives the same square.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from functions.drawing.ink import FIELD, SIDE, Field, Segments, Square
from functions.drawing.render import coverage

BOX = 20.0  # pixels of the square that the longest side fills, pen included
PEN = 2.6  # pixels of the square; the mean pen of MNIST
FINE = 8  # fine pixels to one of the square
# A drawing smaller than 1/25 of the canvas is enlarged as if it were that large: a dot stays a dot, and a hand's
# tremble on the spot does not become a symbol.
TINY = SIDE / 25


def square_from_segments(path: Segments) -> Square:
    """Draw a path (n, 4) in ink pixels as a square, with the pen that networks know."""
    ends = path.reshape(-1, 2)
    low, high = ends.min(axis=0), ends.max(axis=0)
    scale = (BOX - PEN) / max(float((high - low).max()), TINY)
    placed = (path - np.tile((low + high) / 2, 2)) * scale + FIELD / 2  # in pixels of the square
    half = (high - low) * scale / 2 + PEN / 2
    rough = coverage(placed * (FINE / 2), FIELD * FINE // 2, PEN * FINE / 2)
    shift = centring(rough, half)
    fine = coverage((placed + np.tile(shift, 2)) * FINE, FIELD * FINE, PEN * FINE)
    return pool(fine)


def centring(picture: Field, half: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shift (x, y), in pixels of the square, that takes the centre of mass to the middle.

    ``picture`` (n, n) covers the whole square with the drawing's box in its middle; ``half`` is half the box's size. The
    box never leaves the square: a very lopsided drawing stays whole, a little off the middle.
    """
    side = picture.shape[0]
    centres = (np.arange(side) + 0.5) * (FIELD / side)
    mass = picture.sum(dtype=np.float64)
    middle = np.array([(picture.sum(axis=0) * centres).sum(), (picture.sum(axis=1) * centres).sum()]) / mass
    room = np.maximum(FIELD / 2 - half, 0)
    shift: NDArray[np.float64] = np.clip(FIELD / 2 - middle, -room, room)
    return shift


def pool(fine: Field) -> Square:
    """Average a fine picture (28 k, 28 k) over each pixel of the square."""
    k = fine.shape[0] // FIELD
    square: Square = fine.reshape(FIELD, k, FIELD, k).mean(axis=(1, 3), dtype=np.float32)
    return square


def square_to_bytes(square: Square) -> bytes:
    """Return the square as 784 bytes, rows from the top, 255 for full ink."""
    return np.round(255 * np.clip(square, 0, 1)).astype(np.uint8).tobytes()


def square_from_bytes(body: bytes) -> Square:
    """Read what ``square_to_bytes`` wrote. Raises ValueError unless there are 784 bytes."""
    return np.frombuffer(body, np.uint8).reshape(FIELD, FIELD).astype(np.float32) / np.float32(255)
