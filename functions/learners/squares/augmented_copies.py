"""Augment the drawings of a run: redraw each one from its strokes in other handwriting styles. Pure.

A run sees each of a hundred drawings some thirty times. With augmented copies it generalises better to other people;
``docs/experiments/continual.md`` has the figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from functions.domain.drawing.ink import Line, Segments
from functions.domain.drawing.normalise import SMALLEST_EXTENT
from functions.domain.drawing.render import lines_of
from functions.learners.squares import Pixels, Varied
from functions.learners.squares.stroke_augment import draw_varied

COPIES_EACH = 8  # copies of a drawing
COPIES_IN_ALL = 400  # copies of all drawings of a run together: they take most of a second, while somebody waits
CACHED_PATHS = 2 * COPIES_IN_ALL  # paths whose copies are kept
LONGEST_CACHED = 500  # segments of a path whose copies are kept; most paths have about fifty. The cache has 25 MB at most
# The path of a symbol is two to four times as long as its box. Longer scribbles carry no more information and must not
# delay a run: within these bounds a copy takes at most five milliseconds, however many points a mouse has sent.
LONGEST_PATH, MOST_STROKES_VARIED = 10, 20


def copies_of_each(count: int) -> int:
    """Return the number of copies of each of ``count`` drawings; 0 if there are too many drawings."""
    return min(COPIES_EACH, COPIES_IN_ALL // max(1, count))


class AugmentedCopies:
    """Draws augmented copies of drawings, and caches the copies of up to ``CACHED_PATHS`` drawings. For one thread.

    The same path has the same copies every time, so a training can be reproduced. They can be drawn before a training begins.
    """

    def __init__(self) -> None:
        self._cached = lru_cache(maxsize=CACHED_PATHS)(_copies)

    def __len__(self) -> int:
        """Return the number of drawings whose copies are cached."""
        return self._cached.cache_info().currsize

    def of(self, path: Segments, count: int) -> Pixels | None:
        """Return ``count`` copies (count, 28, 28) of a visible path (n, 4) in ink pixels.

        None for a dot, which would become another symbol, for a scribble and for an empty path.
        """
        copies = (self._cached if len(path) <= LONGEST_CACHED else _copies)(path.tobytes())
        return copies.first(count) if copies else None

    def of_all(self, x: Pixels, paths: Sequence[Segments | None]) -> Varied | None:
        """Return copies (n, v, 28, 28) of drawings whose squares are ``x`` (n, 28, 28); None if the drawings are too many.

        ``paths`` are their visible paths in ink pixels. Without a path that can be augmented the copies are the square itself.
        """
        each = copies_of_each(len(x))
        if not len(x) or not each:
            return None
        made = [None if path is None else self.of(path, each) for path in paths]
        return np.stack([np.stack([square] * each) if some is None else some for square, some in zip(x, made, strict=True)])

    def forget(self) -> None:
        """Empty the cache: a drawing that its author withdraws must not stay in memory."""
        self._cached.cache_clear()


class _Copies:
    """The copies of one path, drawn on demand in the order of their own random sequence."""

    def __init__(self, lines: list[Line], seed: int) -> None:
        self._lines, self._rng = lines, np.random.default_rng(seed)
        self._drawn: list[Pixels] = []

    def first(self, count: int) -> Pixels:
        while len(self._drawn) < count:
            self._drawn.append(draw_varied(self._lines, self._rng))
        return np.stack(self._drawn[:count])


def _copies(path: bytes) -> _Copies | None:
    segments = np.frombuffer(path).reshape(-1, 4)
    if not len(segments):
        return None
    lines = lines_of(segments)
    size, length = np.ptp(segments.reshape(-1, 2), axis=0).max(initial=0), np.hypot(*(segments[:, 2:] - segments[:, :2]).T).sum()
    if size < SMALLEST_EXTENT or length > LONGEST_PATH * size or len(lines) > MOST_STROKES_VARIED:
        return None
    return _Copies(lines, int.from_bytes(hashlib.sha256(path).digest()))
