"""Print how many bytes a contributed drawing takes: in the database, with its indexes, and in the object store.

python -m benchmarks.drawing_size
"""

from __future__ import annotations

import argparse
import tempfile

from sqlalchemy import text

from benchmarks.end_to_end import STROKES, read_writers, strokes_of
from functions import registry
from functions.domain.drawing import from_strokes, parse_strokes
from functions.records.database import Database
from functions.records.outbox import drain
from functions.records.tables import new_id
from functions.settings import Settings
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute

COUNT = 1000
PEOPLE = 50


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    drawings = [drawing for writer in read_writers(STROKES) for drawing in writer][:COUNT]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env({"INKLOOP_HOME": folder})
        database, store = registry.bootstrap(settings), FolderStore(settings.objects)
        while drain(database, store):
            pass
        before = _bytes(database)
        people = [new_id() for _ in range(PEOPLE)]
        for number, drawing in enumerate(drawings):
            given = parse_strokes(*(strokes_of(drawing)[name] for name in ("strokes", "width", "height")), None)
            drawn = from_strokes(given)
            contribute(database, "open", Contribution("digits", drawing["label"], drawn, people[number % PEOPLE]))
        while drain(database, store):
            pass
        objects = [path.stat().st_size for path in (settings.objects / "samples").rglob("*.*")]
        print(
            f"{len(drawings)} drawings: {(_bytes(database) - before) / len(drawings):,.0f} bytes each in the database,", end=" "
        )
        print(f"{sum(objects) / len(drawings):,.0f} in the object store, in {len(objects) / len(drawings):.0f} objects.")


def _bytes(database: Database) -> int:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT", reading=True) as connection:
        pages, free, size = (connection.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


if __name__ == "__main__":
    main()
