"""What other hands would have made of the drawings that a lesson teaches, from their strokes. Pure; no keras here.

A lesson sees each of a hundred drawings some thirty times. Seen as others would draw them they tell more about people who have
not come yet; docs/learning.md has figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from functions.drawing.ink import Segments
from functions.drawing.normalise import TINY
from functions.learners.hands import Line, draw_varied
from functions.learners.squares import Pixels, Varied

EACH = 8  # variations of a drawing
ALL = 400  # of all drawings of a lesson together: half a second, and somebody waits
FINE = 4  # fine pixels to one of the square; a visitor's own drawing has twice as many
# A symbol's way is two to four times its size. Who scribbles more says no more, and must not keep others waiting: so much takes
# five milliseconds at most for each variation, however many points a mouse has told.
LONG, STROKES = 10, 20


def of_each(count: int) -> int:
    """Return how many variations each of ``count`` drawings has; 0 where there are too many for any."""
    return min(EACH, ALL // max(1, count))


def varied(x: Pixels, paths: Sequence[Segments | None]) -> Varied | None:
    """Return variations (n, v, 28, 28) of drawings whose squares are ``x`` (n, 28, 28); None where there are too many for any.

    ``paths`` are their visible paths in ink pixels. A drawing without one, and one that cannot be varied, stays as it is.
    """
    each = of_each(len(x))
    if not len(x) or not each:
        return None
    made = [None if path is None else variations(path, each) for path in paths]
    return np.stack([np.stack([square] * each) if some is None else some for square, some in zip(x, made, strict=True)])


def variations(path: Segments, count: int) -> Pixels | None:
    """Return ``count`` variations (count, 28, 28) of a visible path (n, 4) in ink pixels, drawn a little less finely.

    The same path has the same ones every time, so that a lesson can be done again. None for a dot, which would become something
    else, and for a scribble.
    """
    lines = lines_of(path)
    size, way = np.ptp(path.reshape(-1, 2), axis=0).max(initial=0), np.hypot(*(path[:, 2:] - path[:, :2]).T).sum()
    if size < TINY or way > LONG * size or len(lines) > STROKES:
        return None
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(path.tobytes()).digest()))
    return np.stack([draw_varied(lines, rng, fine=FINE) for _ in range(count)])


def lines_of(path: Segments) -> list[Line]:
    """Return the strokes of a path (n, 4): a new one begins where a segment does not go on from the one before."""
    starts = np.flatnonzero((path[1:, :2] != path[:-1, 2:]).any(axis=1)) + 1
    return [np.concatenate([part[:1, :2], part[:, 2:]]) for part in np.split(path, starts)]
