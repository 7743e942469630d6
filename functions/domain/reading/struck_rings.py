"""Slashed zeros: a ring that a straight stroke goes through says what the ring says, where a network does not know the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from functions.domain.drawing.ink import Line
from functions.domain.reading.pieces import Group, Piece

STRAIGHT = 1.15  # length of the path by the distance of its ends: a stroke that is drawn quickly bends a little
CLOSED = 0.35  # of the ring's height: people do not meet the beginning exactly
LEAST_LENGTH = 0.6  # of the ring's height; a shorter stroke is no slash
OUTSIDE = 0.3  # of the ring's height by which a slash may reach out of it; the tail of a Q reaches farther to one side
ROUND = 0.3  # smallest width of a ring by its height


def ring_of(pieces: Sequence[Piece], group: Group) -> int | None:
    """Return the number of the ring if a group is a ring and a straight stroke through its middle, else None.

    Both are whole strokes.
    """
    if len(group) != 2 or any(sum(other.whole == pieces[one].whole for other in pieces) > 1 for one in group):
        return None
    for ring, slash in (group, group[::-1]):
        if _is_struck(pieces[ring].points, pieces[slash].points):
            return ring
    return None


def _is_struck(ring: Line, slash: Line) -> bool:
    low, high = ring.min(axis=0), ring.max(axis=0)
    width, height = high - low
    if height <= 0 or width < ROUND * height or np.hypot(*(ring[-1] - ring[0])) > CLOSED * height:
        return False
    reach = float(np.hypot(*(slash[-1] - slash[0])))
    path = float(np.hypot(*np.diff(slash, axis=0).T).sum())
    if reach < LEAST_LENGTH * height or path > STRAIGHT * reach:
        return False
    out = np.maximum(low - slash.min(axis=0), slash.max(axis=0) - high).max()
    apart = np.abs((slash[0] + slash[-1]) / 2 - (low + high) / 2).max()  # of the middles
    return bool(out <= OUTSIDE * height and apart <= OUTSIDE * height)
