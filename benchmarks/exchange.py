"""Samples a second and memory of an export in each format, beside plain ``tar`` of the same pictures.

``python -m benchmarks.exchange --samples 20000``
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from functions import registry
from functions.dataset.exchange.export import FORMATS, Export, ExportRequest, Format
from functions.domain.drawing import from_strokes, parse_strokes, to_png
from functions.records.database import Database, open_database
from functions.records.drawings import drawing_row
from functions.records.migrate import migrate
from functions.records.tables import Contributor, Sample, SymbolSetRow, insert, new_id, now
from functions.store import FolderStore
from functions.store.names import picture_key

PICTURES = 200  # different drawings; the others repeat them
AT_ONCE = 1_000
MEGABYTE = 1024  # kilobytes, which Linux counts in


def main() -> int:
    """Fill a set, export it in each format, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=20_000)
    samples = parser.parse_args().samples
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, samples)
        begun = time.perf_counter()
        subprocess.run(["tar", "-cf", str(home / "all.tar"), "-C", str(home / "objects"), "."], check=True)
        print(f"{'tar':8}{samples / (time.perf_counter() - begun):10,.0f} samples a second")
        with get_context("spawn").Pool(1, maxtasksperchild=1) as processes:
            for format in FORMATS:
                seconds, memory = processes.apply(measure, (home, format))
                print(f"{format:8}{samples / seconds:10,.0f} samples a second, {memory:4.0f} MB of memory")
    return 0


def measure(home: Path, format: Format) -> tuple[float, float]:
    """Return the seconds of an export as one file, and the most memory (MB) that its process took."""
    database, store = opened(home)
    with database.reading() as session:
        symbols = registry.symbol_set(session, "digits")
    begun = time.perf_counter()
    with (home / "out").open("wb") as out:
        for piece in Export(database, store, symbols, ExportRequest(format)).one_file():
            out.write(piece)
    return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def fill(home: Path, samples: int) -> None:
    """Make a set with accepted samples, whose pictures are in the store."""
    database, _store = opened(home)
    migrate(database)
    lines = [[[[40, 60, 0], [40 + one, 150, 16], [240, 60, 33]]] for one in range(PICTURES)]
    drawings = [from_strokes(parse_strokes(line, 280, 280, "pen")) for line in lines]
    pngs = [to_png(drawing.ink) for drawing in drawings]
    with database.writing() as session:
        session.add_all([SymbolSetRow(name="digits", labels=list("0123456789")), Contributor(id="c")])
    for start in range(0, samples, AT_ONCE):
        with database.writing() as session:
            for number in range(start, min(start + AT_ONCE, samples)):
                row = drawing_row("digits", "c", drawings[number % PICTURES], pngs[number % PICTURES])
                insert(session, row)
                sample = Sample(
                    id=new_id(), set_name="digits", label=str(number % 10), status="accepted", reason="agreed", reason_figures={}
                )
                sample.source, sample.drawing_id, sample.contributor_id = "contribution", row.id, "c"
                sample.split, sample.created = ("train", "validation", "test")[number % 3], now()
                insert(session, sample)
                path = home / "objects" / picture_key("digits", sample.label, sample.id)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(pngs[number % PICTURES])


def opened(home: Path) -> tuple[Database, FolderStore]:
    """Open the database and the store of a home."""
    return open_database(f"sqlite:///{home / 'inkloop.sqlite'}"), FolderStore(home / "objects")


if __name__ == "__main__":
    sys.exit(main())
