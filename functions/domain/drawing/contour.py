"""The outline of an ink, to a fraction of a pixel, and what it tells about the pen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing.ink import Field, Segments

OUTLINE_LEVEL = 0.5  # an anti-aliased edge passes where half of a pixel is covered
SAMPLED_INK = 2000  # pixels of ink that are enough to tell how deep the ink is
SAMPLED_PIECES = 1000  # of an outline that are enough for that: they lie apart by at most a few pixels, and the ink is many deep
DEPTH_DROP = 0.7  # of the usual frequency of a depth; what a drawing has of blots is seldom so much
DEPTH_BINS = 16  # of depth, up to the pen's half as area and perimeter tell it


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
    """What an outline says about a line drawn in one go: the ``length`` of the pen's path and the ``pen``'s width."""

    length: float
    pen: float
    deepest: float = 0.0  # the farthest that ink lies from the outline, where somebody looked

    def area_with(self, pen: float) -> float:
        """Return the area that the same path would have with another pen, if it nowhere met itself."""
        return max(self.length * pen + np.pi * pen * pen / 4, 0.0)


def measure(ink: Field, contour: Segments) -> Shape:
    """Estimate the pen from area A and perimeter P.

    A pen of width w along a path of length l leaves A = l w + pi w^2 / 4 and P = 2 l + pi w (Steiner's formula for
    parallel sets), hence pi w^2 / 4 - P w / 2 + A = 0. It needs no skeleton and holds for dots and long lines alike. For k
    parts less loops pi would be k pi; that k jumps when a loop closes, and is worth 3 % of the pen, so it is left at 1.
    """
    area = float(ink.sum(dtype=np.float64))
    perimeter = float(np.hypot(contour[:, 2] - contour[:, 0], contour[:, 3] - contour[:, 1]).sum())
    pen = 4 * area / (perimeter + np.sqrt(max(perimeter * perimeter - 4 * np.pi * area, 0.0)))
    return Shape(max((perimeter - np.pi * pen) / 2, 0.0), float(pen))


def look_closer(ink: Field, contour: Segments, shape: Shape) -> Shape:
    """Return ``shape`` with the pen as most of the line has it, whatever loops it filled, and how deep the ink is.

    A filled loop adds area and takes perimeter away, so that ``measure`` finds the pen too wide. But of the depths at which
    ink lies below the outline all are equally frequent up to half a pen, and only blots are deeper: half a pen is where the
    frequency drops. It is never more than what ``measure`` found.
    """
    inked = ink > OUTLINE_LEVEL
    step = max(1, int(np.sqrt(inked.sum() / SAMPLED_INK)))
    y, x = np.nonzero(inked[::step, ::step])
    deep = depth(np.stack([x, y], axis=1) * float(step) + 0.5, contour)
    # Below an upright edge all depths are halves of pixels; spread over a pixel (by the golden section) they fill all bins.
    spread = np.arange(len(deep)) * 0.6180339887498949 % 1 - 0.5
    counts, edges = np.histogram(np.abs(deep + spread), DEPTH_BINS, (0, shape.pen / 2))
    often = np.convolve(np.append(counts, counts[-1]), (0.25, 0.5, 0.25), "same")[:-1]
    level = DEPTH_DROP * often[1 : DEPTH_BINS // 2].mean()  # the outermost pixels lie on the outline
    pen = shape.pen
    below = np.flatnonzero(often[DEPTH_BINS // 2 :] < level) + DEPTH_BINS // 2
    if len(below):
        first = int(below[0])
        part = np.clip((often[first - 1] - level) / max(often[first - 1] - often[first], 1e-9), 0, 1)
        # From the middle of one bin to that of the next; smoothing has rounded the drop's upper edge off by a third of one.
        pen = min(pen, 2 * float(edges[first] + (part - 0.5 + 1 / 3) * edges[1]))
    return Shape(shape.length + np.pi * (shape.pen - pen) / 2, pen, float(deep.max(initial=0.0)))


def depth(points: NDArray[np.floating[Any]], contour: Segments) -> Field:
    """Return how far ``points`` (n, 2) lie from ``contour``, by the middles of its pieces; enough for points deep in the ink."""
    pieces = contour[:: -(-len(contour) // SAMPLED_PIECES)]
    middles = ((pieces[:, :2] + pieces[:, 2:]) / 2).astype(np.float32)
    origin = middles.mean(axis=0)  # small numbers keep their last digits
    middles, some = middles - origin, points.astype(np.float32) - origin
    lengths = (middles * middles).sum(axis=1)
    away = np.zeros(len(some), np.float32)
    for start in range(0, len(some), SAMPLED_PIECES):
        batch = some[start : start + SAMPLED_PIECES]
        away[start : start + SAMPLED_PIECES] = (batch * batch).sum(axis=1) + (lengths - 2 * batch @ middles.T).min(axis=1)
    depths: Field = np.sqrt(np.maximum(away, 0))
    return depths


def _crossings(ink: Field) -> tuple[NDArray[np.bool_], Field]:
    left, right = ink[:, :-1], ink[:, 1:]
    crossed = (left > OUTLINE_LEVEL) != (right > OUTLINE_LEVEL)
    return crossed, ((left - OUTLINE_LEVEL) / np.where(crossed, left - right, 1)).astype(np.float32)
