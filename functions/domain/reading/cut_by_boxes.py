"""Cut a part of a line into glyphs whose boxes are known, as where a wrong join is taken back. No network is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.domain.reading.pieces import Box, Glyph, Piece, Writing, line_height, slant
from functions.errors import Conflict

OUTSIDE = 0.1  # line heights; a piece that reaches farther out of every box is a part of several glyphs

Boxes = NDArray[np.float64]  # (n, 4): left, top, right, bottom


def cut_by_boxes(writing: Writing, boxes: Sequence[Box]) -> list[Glyph]:
    """Return one glyph for each of ``boxes``, in their order: every piece goes where the glyphs' boxes are most like these.

    Raises:
        Conflict: nothing is left for one of the boxes.
    """
    wanted = np.array(boxes, np.float64)
    most, lean = OUTSIDE * line_height(writing.pieces), slant(writing.pieces)
    crossing = np.flatnonzero(_outside(_boxes(writing.pieces), wanted).min(axis=1) > most).tolist()
    cuts = {number: places for number in crossing if (places := writing.places_to_cut(number, lean))}
    if cuts:
        writing = writing.cut(cuts)
    own = _boxes(writing.pieces)
    goes = _improved(_outside(own, wanted).argmin(axis=1), own, wanted)
    if len(np.unique(goes)) < len(wanted):
        raise Conflict("This symbol cannot be cut like this.")
    return [writing.glyph(tuple(np.flatnonzero(goes == number).tolist())) for number in range(len(wanted))]


def _boxes(pieces: Sequence[Piece]) -> Boxes:
    return np.array([piece.box for piece in pieces])


def _outside(own: Boxes, wanted: Boxes) -> NDArray[np.float64]:
    """Return how far (pieces, boxes) each piece reaches out of each box."""
    low = np.maximum(wanted[None, :, :2] - own[:, None, :2], 0)
    high = np.maximum(own[:, None, 2:] - wanted[None, :, 2:], 0)
    outside: NDArray[np.float64] = np.concatenate([low, high], axis=-1).max(axis=-1)
    return outside


def _improved(goes: NDArray[np.intp], own: Boxes, wanted: Boxes) -> NDArray[np.intp]:
    """Move single pieces to other glyphs as long as the boxes become more alike."""
    best = _difference(goes, own, wanted)
    for _ in range(len(own)):
        moved = [np.where(np.arange(len(own)) == piece, box, goes) for piece in range(len(own)) for box in range(len(wanted))]
        differences = [_difference(each, own, wanted) for each in moved]
        if min(differences) >= best:
            return goes
        best = min(differences)
        goes = moved[differences.index(best)]
    return goes


def _difference(goes: NDArray[np.intp], own: Boxes, wanted: Boxes) -> float:
    total = 0.0
    for number, box in enumerate(wanted):
        inside = own[goes == number]
        if not len(inside):
            return float("inf")
        total += float(np.abs(np.concatenate([inside[:, :2].min(axis=0), inside[:, 2:].max(axis=0)]) - box).sum())
    return total
