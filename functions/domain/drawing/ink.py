"""The three forms of a drawing that everything else speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.uint8]  # (280, 280), 255 paper, 0 ink
Square = NDArray[np.float32]  # (28, 28), 0 paper .. 1 ink, as in MNIST
Field = NDArray[np.float32]  # (n, n), 0 paper .. 1 ink, any side
Raster = NDArray[np.uint8]  # (n, n), 0 paper .. 255 ink, any side
Vector = NDArray[np.float64]  # (2,), x and y
Line = NDArray[np.float64]  # (n, 2), joined points, y downwards
Segments = NDArray[np.float64]  # (n, 4), x0 y0 x1 y1 of straight pieces of pen path; a dot is a piece of no length

INK_SIDE = 280  # ten ink pixels for each pixel of the square
SQUARE_SIDE = 28  # MNIST's side


@dataclass(frozen=True, eq=False)
class Drawing:
    """A checked drawing; it cannot be wrong, for only ``from_strokes`` and ``from_png`` make it.

    ``strokes`` are None for uploads, ``square`` is (28, 28) in 0..1. ``draw_ink`` is called when somebody asks for the ink.
    """

    strokes: Strokes | None
    square: Square
    draw_ink: Callable[[], Ink]

    def __post_init__(self) -> None:
        # Frozen to the pixels: a drawing is shared between the answer, the record and the store.
        self.square.flags.writeable = False

    @cached_property
    def ink(self) -> Ink:
        """The ink, (280, 280) with 255 for paper. It is drawn when it is first read: most drawings are not kept."""
        ink = self.draw_ink()
        ink.flags.writeable = False
        return ink


Pointer = Literal["mouse", "touch", "pen"]


class Point(NamedTuple):
    """Where the pen was, in the canvas's units, y downwards; when (ms since the first point), how hard (0..1), where known."""

    x: float
    y: float
    t: float | None = None
    pressure: float | None = None


@dataclass(frozen=True)
class Strokes:
    """A checked pen path: at least one point, all finite, and the size of the canvas it was drawn on."""

    lines: tuple[tuple[Point, ...], ...]
    width: float
    height: float
    pointer: Pointer | None = None
