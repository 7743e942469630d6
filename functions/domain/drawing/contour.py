"""The outline of an ink, to a fraction of a pixel, and what it tells about the pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray

from functions.domain.drawing.ink import Field, Line
from functions.domain.drawing.render import Area, Paper

MOST_RINGS = 64  # a page of handwriting has fewer; each costs 0.2 ms, for it is drawn some thirty times
LONGEST_OUTLINE = 6_000  # points, one or more for each pixel; a pen that fills half of the paper leaves as many
OUTLINE_LEVEL = 0.5  # an anti-aliased edge passes where half of a pixel is covered
ROUGHNESS = 0.998  # true length of the outline of a pen's touch by its length between pixels; a long line hardly notices
MEASURED_SIDE = 112  # pixels: the ink is drawn so large to measure how deep it is
DEPTH_DROP = 0.7  # of the usual frequency of a depth; what a drawing has of blots is seldom so much
DEPTH_BINS = 16  # of depth, up to the pen's half as area and perimeter tell it


def outline(ink: Field) -> tuple[list[Line], float]:
    """Return the closed rings where ``ink`` (h, w) crosses one half, in pixels, and the area of ink. The rim must be paper.

    Ink of more pieces, or with more outline, than a drawing has is halved until it has less: a pattern of dots becomes grey.
    """
    size, (points, ends) = 1, _combined_rings(ink)
    while len(ends) - 1 > MOST_RINGS or len(points) > LONGEST_OUTLINE:
        ink, size = _halved(ink), 2 * size
        points, ends = _combined_rings(ink)
    rings = np.split(points + 0.5, ends[1:-1])  # centres of pixels lie at halves
    return [ring * size for ring in rings], float(ink.sum(dtype=np.float64)) * size * size


def _combined_rings(ink: Field) -> tuple[Line, NDArray[np.uint32]]:
    """Return the points of all rings, and where each ring begins and the last one ends."""
    lines = contour_generator(z=ink, line_type=LineType.ChunkCombinedOffset).lines(OUTLINE_LEVEL)
    points, ends = cast("tuple[list[Line], list[NDArray[np.uint32]]]", lines)
    return points[0], ends[0]


def _halved(ink: Field) -> Field:
    """Return the mean of each 2 x 2 pixels, with the darkest at 1, and a rim of paper as before."""
    even = np.pad(ink, [(0, length % 2) for length in ink.shape])
    means = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    padded: Field = np.pad(means / means.max(), 1)
    return padded


@dataclass(frozen=True)
class Shape:
    """What an outline says about a line drawn in one go: the ``length`` of the pen's path and the ``pen``'s width."""

    length: float
    pen: float

    def area_with(self, pen: float) -> float:
        """Return the area that the same path would have with another pen, if it nowhere met itself."""
        return max(self.length * pen + np.pi * pen * pen / 4, 0.0)


def measure(area: float, rings: Sequence[Line]) -> Shape:
    """Estimate the pen from area A and the perimeter P of ``rings``.

    A pen of width w along a path of length l leaves A = l w + pi w^2 / 4 and P = 2 l + pi w (Steiner's formula for
    parallel sets), hence pi w^2 / 4 - P w / 2 + A = 0. It needs no skeleton and holds for dots and long lines alike. For k
    parts less loops pi would be k pi; that k jumps when a loop closes, and is worth 3 % of the pen, so it is left at 1.
    """
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
        paper.stroke(area.outline, 2 * depth * scale, ink=False)
        areas.append(float(paper.raster.sum()) / 255)
    return areas
