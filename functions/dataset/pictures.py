"""The picture of a kept drawing: rendered from the strokes, or read from the outbox or the store."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session

from functions.domain.drawing import from_json, from_strokes, to_png
from functions.records import outbox
from functions.records.drawings import read_strokes
from functions.records.tables import DrawingRow
from functions.store import Store


def picture(session: Session, store: Store, key: str, row: DrawingRow) -> bytes:
    """Return the PNG of a drawing whose object has the ``key``.

    Raises:
        MissingObject: the picture does not exist.
        StoreUnavailable: only the store has the picture, and the store cannot be reached.
    """
    if (png := _rendered(row)) is not None:
        return png
    if (waiting := outbox.waiting(session, key)) is not None:
        return waiting
    return store.get(key)


def _rendered(row: DrawingRow) -> bytes | None:
    # The strokes are the record. A newer renderer must not change a picture that people have seen, so the hash decides.
    if row.strokes is None:
        return None
    png = to_png(from_strokes(from_json(read_strokes(row.strokes))).ink)
    return png if hashlib.sha256(png).hexdigest() == row.png_sha256 else None
