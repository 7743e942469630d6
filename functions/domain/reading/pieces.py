"""What a line of writing is cut into before it is read: pieces, and groups of pieces that may be glyphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import Drawing, Square
from functions.domain.drawing.ink import Line

Box = tuple[float, float, float, float]  # left, top, right, bottom
Group = tuple[int, ...]  # the numbers of the pieces of one glyph, rising

LEAST_HEIGHT = 0.5  # of the tallest piece: lower ones are dashes and dots, which say nothing about the line's height
MOST_WHOLE = 120  # strokes or blobs: four for each of the thirty glyphs that a reading may have
MOST_COMPARED = 4_000_000  # pairs of points; a line of thirty symbols has fewer, and scribbles over each other far more
AT_ONCE = 1 << 16  # pairs of points whose distances are in memory together
MOST_SLANT = 0.7  # run by rise: 35 degrees; more is no slant but a sketch


@dataclass(frozen=True, eq=False)
class Piece:
    """A stroke, a blob of ink, or a part of one: ``points`` (n, 2) on it, y downwards.

    ``whole`` is the number of the stroke or the blob, ``part`` the place in it. Where it is drawn with ``more`` points than
    these, that is their number.
    """

    points: Line
    whole: int
    part: int = 0
    more: int = 0

    @property
    def drawn(self) -> int:
        """The number of points that are drawn for the piece."""
        return max(len(self.points), self.more)

    @cached_property
    def box(self) -> Box:
        """The left, top, right and bottom of the piece."""
        (left, top), (right, bottom) = self.points.min(axis=0), self.points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


@dataclass(frozen=True)
class Place:
    """Where a glyph, drawn on a canvas of its own, was in its line: at ``left`` and ``top``, ``scale`` times as large.

    ``strokes`` are the numbers that the glyph's strokes had there.
    """

    left: float
    top: float
    scale: float
    strokes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Glyph:
    """A glyph as a drawing of its own, its ``place`` in the line, and its ``box`` there, in the units of the line's canvas."""

    drawing: Drawing
    place: Place
    box: Box


class Writing(Protocol):
    """A line of writing, cut into pieces: strokes and pictures have one of their own."""

    pieces: tuple[Piece, ...]
    written_in_order: bool  # whether the numbers of the pieces tell in which order they were written

    def square(self, group: Group) -> Square:
        """Return the square (28, 28) of some pieces together, as a network sees it."""

    def places_to_cut(self, number: int, lean: float) -> Sequence[Any]:
        """Return where neighbours may be joined in a piece, best ones only; ``lean`` is the slant of the writing."""

    def cut(self, cuts: Mapping[int, Sequence[Any]]) -> Writing:
        """Return the same line with some pieces, none of which was cut before, cut at such places."""

    def glyph(self, group: Group) -> Glyph:
        """Return some pieces as a drawing of their own."""


def line_height(pieces: Sequence[Piece]) -> float:
    """Return the usual height of the pieces that are no dashes or dots; of one dash alone, its length."""
    sizes = np.array([(right - left, bottom - top) for left, top, right, bottom in (piece.box for piece in pieces)])
    heights = sizes[:, 1] if len(pieces) > 1 else sizes.max(axis=1)
    return max(float(np.median(heights[heights >= LEAST_HEIGHT * heights.max()])), 1e-6)


def slant(pieces: Sequence[Piece]) -> float:
    """Return by how much the writing leans to the right: run by rise, of the steep parts of its path or outline."""
    steps = np.concatenate([np.diff(piece.points, axis=0) for piece in pieces])
    steep = steps[np.abs(steps[:, 1]) > np.abs(steps[:, 0])]
    rise = float(np.abs(steep[:, 1]).sum())
    run = float((steep[:, 0] * np.sign(steep[:, 1])).sum())
    return float(np.clip(-run / rise, -MOST_SLANT, MOST_SLANT)) if rise else 0.0


def gaps(pieces: Sequence[Piece]) -> NDArray[np.float64]:
    """Return the smallest distance (n, n) between any two pieces: of their boxes, and where these meet, of their points."""
    boxes = np.array([piece.box for piece in pieces])
    low, high = boxes[:, :2], boxes[:, 2:]
    apart = np.maximum(np.maximum(low[:, None] - high[None], low[None] - high[:, None]), 0)  # (n, n, 2)
    found: NDArray[np.float64] = np.hypot(apart[..., 0], apart[..., 1])
    meeting = np.triu(found == 0, 1)
    sizes = np.array([len(piece.points) for piece in pieces], np.float64)
    every = ceil(sqrt(max(float(sizes @ meeting @ sizes) / MOST_COMPARED, 1)))
    points = [piece.points[::every].astype(np.float32) for piece in pieces]
    for i in range(len(points) - 1):
        others = np.flatnonzero(meeting[i])
        if len(others):
            found[i, others] = found[others, i] = _smallest_distances(points[i], [points[j] for j in others])
    return found


def _smallest_distances(one: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the smallest distance between any point of ``one`` (n, 2) and any of each of ``others``."""
    x, y = np.ascontiguousarray(np.concatenate(others).T)
    least = np.full(len(x), np.inf, np.float32)  # of each point of the others, squared
    rows = max(1, AT_ONCE // len(x))
    for first in range(0, len(one), rows):
        across, down = one[first : first + rows, :1] - x, one[first : first + rows, 1:] - y
        np.minimum(least, (across * across + down * down).min(axis=0), out=least)
    starts = np.cumsum([0, *map(len, others[:-1])])
    distances: NDArray[np.float32] = np.sqrt(np.minimum.reduceat(least, starts))
    return distances
