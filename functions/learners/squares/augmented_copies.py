"""What other hands would have made of the drawings that a lesson teaches, from their strokes. Pure; no keras here.

A lesson sees each of a hundred drawings some thirty times. Seen as others would draw them they tell more about people who have
not come yet; docs/experiments/continual.md has figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from functions.domain.drawing.ink import Segments
from functions.domain.drawing.normalise import TINY
from functions.learners.squares import Pixels, Varied
from functions.learners.squares.stroke_augment import Line, draw_varied

EACH = 8  # variations of a drawing
ALL = 400  # of all drawings of a lesson together: most of a second, and somebody waits
REMEMBERED = 2 * ALL  # drawings, with their variations
USUAL = 500  # pieces of a path that is remembered, most have about fifty: 25 MB at most in all
FINE = 4  # fine pixels to one of the square; a visitor's own drawing has twice as many
# A symbol's way is two to four times its size. Who scribbles more says no more, and must not keep others waiting: so much takes
# five milliseconds at most for each variation, however many points a mouse has told.
LONG, STROKES = 10, 20


def of_each(count: int) -> int:
    """Return how many variations each of ``count`` drawings has; 0 where there are too many for any."""
    return min(EACH, ALL // max(1, count))


def augmented(x: Pixels, paths: Sequence[Segments | None]) -> Varied | None:
    """Return variations (n, v, 28, 28) of drawings whose squares are ``x`` (n, 28, 28); None where there are too many for any.

    ``paths`` are their visible paths in ink pixels. A drawing without one, and one that cannot be varied, stays as it is.
    """
    each = of_each(len(x))
    if not len(x) or not each:
        return None
    made = [None if path is None else augmented_copies(path, each) for path in paths]
    return np.stack([np.stack([square] * each) if some is None else some for square, some in zip(x, made, strict=True)])


def augmented_copies(path: Segments, count: int) -> Pixels | None:
    """Return ``count`` variations (count, 28, 28) of a visible path (n, 4) in ink pixels, drawn a little less finely.

    The same path has the same ones every time, so that a lesson can be done again. They are remembered until ``forget``, so that
    they can be drawn before a lesson begins. None for a dot, which would become something else, for a scribble and for nothing.
    """
    others = (_others if len(path) <= USUAL else _others.__wrapped__)(path.tobytes())
    return others.first(count) if others else None


def forget() -> None:
    """Remember no drawing any longer: what its author takes back must not stay."""
    _others.cache_clear()


def lines_of(path: Segments) -> list[Line]:
    """Return the strokes of a path (n, 4): a new one begins where a segment does not go on from the one before."""
    starts = np.flatnonzero((path[1:, :2] != path[:-1, 2:]).any(axis=1)) + 1
    return [np.concatenate([part[:1, :2], part[:, 2:]]) for part in np.split(path, starts)]


class _Others:
    """One path's variations, drawn when they are asked for, in the order of a random sequence of their own. For one thread."""

    def __init__(self, lines: list[Line], seed: int) -> None:
        self._lines, self._rng = lines, np.random.default_rng(seed)
        self._drawn: list[Pixels] = []

    def first(self, count: int) -> Pixels:
        while len(self._drawn) < count:
            self._drawn.append(draw_varied(self._lines, self._rng, fine=FINE))
        return np.stack(self._drawn[:count])


@lru_cache(maxsize=REMEMBERED)
def _others(path: bytes) -> _Others | None:
    segments = np.frombuffer(path).reshape(-1, 4)
    if not len(segments):
        return None
    lines = lines_of(segments)
    size, way = np.ptp(segments.reshape(-1, 2), axis=0).max(initial=0), np.hypot(*(segments[:, 2:] - segments[:, :2]).T).sum()
    if size < TINY or way > LONG * size or len(lines) > STROKES:
        return None
    return _Others(lines, int.from_bytes(hashlib.sha256(path).digest()))
