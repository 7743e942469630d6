"""Rows that many tests need: a seeded database, samples to learn from."""

from __future__ import annotations

import itertools
import secrets
import time
import zlib
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.splits import OWN, SHIPPED, hashed_split
from functions.records.database import Database, open_database
from functions.records.migrate import migrate
from functions.records.tables import Contributor, DrawingRow, Sample, new_id
from tests.support.tiny_models import ship

_later = itertools.count(time.time_ns() // 1_000_000)  # no two samples within one millisecond: their order is by id


def seeded(database: Database, models: Path) -> Database:
    """Bring ``database`` to the newest tables and seed it with tiny networks."""
    if not (models / "manifest.json").exists():
        ship(models)
    migrate(database)  # nothing to do for a database that is a copy of a migrated one
    with database.writing() as session:
        registry.seed(session, models)
    return database


def sqlite(folder: Path) -> Database:
    """Return a new SQLite database in ``folder``, seeded from ``folder/models``."""
    return seeded(open_database(f"sqlite:///{folder / 'test.sqlite'}"), folder / "models")


def somebody(split: str) -> str:
    """Return the id of somebody new whose split by hash is the same in every set."""
    return next(one for one in iter(new_id, None) if hashed_split(one, OWN) == hashed_split(one, SHIPPED) == split)


def add_sample(
    session: Session,
    label: str | None = "7",
    status: str = "accepted",
    square: bytes | None = None,
    *,
    set_name: str = "digits",
    source: str = "correction",
    digit: str = "f",
    by: str | None = None,
    split: str | None = None,
    strokes: bytes | None = None,
) -> Sample:
    """Add a sample with a drawing of its own, whose square tells its label's code; its id ends in ``digit``.

    It is drawn ``by`` a contributor, or by somebody new in the split train. ``strokes`` are as a row keeps them.
    """
    contributor = (session.get(Contributor, by) if by is not None else None) or Contributor(id=by or somebody("train"))
    pixels = np.full((28, 28), ord(label[0]) % 256 if label else 0, np.uint8).tobytes()
    session.add(contributor)
    session.flush()
    drawing = DrawingRow(
        id=new_id(),
        set_name=set_name,
        contributor_id=contributor.id,
        strokes=strokes,
        square=zlib.compress(pixels) if square is None else square,
        png_sha256="0" * 64,
    )
    session.add(drawing)
    session.flush()
    sample = Sample(
        id=f"{next(_later):012x}{secrets.token_hex(10)[:-1]}{digit}",
        set_name=set_name,
        label=label,
        status=status,
        source=source,
        drawing_id=drawing.id,
        contributor_id=contributor.id,
        split=split,
    )
    session.add(sample)
    session.flush()
    return sample
