"""The picture of a kept drawing: rendered from the strokes, or read from the outbox or the store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sqlalchemy.orm import Session

from functions.domain.drawing import from_json, from_strokes, to_png
from functions.domain.drawing.ink import INK_SIDE, SQUARE_SIDE
from functions.records import outbox
from functions.records.drawings import read_strokes, square_of
from functions.records.tables import DrawingRow
from functions.store import Store


def picture(session: Session, store: Store, key: str, row: DrawingRow) -> bytes:
    """Return the PNG of a drawing whose object has the ``key``.

    Raises:
        MissingObject: the picture does not exist.
        StoreUnavailable: only the store has the picture, and the store cannot be reached.
    """
    found = picture_here(session, key, row)
    return store.get(key) if found is None else found


def picture_here(session: Session, key: str, row: DrawingRow) -> bytes | None:
    """Return the PNG of a drawing whose object has the ``key``, None if only the store has it."""
    png = _rendered(row)
    return outbox.waiting(session, key) if png is None else png


@dataclass(frozen=True)
class Remade:
    """A picture made from a row alone: ``exact``, or from what the row has (``strokes`` or only the ``square``)."""

    png: bytes
    source: Literal["exact", "strokes", "square"]


def remade(row: DrawingRow) -> Remade:
    """Return the picture of a drawing whose object is lost.

    Strokes give it back byte for byte, unless a newer renderer draws them differently. An upload has no strokes: its 28 x 28
    square is enlarged ten times.
    """
    if (png := _rendered(row)) is not None:
        return Remade(png, "exact")
    if row.strokes is not None:
        return Remade(to_png(from_strokes(from_json(read_strokes(row.strokes))).ink), "strokes")
    paper = 255 - np.rint(square_of(row) * 255).astype(np.uint8)  # (28, 28)
    side = INK_SIDE // SQUARE_SIDE
    return Remade(to_png(paper.repeat(side, 0).repeat(side, 1)), "square")


def _rendered(row: DrawingRow) -> bytes | None:
    # The strokes are the record. A newer renderer must not change a picture that people have seen, so the hash decides.
    if row.strokes is None:
        return None
    png = to_png(from_strokes(from_json(read_strokes(row.strokes))).ink)
    return png if hashlib.sha256(png).hexdigest() == row.png_sha256 else None
