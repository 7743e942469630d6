"""Draw paths as pixels with Anti-Grain Geometry (celiagg), and prepare pen paths to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from celiagg import CanvasG8, DrawingMode, GraphicsState, InnerJoin, LineCap, LineJoin, Path, SolidPaint, Transform
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from functions.domain.drawing.ink import Line, Raster, Segments, Vector

ORIGIN: Vector = np.zeros(2)
DOT = 1e-3  # pixels: a dot is drawn as a line of this length
# Anti-Grain Geometry takes 0.15 us for each pixel of a pen's path and 1.5 us for each radian of its turns. A symbol needs a
# twentieth of these limits; they also keep a shape below the four million cells that the rasteriser allows.
LONGEST_OUTLINE = 20_000  # pixels
MOST_TURNS = 5000  # radians
MOST_PIECES = 1000  # a pen that lifts from the paper or leaves it more often goes on where it was


class Paper:
    """A sheet of (side, side) pixels; what is drawn on it is given in pixels and moved by ``at`` (x, y). For one thread.

    On one that is not as ``wide`` as it is high no pen's path can be drawn.
    """

    def __init__(self, side: int, wide: int | None = None) -> None:
        self.raster: Raster = np.zeros((side, wide or side), np.uint8)
        self._canvas = CanvasG8(self.raster)

    def draw(self, path: PenPath, pen: float, at: Vector = ORIGIN) -> None:
        """Draw a pen's path with a round pen that is ``pen`` pixels wide."""
        if path.outline is not None:
            self.stroke(path.outline, pen, at)
        else:
            np.maximum(self.raster, traced(path.lines, pen, at, len(self.raster)), out=self.raster)

    def stroke(self, path: Path, pen: float, at: Vector = ORIGIN, *, ink: bool = True) -> None:
        """Draw along ``path`` with a round pen that is ``pen`` pixels wide, in ink or in paper."""
        self._draw(path, DrawingMode.DrawStroke, pen, at, ink)

    def fill(self, area: Area, by: float = 0, at: Vector = ORIGIN) -> None:
        """Fill ``area`` with its outline moved outwards by ``by`` pixels.

        A line along the outline in ink moves it outwards, a line in paper inwards.
        """
        self._draw(area.inside, DrawingMode.DrawFill, 0, at, True)
        if by:
            self.stroke(area.outline, 2 * abs(by), at, ink=by > 0)

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


class PenPath:
    """A pen's path (n, 4), in pixels, prepared to be drawn; a longer one than people draw is drawn to whole pixels.

    ``share`` of the limits says what is longer.
    """

    def __init__(self, path: Segments, share: float = 1.0) -> None:
        self.lines = lines_of(path) if np.count_nonzero(_breaks(path)) < MOST_PIECES else [path.reshape(-1, 2)]
        self.outline = open_path(path) if _is_drawn_by_hand(path, share) else None


class Area:
    """What lies inside closed ``rings``, in pixels; each ring ends where it begins."""

    def __init__(self, rings: Iterable[Line]) -> None:
        self.outline, self.inside = Path(), Path()
        for ring in rings:
            for path, line in ((self.outline, ring), (self.inside, _shrunk(ring[:-1]))):
                path.lines(line)
                path.close()


def open_path(path: Segments) -> Path:
    """Return a pen's path (n, 4), in pixels, for the rasteriser."""
    whole = Path()
    for line in lines_of(path):
        line[-1, 0] += DOT
        whole.lines(line)
    return whole


def traced(lines: Sequence[Line], pen: float, at: Vector, side: int) -> Raster:
    """Return (side, side) pixels, 255 whose middle lies within half a pen of a pixel that ``lines`` cross, moved by ``at``."""
    middle = Image.new("L", (side, side))
    draw = ImageDraw.Draw(middle)
    for line in lines:
        draw.line(np.floor(line + at).astype(int).ravel().tolist(), fill=255)
    return _grown(np.asarray(middle), pen / 2)


def _grown(mask: Raster, radius: float) -> Raster:
    """Return ``mask`` with each pixel grown to a disc."""
    grown, row, reach = np.zeros_like(mask), mask.copy(), 0
    for down in range(int(radius), -1, -1):  # the disc's rows from its ends to its middle, each wider than the one before
        widest = int(np.sqrt(radius * radius - down * down))
        while reach < widest:
            reach += 1
            np.maximum(row[:, reach:], mask[:, :-reach], out=row[:, reach:])
            np.maximum(row[:, :-reach], mask[:, reach:], out=row[:, :-reach])
        rows = len(mask) - down
        np.maximum(grown[down:], row[:rows], out=grown[down:])
        np.maximum(grown[:rows], row[down:], out=grown[:rows])
    return grown


def lines_of(path: Segments) -> list[Line]:
    """Return the strokes of a path (n, 4): a new stroke begins where a segment does not start at the end of the one before."""
    starts = np.flatnonzero(_breaks(path)) + 1
    return [np.concatenate([part[:1, :2], part[:, 2:]]) for part in np.split(path, starts)]


def _is_drawn_by_hand(path: Segments, share: float) -> bool:
    """Tell whether a path is as short, and turns as little, as a person can draw it: within a ``share`` of the limits."""
    along = path[:, 2:] - path[:, :2]
    if np.hypot(*along.T).sum() > share * LONGEST_OUTLINE:
        return False
    before, after = along[:-1], along[1:]
    turns = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1))
    return float(np.abs(turns).sum()) <= share * MOST_TURNS


def _breaks(path: Segments) -> NDArray[np.bool_]:
    breaks: NDArray[np.bool_] = (path[1:, :2] != path[:-1, 2:]).any(axis=1)
    return breaks


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
    across = np.concatenate([ring[1:], ring[:1]])
    sides = across - ring
    outwards = sides[:, ::-1] * (1, -1) / np.maximum(np.hypot(*sides.T), 1e-9)[:, None]
    before = np.concatenate([outwards[-1:], outwards[:-1]])
    corner = (before + outwards) / np.maximum(1 + (before * outwards).sum(axis=1), 0.25)[:, None]
    turns = np.sign((ring[:, 0] * across[:, 1] - ring[:, 1] * across[:, 0]).sum())
    shrunk: Line = ring - corner * (turns / 2)
    return shrunk
