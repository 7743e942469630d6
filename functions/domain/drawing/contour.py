"""The outline of an ink, to a fraction of a pixel, and what it tells about the pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray

from functions.domain.drawing.ink import Field, Line
from functions.domain.drawing.render import Area, Paper

OUTLINE_LEVEL = 0.5  # an anti-aliased edge passes where half of a pixel is covered
ROUGHNESS = 0.998  # true length of the outline of a pen's touch by its length between pixels; a long line hardly notices
MEASURED_SIDE = 112  # pixels: the ink is drawn so large to measure how deep it is
DEPTH_DROP = 0.7  # of the usual frequency of a depth; what a drawing has of blots is seldom so much
DEPTH_BINS = 16  # of depth, up to the pen's half as area and perimeter tell it


def outline(ink: Field) -> list[Line]:
    """Return the closed rings where ``ink`` (h, w) crosses one half, in pixels. The picture's rim must be paper."""
    rings = cast("list[Line]", contour_generator(z=ink, line_type="Separate").lines(OUTLINE_LEVEL))
    return [ring + 0.5 for ring in rings]  # centres of pixels lie at halves


@dataclass(frozen=True)
class Shape:
    """What an outline says about a line drawn in one go: the ``length`` of the pen's path and the ``pen``'s width."""

    length: float
    pen: float

    def area_with(self, pen: float) -> float:
        """Return the area that the same path would have with another pen, if it nowhere met itself."""
        return max(self.length * pen + np.pi * pen * pen / 4, 0.0)


def measure(ink: Field, rings: Sequence[Line]) -> Shape:
    """Estimate the pen from area A and perimeter P.

    A pen of width w along a path of length l leaves A = l w + pi w^2 / 4 and P = 2 l + pi w (Steiner's formula for
    parallel sets), hence pi w^2 / 4 - P w / 2 + A = 0. It needs no skeleton and holds for dots and long lines alike. For k
    parts less loops pi would be k pi; that k jumps when a loop closes, and is worth 3 % of the pen, so it is left at 1.
    """
    area = float(ink.sum(dtype=np.float64))
    perimeter = ROUGHNESS * sum(float(np.hypot(*np.diff(ring, axis=0).T).sum()) for ring in rings)
    pen = 4 * area / (perimeter + np.sqrt(max(perimeter * perimeter - 4 * np.pi * area, 0.0)))
    return Shape(max((perimeter - np.pi * pen) / 2, 0.0), float(pen))


def look_closer(rings: Sequence[Line], shape: Shape) -> Shape:
    """Return ``shape`` with the pen as most of the line has it, whatever loops it filled.

    A filled loop adds area and takes perimeter away, so that ``measure`` finds the pen too wide. But of the depths at which
    ink lies below the outline all are equally frequent up to half a pen, and only blots are deeper: half a pen is where the
    frequency drops. It is never more than what ``measure`` found.
    """
    edges = np.linspace(0, shape.pen / 2, DEPTH_BINS + 1)
    counts = -np.diff(areas_below(rings, edges))
    often = np.convolve(np.append(counts, counts[-1]), (0.25, 0.5, 0.25), "same")[:-1]
    level = DEPTH_DROP * often[1 : DEPTH_BINS // 2].mean()  # the outermost pixels lie on the outline
    pen = shape.pen
    below = np.flatnonzero(often[DEPTH_BINS // 2 :] < level) + DEPTH_BINS // 2
    if len(below):
        first = int(below[0])
        part = np.clip((often[first - 1] - level) / max(often[first - 1] - often[first], 1e-9), 0, 1)
        # From the middle of one bin to that of the next; smoothing has rounded the drop's upper edge off by a third of one.
        pen = min(pen, 2 * float(edges[first] + (part - 0.5 + 1 / 3) * edges[1]))
    return Shape(shape.length + np.pi * (shape.pen - pen) / 2, pen)


def areas_below(rings: Sequence[Line], depths: Sequence[float] | NDArray[np.float64]) -> list[float]:
    """Return the area that lies deeper inside ``rings`` than each of the rising ``depths``, in fine pixels."""
    points = np.concatenate(rings)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = MEASURED_SIDE / float((high - low).max())
    area, paper, areas = Area((ring - low) * scale for ring in rings), Paper(MEASURED_SIDE), []
    paper.fill(area)
    for depth in depths:
        paper.stroke([area.outline], 2 * depth * scale, ink=False)
        areas.append(float(paper.raster.sum()) / 255)
    return areas
