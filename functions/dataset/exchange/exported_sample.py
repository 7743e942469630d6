"""The samples of an export as values: with their split, a pseudonym of their contributor, and their picture when it is needed."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from functions.dataset import splits
from functions.dataset.pictures import remade
from functions.domain.symbols import SymbolSet
from functions.errors import MissingObject
from functions.records import exported_samples as records
from functions.records import outbox
from functions.records.database import Database
from functions.records.drawings import read_strokes
from functions.records.exported_samples import ExportFilter, ExportRow
from functions.records.split_assignments import Split
from functions.records.tables import DrawingRow
from functions.store import Store, names

READERS = 8  # pictures fetched at once; a bucket answers many as fast as one
Pictures = Literal["all", "uploads", "none"]
PSEUDONYM = b"inkloop contributor\n"
KNOWN_CONTRIBUTORS = 10_000  # whose expected splits are kept in memory


@dataclass(frozen=True)
class ExportedSample:
    """One sample; ``png`` is None for formats that hold no pictures. ``contributor`` is a pseudonym."""

    id: str
    label: str | None
    status: str
    reason: str
    split: splits.SampleSplit
    source: str
    contributor: str
    created: datetime
    strokes: dict[str, Any] | None
    square: NDArray[np.uint8]  # (28, 28), 0 paper .. 255 ink
    png_sha256: str
    png: bytes | None = None
    imported: Mapping[str, str] = field(default_factory=dict)  # where an imported sample comes from, and its licence

    def facts(self) -> dict[str, Any]:
        """Return everything but the pictures, for a line of JSON."""
        drawn = self.strokes or {"strokes": None, "width": None, "height": None}
        return {
            "id": self.id,
            "label": self.label,
            "split": self.split,
            "status": self.status,
            "reason": self.reason,
            "source": self.source,
            "contributor": self.contributor,
            "created": written(self.created),
            "width": drawn["width"],
            "height": drawn["height"],
            "pointer": drawn.get("pointer"),
            "strokes": drawn["strokes"],
            **self.imported,
        }


def written(moment: datetime) -> str:
    """Return a moment in ISO 8601, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pseudonym(contributor: str) -> str:
    """Return a name for a contributor that leads back to nobody: ids have 80 random bits, so no list of them can be tried."""
    return hashlib.sha256(PSEUDONYM + contributor.encode()).hexdigest()[:16]


@dataclass
class SampleSource:
    """Reads the samples of an export; ``place`` is where it stands, and ``after`` where it begins.

    ``on_samples`` is told how many samples were read, after each page.
    """

    database: Database
    store: Store
    symbols: SymbolSet
    wanted: ExportFilter = field(default_factory=ExportFilter)
    after: str = ""
    on_samples: Callable[[int], None] = lambda count: None
    place: str = ""
    _expected: dict[str, Split] = field(default_factory=dict)

    def samples(self, pictures: Pictures) -> Iterator[ExportedSample]:
        """Yield the samples in order, with the ``pictures`` of all, of uploads alone, or of none."""
        with ThreadPoolExecutor(READERS, thread_name_prefix="pictures") as readers:
            for rows in records.pages_of_samples(self.database, self.symbols.name, self.wanted, self.after):
                found = self._split_by_sample(rows)
                chosen = [row for row in rows if self._is_wanted(row, found[row.id])]
                pngs = readers.map(partial(_picture, self), [row for row in chosen if _is_pictured(row, pictures)])
                for row in chosen:
                    self.place = records.place(row)
                    yield _sample(row, found[row.id], next(pngs) if _is_pictured(row, pictures) else None)
                self.place = records.place(rows[-1])
                self.on_samples(len(rows))

    def _is_wanted(self, row: ExportRow, split: str) -> bool:
        known = row.label is None or row.label in self.symbols.labels  # not one that was added to the set meanwhile
        return known and (not self.wanted.splits or split in self.wanted.splits)

    def _split_by_sample(self, rows: Sequence[ExportRow]) -> Mapping[str, splits.SampleSplit]:
        """Return the split of each sample; a sample without one gets that which the next run would assign."""
        new = {row.contributor for row in rows if row.split is None} - self._expected.keys()
        if new:
            if len(self._expected) > KNOWN_CONTRIBUTORS:
                self._expected.clear()
                new = {row.contributor for row in rows if row.split is None}
            with self.database.reading() as session:
                for one in new:
                    self._expected[one] = splits.expected_split(session, self.symbols.name, one)
        return {
            row.id: cast(splits.SampleSplit, row.split)
            if row.split is not None
            else splits.split_of_sample(self._expected[row.contributor], row.source)
            for row in rows
        }


def _is_pictured(row: ExportRow, pictures: Pictures) -> bool:
    return pictures == "all" or (pictures == "uploads" and row.strokes is None)


def _picture(source: SampleSource, row: ExportRow) -> bytes:
    key = names.picture_key(source.symbols.name, row.label, row.id)
    # The store first: to render a drawing takes far longer than to read its picture.
    with suppress(MissingObject):
        png = source.store.get(key)
        if hashlib.sha256(png).hexdigest() == row.png_sha256:
            return png
    with source.database.reading() as session:
        waiting = outbox.waiting(session, key)
    if waiting is not None:
        return waiting
    # It is moving to another key, or is lost: the row can make it again.
    return remade(DrawingRow(id=row.drawing, strokes=row.strokes, square=row.square, png_sha256=row.png_sha256)).png


def _sample(row: ExportRow, split: splits.SampleSplit, png: bytes | None) -> ExportedSample:
    return ExportedSample(
        id=row.id,
        label=row.label,
        status=row.status,
        reason=row.reason,
        split=split,
        source=row.source,
        contributor=pseudonym(row.contributor),
        created=row.created,
        strokes=None if row.strokes is None else read_strokes(row.strokes),
        square=np.frombuffer(zlib.decompress(row.square), np.uint8).reshape(28, 28),
        png_sha256=row.png_sha256 if png is None else hashlib.sha256(png).hexdigest(),
        png=png,
        imported={name: row.reason_figures[name] for name in ("origin", "licence") if name in row.reason_figures},
    )
