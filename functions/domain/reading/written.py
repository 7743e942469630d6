"""A line that was written with strokes: its pieces are strokes, and parts of strokes where joined glyphs may end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import Square, Strokes, from_strokes, parse_strokes
from functions.domain.drawing.ink import INK_SIDE, Line
from functions.domain.drawing.normalise import square_from_segments
from functions.domain.drawing.render import segments_of, thin_out
from functions.domain.reading.pieces import MOST_WHOLE, Glyph, Group, Piece, Place, line_height
from functions.errors import EmptyDrawing, TooLarge

SPACING = 1 / 24  # line heights between the points by which pieces are measured and cut
MOST_DENSE = 4096  # points of a stroke; thirty joined digits have about as many, and a longer path is measured coarsely
MOST_TOGETHER = 3 * MOST_DENSE  # points of all strokes
DRAWN_SPACING = 1 / 100  # line heights between the points that are drawn; a fine pixel of a square is a little longer
SHARE = 1 / 10  # of the rasteriser's limits: four times the longest candidate of 650 numbers that people wrote
MOST_COMPARED = 500_000  # points of a stroke that are looked at to count what its cuts cross
SMALLEST_LINE = 1 / 25  # of the canvas's shorter side: a dot is written as if its line were that high
CANVAS = 2.0  # line heights: the side of the canvas on which a glyph becomes a drawing of its own
MARGIN = 1.25  # times a glyph that is larger than the line
MOST_CUTS = 5  # of one stroke; each more adds as many candidates
CUT_APART = 0.25  # line heights of path between two cuts, and between a cut and the stroke's end
RIGHTWARDS = 0.8  # cosine; a part of the path that goes so much to the right may join two glyphs
LIGATURE = 0.2  # line heights; a shorter way to the right is part of a glyph


class Written:
    """A line of writing as strokes; ``numbers`` are the numbers of its lines among the strokes of the request."""

    written_in_order = True

    def __init__(
        self, strokes: Strokes, lines: Sequence[Line], numbers: Sequence[int], parts: Mapping[int, Sequence[Line]]
    ) -> None:
        self._strokes, self._lines, self._numbers = strokes, lines, numbers
        least = SMALLEST_LINE * min(strokes.width, strokes.height)
        self._height = max(line_height([Piece(line, number) for number, line in enumerate(lines)]), least)
        self._drawn = [thin_out(line, DRAWN_SPACING * self._height) for line in lines]
        step = max(SPACING * self._height, sum(map(length, lines)) / MOST_TOGETHER)
        cut = [parts.get(number) or (dense(line, step),) for number, line in enumerate(lines)]
        self.pieces = tuple(
            Piece(part, number, place, len(self._drawn[number]) // len(some))
            for number, some in enumerate(cut)
            for place, part in enumerate(some)
        )
        self._parts = [len(some) for some in cut]

    @classmethod
    def of(cls, strokes: Strokes) -> Written:
        """Take whole strokes as pieces; what lies outside the canvas is left out.

        Raises:
            EmptyDrawing: nothing lies on the canvas.
            TooLarge: there are more strokes than thirty glyphs have.
        """
        lines, numbers = [], []
        for number, line in enumerate(strokes.lines):
            points = np.array([point[:2] for point in line], np.float64)
            inside = points[(points >= 0).all(axis=1) & (points <= (strokes.width, strokes.height)).all(axis=1)]
            if len(inside):
                lines.append(inside)
                numbers.append(number)
        if not lines:
            raise EmptyDrawing("Nothing is drawn.")
        if len(lines) > MOST_WHOLE:
            raise TooLarge(f"A reading may have at most 30 symbols; this drawing has {len(lines)} strokes.")
        return cls(strokes, lines, numbers, {})

    def square(self, group: Group) -> Square:
        """Return the square of some pieces together."""
        scale = INK_SIDE / (CANVAS * self._height)
        path = self._path(group, self._drawn)
        return square_from_segments(np.concatenate([segments_of(line * scale) for _, line in path]), share=SHARE)

    def places_to_cut(self, number: int, lean: float) -> list[int]:
        """Return the points of a stroke where joined glyphs may end."""
        upright = self.pieces[number].points @ np.array([[1, 0], [lean, 1]])
        return places_to_cut(upright, self._height)

    def cut(self, cuts: Mapping[int, Sequence[int]]) -> Written:
        """Return the same line with some strokes cut at points."""
        parts = {}
        for number, places in cuts.items():
            points = self.pieces[number].points
            ends = [0, *places, len(points) - 1]
            parts[number] = [points[first : last + 1] for first, last in pairwise(ends)]
        return Written(self._strokes, self._lines, self._numbers, parts)

    def glyph(self, group: Group) -> Glyph:
        """Return some pieces as a drawing of their own, in the middle of a square canvas."""
        path = self._path(group, self._lines)
        points = np.concatenate([line for _, line in path])
        low, high = points.min(axis=0), points.max(axis=0)
        side = max(CANVAS * self._height, MARGIN * float((high - low).max()))
        corner = (low + high - side) / 2
        drawing = from_strokes(parse_strokes([(line - corner).tolist() for _, line in path], side, side, self._strokes.pointer))
        place = Place(float(corner[0]), float(corner[1]), 1.0, tuple(self._numbers[whole] for whole, _ in path))
        return Glyph(drawing, place, (float(low[0]), float(low[1]), float(high[0]), float(high[1])))

    def _path(self, group: Group, strokes: Sequence[Line]) -> list[tuple[int, Line]]:
        """Return the lines of some pieces with the numbers of their strokes; parts that follow each other are one line again.

        Whole strokes are those among ``strokes``.
        """
        lines: list[tuple[int, Line]] = []
        before = None
        for at in group:
            piece = self.pieces[at]
            if before is not None and (before.whole, before.part + 1) == (piece.whole, piece.part):
                lines[-1] = piece.whole, np.concatenate([lines[-1][1], piece.points[1:]])
            else:
                lines.append((piece.whole, piece.points))
            before = piece
        inside = Counter(self.pieces[at].whole for at in group)
        # A whole stroke is kept with the points that its author's pen gave.
        return [(number, strokes[number] if inside[number] == self._parts[number] else line) for number, line in lines]


def length(line: Line) -> float:
    """Return the length of ``line``."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def dense(line: Line, step: float) -> Line:
    """Return points along ``line``, about ``step`` apart, at most ``MOST_DENSE``."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    if lengths[-1] == 0:
        return line[:1]
    wanted = np.linspace(0, lengths[-1], min(max(2, int(lengths[-1] / step) + 1), MOST_DENSE))
    return np.stack([np.interp(wanted, lengths, line[:, axis]) for axis in (0, 1)], axis=1)


def places_to_cut(line: Line, height: float) -> list[int]:
    """Return where joined glyphs may end on a stroke of dense points: where it turns up or down, and in its ways to the right.

    Places whose upright line crosses the stroke seldom are better.
    """
    places = [*_turns(line), *_middles_of_ways_right(line, height)]
    apart = CUT_APART / SPACING
    found: list[int] = []
    every = ceil(len(places) * len(line) / MOST_COMPARED) or 1
    some = line[::every, 0]
    for _, at in sorted((_crossings(some, line[at, 0]), at) for at in places):
        if apart <= at < len(line) - apart and all(abs(at - other) >= apart for other in found):
            found.append(at)
            if len(found) == MOST_CUTS:
                break
    return sorted(found)


def _turns(line: Line) -> list[int]:
    if len(line) < 5:
        return []
    smooth = np.convolve(np.pad(line[:, 1], 2, mode="edge"), np.ones(5) / 5, "valid")
    down = np.diff(smooth) > 0
    return (np.flatnonzero(down[1:] != down[:-1]) + 1).tolist()


def _middles_of_ways_right(line: Line, height: float) -> list[int]:
    steps = np.diff(line, axis=0)
    right = np.concatenate([[False], steps[:, 0] > RIGHTWARDS * np.hypot(*steps.T), [False]])
    starts, ends = np.flatnonzero(~right[:-1] & right[1:]), np.flatnonzero(right[:-1] & ~right[1:])
    long = line[ends, 0] - line[starts, 0] > LIGATURE * height
    middles: list[int] = ((starts + ends) // 2)[long].tolist()
    return middles


def _crossings(x: NDArray[np.float64], at: float) -> int:
    side = np.sign(x - at)
    side = side[side != 0]
    return int(np.count_nonzero(side[1:] != side[:-1]))
