"""The gallery of a large dataset: milliseconds of server time of its pages, with filters that pass many samples and few.

``python -m benchmarks.gallery --samples 200000`` fills a new SQLite database; ``--database URL`` an empty PostgreSQL one, and
``--database postgres`` one of a server that it starts. The server time is the processor's time of the thread and of PostgreSQL's
processes on this machine, as they would need on an idle one; beside it is what passed on the clock.

Samples have the strokes of real people, 80 % of them imported; one in a thousand is a correction, and one in ten thousand was
doubted.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import insert, text

from functions.app import create_app, open_platform
from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.records.database import Database
from functions.records.drawings import strokes_bytes
from functions.records.growth import fold_days
from functions.records.label_counts import fold_counts
from functions.records.tables import Contributor, DrawingRow, Sample, now
from functions.settings import ROOT, Settings
from functions.web.platform import Platform
from tests.servers import start_postgres

REPEATS = 9
AT_ONCE = 5_000
PAGES = {
    "newest": "",
    "one label": "label=7",
    "rare source": "source=correction",
    "rare label and source": "label=7&source=correction",
    "one split": "split=test",
    "source that nothing has": "source=import&split=unused",
    "old dates": "to=2019-01-01",
    "doubted": "doubted=yes",
    "not a symbol": "label=not+a+symbol",
}


def main() -> None:
    """Fill a database and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=200_000, help="how many samples the set has")
    about = "the URL of an empty database, or 'postgres'; SQLite in a temporary folder by default"
    parser.add_argument("--database", default="", help=about)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        url = chosen.database or f"sqlite:///{home / 'inkloop.sqlite'}"
        if url == "postgres":
            facts, stop = start_postgres(home)
            stack.callback(stop)
            url = facts["url"]
        settings = Settings(home=home, database_url=url, secret_key="benchmark " * 4, limits=False, log="problems")
        here = open_platform(settings)
        fill(here.database, chosen.samples)
        client = create_app(settings, here).test_client()
        print(
            f"{chosen.samples:,} samples, {here.database.engine.dialect.name}; milliseconds a page: "
            f"server time, median and worst of {REPEATS}; on the clock, median and least"
        )
        for name, query in PAGES.items():
            show(name, client, here.database, f"/dataset/digits?{query}")
        show("deep page", client, here.database, f"/dataset/digits?cursor={middle(here)}")


def show(name: str, client: FlaskClient, database: Database, address: str) -> None:
    """Print how long a page takes; the first answer, which fills caches, is not counted."""
    own, whole = [], []
    for _ in range(REPEATS + 1):
        theirs = backends(database)
        before = cpu_seconds(theirs)
        begin, begin_whole = time.thread_time(), time.perf_counter()
        answer = client.get(address)
        own.append(1000 * (time.thread_time() - begin + cpu_seconds(theirs) - before))
        whole.append(1000 * (time.perf_counter() - begin_whole))
        assert answer.status_code == 200
    times = f"{median(own[1:]):.0f} | {max(own[1:]):.0f} | {median(whole[1:]):.0f} | {min(whole[1:]):.0f}"
    print(f"| {name} | {times} | {len(answer.data) / 1000:.0f} kB |", flush=True)


def backends(database: Database) -> list[int]:
    """Return the process ids of PostgreSQL's backends; none for SQLite."""
    if database.engine.dialect.name == "sqlite":
        return []
    with database.reading() as session:
        return list(session.scalars(text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")))


def cpu_seconds(processes: Sequence[int]) -> float:
    """Return the processor's time of some processes of this Linux machine, in nanoseconds exact."""
    files = [Path(f"/proc/{one}/schedstat") for one in processes]
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9


def middle(here: Platform) -> str:
    """Return the cursor of a page in the middle of the dataset."""
    with here.database.reading() as session:
        return str(
            session.execute(text("SELECT id FROM samples ORDER BY id LIMIT 1 OFFSET (SELECT count(*) / 2 FROM samples)")).scalar()
        )


def fill(database: Database, count: int) -> None:
    """Add samples of the digits, a few milliseconds apart."""
    drawn = real_drawings()
    began = int(now().timestamp() * 1000) - 10 * count
    with database.writing() as session:
        session.execute(insert(Contributor), [{"id": f"{place:032x}", "created": now()} for place in range(1_000)])
    for first in range(0, count, AT_ONCE):
        rows = [_row(number, began + 10 * number) for number in range(first, min(count, first + AT_ONCE))]
        with database.writing() as session:
            drawings = [
                {
                    **{"id": row["drawing_id"], "set_name": "digits", "contributor_id": row["contributor_id"]},
                    **drawn[place % len(drawn)],
                    **{"png_sha256": "0" * 64, "created": row["created"]},
                }
                for place, row in enumerate(rows)
            ]
            session.execute(insert(DrawingRow), drawings)
            session.execute(insert(Sample), rows)
    while fold_counts(database) + fold_days(database):  # as a worker does all the time
        pass
    with database.writing() as session:
        session.execute(text("ANALYZE"))


def real_drawings() -> list[dict[str, bytes | None]]:
    """Return the strokes and squares of drawings that people made, as rows have them."""
    found = []
    for one in json.loads(gzip.decompress((ROOT / "tests" / "strokes.json.gz").read_bytes())):
        drawing = from_strokes(parse_strokes(one["strokes"], *one["box"], "pen"))
        found.append({"strokes": strokes_bytes(drawing), "square": zlib.compress(square_to_bytes(drawing.square), 9)})
    return found


def _row(number: int, at: int) -> dict[str, object]:
    return {
        "id": f"{at:012x}{number:020x}",
        "set_name": "digits",
        "label": None if number % 53 == 52 else str(number % 10),
        "status": "accepted",
        "reason": "surprising" if number % 10_000 == 0 else "agreed",
        "reason_figures": {},
        "source": "correction" if number % 1_000 == 0 else "import" if number % 5 else "contribution",
        "drawing_id": f"{at:012x}d{number:019x}",
        "contributor_id": f"{number % 1_000:032x}",
        "split": ("train", "train", "train", "test", "validation")[number % 7 % 5],
        "created": datetime.fromtimestamp(at / 1000, UTC) - timedelta(days=number % 400),
    }


if __name__ == "__main__":
    main()
