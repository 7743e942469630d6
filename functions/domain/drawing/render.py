"""Draw paths as pixels with Anti-Grain Geometry (celiagg), and prepare pen paths to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from celiagg import CanvasG8, DrawingMode, GraphicsState, InnerJoin, LineCap, LineJoin, Path, SolidPaint, Transform
from PIL import Image

from functions.domain.drawing.ink import Line, Raster, Segments, Vector

ORIGIN: Vector = np.zeros(2)
DOT = 1e-3  # pixels: a dot is drawn as a line of this length
SEGMENTS_AT_ONCE = 2000  # the rasteriser drops pixels of a path that crosses more than four million of them


class Paper:
    """A sheet of (side, side) pixels; what is drawn on it is given in pixels and moved by ``at`` (x, y). For one thread."""

    def __init__(self, side: int) -> None:
        self.raster: Raster = np.zeros((side, side), np.uint8)
        self._canvas = CanvasG8(self.raster)

    def stroke(self, paths: Sequence[Path], pen: float, at: Vector = ORIGIN, *, ink: bool = True) -> None:
        """Draw along ``paths`` with a round pen that is ``pen`` pixels wide, in ink or in paper."""
        for path in paths:
            self._draw(path, DrawingMode.DrawStroke, pen, at, ink)

    def fill(self, area: Area, by: float = 0, at: Vector = ORIGIN) -> None:
        """Fill ``area`` with its outline moved outwards by ``by`` pixels.

        A line along the outline in ink moves it outwards, a line in paper inwards.
        """
        self._draw(area.inside, DrawingMode.DrawFill, 0, at, True)
        if by:
            self.stroke([area.outline], 2 * abs(by), at, ink=by > 0)

    def averaged(self, fine: int) -> Raster:
        """Return the mean of each block of (fine, fine) pixels."""
        return np.asarray(Image.fromarray(self.raster).reduce(fine))

    def _draw(self, path: Path, mode: DrawingMode, pen: float, at: Vector, ink: bool) -> None:
        state = GraphicsState(
            drawing_mode=mode,
            line_width=pen,
            line_cap=LineCap.CapRound,
            line_join=LineJoin.JoinRound,
            inner_join=InnerJoin.InnerMiter,
        )
        paint = SolidPaint(ink, ink, ink)
        self._canvas.draw_shape(path, Transform(tx=at[0], ty=at[1]), state, stroke=paint, fill=paint)


class Area:
    """What lies inside closed ``rings``, in pixels; each ring ends where it begins."""

    def __init__(self, rings: Iterable[Line]) -> None:
        self.outline, self.inside = Path(), Path()
        for ring in rings:
            for path, line in ((self.outline, ring), (self.inside, _shrunk(ring[:-1]))):
                path.lines(line)
                path.close()


def open_paths(path: Segments) -> list[Path]:
    """Return a pen's path (n, 4), in pixels, for the rasteriser."""
    paths = []
    for start in range(0, len(path), SEGMENTS_AT_ONCE):
        paths.append(Path())
        for line in lines_of(path[start : start + SEGMENTS_AT_ONCE]):
            line[-1, 0] += DOT
            paths[-1].lines(line)
    return paths


def lines_of(path: Segments) -> list[Line]:
    """Return the strokes of a path (n, 4): a new stroke begins where a segment does not start at the end of the one before."""
    starts = np.flatnonzero((path[1:, :2] != path[:-1, 2:]).any(axis=1)) + 1
    return [np.concatenate([part[:1, :2], part[:, 2:]]) for part in np.split(path, starts)]


def segments_of(line: Line) -> Segments:
    """Return the segments (n, 4) that join the points of ``line``; one point alone is a segment of no length."""
    line = line if len(line) > 1 else np.repeat(line, 2, axis=0)
    return np.concatenate([line[:-1], line[1:]], axis=1)  # (n, 4)


def thin_out(points: Line, step: float) -> Line:
    """Keep the two ends of a line and one point for each ``step`` of its length."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    bins = np.floor(np.concatenate([[0.0], np.cumsum(lengths)]) / step)
    keep = np.concatenate([[True], bins[1:] != bins[:-1]])
    keep[-1] = True
    kept: Line = points[keep]
    return kept


def clip(segments: Segments, width: float, height: float) -> Segments:
    """Cut away what lies outside (0, 0)..(width, height) (Liang and Barsky 1984)."""
    if segments.min() >= 0 and (segments <= [width, height, width, height]).all():
        return segments
    start, delta = segments[:, :2], segments[:, 2:] - segments[:, :2]
    first, last = np.zeros(len(segments)), np.ones(len(segments))
    inside = np.ones(len(segments), bool)
    for axis, end in ((0, width), (1, height)):
        for towards, room in ((-delta[:, axis], start[:, axis]), (delta[:, axis], end - start[:, axis])):
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = room / towards
            first = np.where(towards < 0, np.maximum(first, cut), first)
            last = np.where(towards > 0, np.minimum(last, cut), last)
            inside &= (towards != 0) | (room >= 0)
    inside &= first <= last
    cut_off = np.concatenate([start + first[:, None] * delta, start + last[:, None] * delta], axis=1)
    whole = (first == 0) & (last == 1)
    return np.where(whole[:, None], segments, cut_off)[inside]


def _shrunk(ring: Line) -> Line:
    """Move each side of ``ring`` (n, 2) inwards by half a pixel, because the rasteriser fills a ring half a pixel too large."""
    sides = np.roll(ring, -1, axis=0) - ring
    outwards = sides[:, ::-1] * (1, -1) / np.maximum(np.hypot(*sides.T), 1e-9)[:, None]
    before = np.roll(outwards, 1, axis=0)
    corner = (before + outwards) / np.maximum(1 + (before * outwards).sum(axis=1), 0.25)[:, None]
    across = np.roll(ring, -1, axis=0)
    turns = np.sign((ring[:, 0] * across[:, 1] - ring[:, 1] * across[:, 0]).sum())
    shrunk: Line = ring - corner * (turns / 2)
    return shrunk
