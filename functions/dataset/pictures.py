"""Where a kept drawing's picture is just now: in its strokes, in the outbox, or in the store."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from functions.domain.drawing import from_json, from_strokes, to_png
from functions.records import outbox
from functions.records.drawings import strokes_of
from functions.records.tables import DrawingRow
from functions.store import Store


def picture(session: Session, store: Store, key: str, row: DrawingRow) -> bytes:
    """Return the PNG of a drawing whose object is called ``key``.

    Raises:
        MissingObject: it is nowhere.
        StoreUnavailable: only the store has it, and it cannot be reached.
    """
    if (png := _rendered(row)) is not None:
        return png
    if (waiting := outbox.waiting(session, key)) is not None:
        return waiting
    return store.get(key)


def _rendered(row: DrawingRow) -> bytes | None:
    # The strokes are the record; a renderer that has changed since must not change a picture that was seen.
    strokes = strokes_of(row)
    if strokes is None:
        return None
    png = to_png(from_strokes(from_json(strokes)).ink)
    return png if hashlib.sha256(png).hexdigest() == row.png_sha256 else None
