"""Samples a second and memory of an export in each format, beside plain ``tar`` of the same pictures.

``python -m benchmarks.exchange --samples 20000``; a million samples take 9 GB of disk and an hour. The drawings are those
of real people, with strokes; they repeat, each time with an id and a file of its own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from functions import registry
from functions.dataset.exchange.export import FORMATS, Export, ExportRequest, Format
from functions.domain.drawing import from_strokes, parse_strokes, to_png
from functions.records.database import Database, open_database
from functions.records.drawings import drawing_row
from functions.records.migrate import migrate
from functions.records.tables import Contributor, DrawingRow, Sample, SymbolSetRow, new_id
from functions.settings import ROOT
from functions.store import FolderStore
from functions.store.names import picture_key

AT_ONCE = 5_000  # rows of one statement
MEGABYTE = 1024  # kilobytes, which Linux counts in
SPLITS = ("train", "validation", "test")
ALIKE = {
    **{"set_name": "digits", "contributor_id": "c", "status": "accepted", "reason": "agreed", "reason_figures": {}},
    "source": "contribution",
}


def main() -> int:
    """Fill a set, export it in each format, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    chosen = parser.parse_args()
    samples = chosen.samples
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        begun = time.perf_counter()
        fill(home, samples)
        print(f"{'filling':8}{samples / (time.perf_counter() - begun):10,.0f} samples a second", flush=True)
        begun = time.perf_counter()
        subprocess.run(["tar", "-cf", str(home / "all.tar"), "-C", str(home / "objects"), "."], check=True)
        print(f"{'tar':8}{samples / (time.perf_counter() - begun):10,.0f} samples a second", flush=True)
        (home / "all.tar").unlink()
        with get_context("spawn").Pool(1, maxtasksperchild=1) as processes:
            for format in chosen.formats:
                seconds, busy, memory = processes.apply(measure, (home, format))
                rates = f"{samples / seconds:10,.0f} samples a second, {samples / busy:7,.0f} a second of the processor"
                print(f"{format:8}{rates}, {memory:4.0f} MB of memory", flush=True)
    return 0


def measure(home: Path, format: Format) -> tuple[float, float, float]:
    """Return the seconds of an export as one file, those of the processor, and the most memory (MB) that its process took."""
    database, store = opened(home)
    with database.reading() as session:
        symbols = registry.symbol_set(session, "digits")
    begun, busy = time.perf_counter(), time.process_time()
    with (home / "out").open("wb") as out:
        for piece in Export(database, store, symbols, ExportRequest(format)).one_file():
            out.write(piece)
    return time.perf_counter() - begun, time.process_time() - busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def fill(home: Path, samples: int) -> None:
    """Make a set with accepted samples, whose pictures are in the store."""
    database, _store = opened(home)
    migrate(database)
    drawn, pngs = real_drawings()
    with database.writing() as session:
        session.add_all([SymbolSetRow(name="digits", labels=list("0123456789")), Contributor(id="c")])
    folders = [home / "objects" / picture_key("digits", label, "") for label in "0123456789"]
    for folder in folders:
        folder.parent.mkdir(parents=True)
    for start in range(0, samples, AT_ONCE):
        drawings, rows = [], []
        for number in range(start, min(start + AT_ONCE, samples)):
            drawing = drawn[number % len(drawn)] | {"id": new_id()}
            row = {"id": new_id(), "drawing_id": drawing["id"], "label": str(number % 10), "split": SPLITS[number % 3]}
            drawings.append(drawing)
            rows.append(row | ALIKE | {"created": drawing["created"]})
            (folders[number % 10].parent / f"{row['id']}.png").write_bytes(pngs[number % len(drawn)])
        with database.writing() as session:
            session.execute(insert(DrawingRow), drawings)
            session.execute(insert(Sample), rows)


def real_drawings() -> tuple[list[dict[str, Any]], list[bytes]]:
    """Return drawings that people made, as rows have them, and their pictures."""
    rows, pngs = [], []
    for one in json.loads(gzip.decompress((ROOT / "tests" / "strokes.json.gz").read_bytes())):
        drawing = from_strokes(parse_strokes(one["strokes"], *one["box"], "pen"))
        pngs.append(to_png(drawing.ink))
        row = drawing_row("digits", "c", drawing, pngs[-1])
        names = ("set_name", "contributor_id", "strokes", "square", "png_sha256", "created")
        rows.append({name: getattr(row, name) for name in names})
    return rows, pngs


def opened(home: Path) -> tuple[Database, FolderStore]:
    """Open the database and the store of a home."""
    return open_database(f"sqlite:///{home / 'inkloop.sqlite'}"), FolderStore(home / "objects")


if __name__ == "__main__":
    sys.exit(main())
