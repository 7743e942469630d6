"""What an import asks the database: which drawings a set has, and which samples an earlier import has made."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.records.database import Database, batches
from functions.records.tables import DrawingRow, Sample

A_PAGE = 2_000


def pictures_of(database: Database, set_name: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield the SHA-256 of the picture, and the square (784 bytes), of each drawing of a set.

    A withdrawn drawing has no square any more, but still its SHA-256: an import does not bring it back.
    """
    last = ""
    question = select(DrawingRow.id, DrawingRow.png_sha256, DrawingRow.square).where(DrawingRow.set_name == set_name)
    question = question.order_by(DrawingRow.id).limit(A_PAGE)
    while True:
        with database.reading() as session:
            rows = session.connection().execute(question.where(DrawingRow.id > last)).all()
        if not rows:
            return
        for _, sha256, square in rows:
            yield sha256, zlib.decompress(square) if square else None
        last = rows[-1][0]


def already_there(session: Session, keys: Sequence[str]) -> set[str]:
    """Return those of some idempotency hashes that samples have."""
    found: set[str | None] = set()
    for some in batches(keys):
        found.update(session.scalars(select(Sample.idempotency).where(Sample.idempotency.in_(some))))
    return {key for key in found if key is not None}
