"""How pieces lie, and which of them may be one glyph: each candidate costs a network's answer, so few are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from functions.domain.reading.pieces import Group, Piece, gaps, line_height, slant
from functions.errors import TooLarge

MOST_PIECES = 5  # an E has four strokes; with a cut, one more
MOST_CANDIDATES = 400  # half a second; a line of thirty plain digits has a hundred
MOST_DRAWN = 150_000  # points of all candidates, up to 5 us each; those of thirty plain digits have twenty thousand
WIDEST = 1.7  # line heights: an M or a 2 with a long tail
TALLEST = 2.2  # line heights: pieces above each other are no glyph of this line
LARGEST_GAP = 0.45  # line heights that a piece may lie away from all others of its glyph (the point of an i lies 0.3 away)
CLOSE = 0.12  # line heights; pieces that are symbols by themselves and lie farther apart are no glyph together

Span = tuple[int, int, Group]  # the places in an order from and before which a group stands


@dataclass(frozen=True, eq=False)
class Layout:
    """How pieces lie, in line heights after the slant was taken out: ``boxes`` (n, 4), ``apart`` (n, n) smallest distances.

    ``drawn`` has the number of points of each.
    """

    boxes: NDArray[np.float64]
    apart: NDArray[np.float64]
    drawn: tuple[int, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Layout:
        """Measure pieces."""
        height = line_height(pieces)
        upright = np.array([[1, 0], [slant(pieces), 1]]) / height
        moved = [piece.points @ upright for piece in pieces]
        boxes = np.array([[*points.min(axis=0), *points.max(axis=0)] for points in moved])
        return cls(boxes, gaps(pieces) / height, tuple(piece.drawn for piece in pieces))

    def widths(self) -> NDArray[np.float64]:
        """Return the widths (n,) of the pieces."""
        widths: NDArray[np.float64] = self.boxes[:, 2] - self.boxes[:, 0]
        return widths

    def box(self, group: Group) -> tuple[float, float, float, float]:
        """Return the left, top, right and bottom of some pieces together."""
        lefts, tops, rights, bottoms = zip(*(self._boxes[at] for at in group), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def orders(self, written: bool) -> list[list[int]]:
        """Return the orders in which glyphs may follow each other: from left to right, and as they were ``written``."""
        across = np.argsort(self.boxes[:, 0] + self.boxes[:, 2], kind="stable").tolist()
        in_time = list(range(len(self.boxes)))
        return [across, in_time] if written and across != in_time else [across]

    def largest_gap(self, group: Group) -> float:
        """Return how far the loneliest piece of a group lies from the rest: the longest edge of its shortest spanning tree."""
        first, *others = group
        away = {at: self._apart[first][at] for at in others}  # of each piece that is not connected yet from those that are
        largest = 0.0
        while away:
            nearest = min(away, key=away.__getitem__)
            largest = max(largest, away.pop(nearest))
            near = self._apart[nearest]
            for at, distance in away.items():
                if near[at] < distance:
                    away[at] = near[at]
        return largest

    def touch(self, one: Group, other: Group) -> float:
        """Return the smallest distance between two groups."""
        return min(self._apart[at][there] for at in one for there in other)

    # Groups are small: Python's lists are several times as fast as arrays of five.
    @cached_property
    def _boxes(self) -> list[tuple[float, float, float, float]]:
        return [(left, top, right, bottom) for left, top, right, bottom in self.boxes.tolist()]

    @cached_property
    def _apart(self) -> list[list[float]]:
        found: list[list[float]] = self.apart.tolist()
        return found


def candidates(
    layout: Layout, orders: Sequence[Sequence[int]], wholes: Sequence[int], clear: Collection[int]
) -> list[list[Span]]:
    """Return, for each order, its runs whose pieces may be one glyph; single pieces always may.

    ``wholes`` tells which piece is a part of which whole. All parts of a whole count as one piece. Pieces that are ``clear``
    symbols by themselves are one glyph only where they almost touch. Where there are too many candidates, or they have too many
    points, glyphs have fewer pieces.

    Raises:
        TooLarge: the pieces have more points than writing has.
    """
    runs = [_runs(layout, order, wholes, clear) for order in orders]
    for most in range(MOST_PIECES, 0, -1):
        spans = [[span for count, span in found if count <= most] for found in runs]
        few = most <= 2 or sum(map(len, spans)) <= MOST_CANDIDATES
        if few and _points(layout, spans) <= MOST_DRAWN:
            return spans
    raise TooLarge("This drawing has more points than 30 symbols have.")


def _points(layout: Layout, spans: Sequence[Sequence[Span]]) -> int:
    groups = {group for some in spans for _, _, group in some}
    return sum(layout.drawn[at] for group in groups for at in group)


def _runs(layout: Layout, order: Sequence[int], wholes: Sequence[int], clear: Collection[int]) -> list[tuple[int, Span]]:
    """Return the runs of an order that may be one glyph, each with the number of its pieces."""
    found, parts = [], Counter(wholes)
    longest = MOST_PIECES * max(parts.values())
    for first in range(len(order)):
        inside: Counter[int] = Counter()
        count = 0
        for end in range(first + 1, min(first + longest, len(order)) + 1):
            whole = wholes[order[end - 1]]
            inside[whole] += 1
            count += 1 if inside[whole] < parts[whole] else 2 - parts[whole]  # all parts of a whole count as one
            if count > MOST_PIECES:
                continue
            group = tuple(sorted(order[first:end]))
            if end == first + 1 or _may_be_one(layout, group, all(at in clear for at in group)):
                found.append((count, (first, end, group)))
    return found


def _may_be_one(layout: Layout, group: Group, clear: bool) -> bool:
    left, top, right, bottom = layout.box(group)
    return right - left <= WIDEST and bottom - top <= TALLEST and layout.largest_gap(group) <= (CLOSE if clear else LARGEST_GAP)


def cuts_between(pieces: Sequence[Piece], group: Group) -> int:
    """Return how many cuts end a group: parts of a whole that are followed by a part outside."""
    inside = set(group)
    followed = {number for number, (one, other) in enumerate(pairwise(pieces)) if one.whole == other.whole}
    return sum(number in followed and number + 1 not in inside for number in group)
