"""The outline of an ink, to a fraction of a pixel, and what it tells about the pen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from functions.drawing.ink import Field, Segments

LEVEL = 0.5  # an anti-aliased edge passes where half of a pixel is covered
MOST_PARTS = 4  # more pieces or loops than a symbol has are noise, and would mislead the estimate


def outline(ink: Field) -> Segments:
    """Return the line where ``ink`` (h, w) crosses one half, as segments (n, 4) in pixels, in no order.

    Marching squares with linear interpolation (Lorensen and Cline 1987, in the plane). The picture's rim must be paper.
    """
    across, x = _crossings(ink)  # between horizontal neighbours: (h, w - 1)
    down, y = _crossings(ink.T)
    down, y = down.T, y.T  # between vertical neighbours: (h - 1, w)
    rows, columns = np.indices((ink.shape[0] - 1, ink.shape[1] - 1))
    # A cell lies between four pixel centres; these are the points on its upper, lower, left and right side.
    sides = (
        (across[:-1], columns + x[:-1], rows),
        (across[1:], columns + x[1:], rows + 1),
        (down[:, :-1], columns, rows + y[:, :-1]),
        (down[:, 1:], columns + 1, rows + y[:, 1:]),
    )
    crossed = sum(side[0].astype(np.int8) for side in sides)
    found = []
    for one, other in combinations(range(4), 2):
        cells = sides[one][0] & sides[other][0] & (crossed == 2)
        if (one, other) in ((0, 2), (1, 3)):  # two inks that touch at a corner: cut both corners off
            cells |= crossed == 4
        found.append(np.stack([part[cells] for side in (one, other) for part in sides[side][1:]], axis=1))
    return np.concatenate(found).astype(np.float64) + 0.5  # centres of pixels lie at halves


@dataclass(frozen=True)
class Shape:
    """What an outline says about a pen line: ``area``, ``length`` of the pen's path, ``pen`` width, ``parts`` less loops."""

    area: float
    length: float
    pen: float
    parts: int

    def area_with(self, pen: float) -> float:
        """Return the area the same path would have with another pen, if it nowhere met itself."""
        return max(self.length * pen + self.parts * np.pi * pen * pen / 4, 0.0)


def measure(ink: Field, contour: Segments) -> Shape:
    """Estimate the pen from area A, perimeter P and the number X of parts less loops.

    A pen of width w along a path of length l leaves A = l w + X pi w^2 / 4 and P = 2 l + X pi w (Steiner's formula for
    parallel sets), hence X pi w^2 / 4 - P w / 2 + A = 0. It needs no skeleton, and holds for dots and rings alike.
    """
    area = float(ink.sum(dtype=np.float64))
    perimeter = float(np.hypot(contour[:, 2] - contour[:, 0], contour[:, 3] - contour[:, 1]).sum())
    parts = int(np.clip(_parts_less_loops(ink > LEVEL), -MOST_PARTS, MOST_PARTS))
    root = np.sqrt(max(perimeter * perimeter - 4 * np.pi * parts * area, 0.0))
    pen = 4 * area / (perimeter + root)  # the smaller solution, written so that X = 0 is no exception
    return Shape(area, max((perimeter - parts * np.pi * pen) / 2, 0.0), float(pen), parts)


def _crossings(ink: Field) -> tuple[NDArray[np.bool_], Field]:
    left, right = ink[:, :-1], ink[:, 1:]
    crossed = (left > LEVEL) != (right > LEVEL)
    return crossed, ((left - LEVEL) / np.where(crossed, left - right, 1)).astype(np.float32)


def _parts_less_loops(inked: NDArray[np.bool_]) -> int:
    """Return the Euler number of an ink from its 2 x 2 neighbourhoods (Gray 1971); parts are joined by sides only."""
    a, b, c, d = (inked[i : inked.shape[0] - 1 + i, j : inked.shape[1] - 1 + j] for i in (0, 1) for j in (0, 1))
    count = a.astype(np.int8) + b + c + d
    diagonal = (count == 2) & (a == d)
    return int((count == 1).sum() - (count == 3).sum() + 2 * diagonal.sum()) // 4
