"""Count the commits of writers that share them, beside writers that do not, on one SQLite database.

    python -m benchmarks.load.commits

Threads of one process write one row each, with group commit and without. Then three processes with four threads each do so, and
the longest wait of a writer is printed too. Every number is the median of three rounds, taken in turn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import text

from functions.records.database import Database, open_database


def write(database: Database, threads: int, seconds: float) -> tuple[float, float]:
    """Write from several threads; return commits a second, and the longest one in milliseconds."""
    waits: list[float] = []
    until = time.perf_counter() + seconds

    def go() -> None:
        while (began := time.perf_counter()) < until:
            with database.writing() as session:
                session.execute(text("INSERT INTO rows VALUES ('one row')"))
            waits.append(time.perf_counter() - began)

    workers = [threading.Thread(target=go) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(waits) / seconds, 1000 * max(waits)


def _opened(url: str, shared: bool) -> Database:
    database = open_database(url)
    return database if shared else Database(database.engine)


def _process(url: str, shared: bool, seconds: float) -> tuple[float, float]:
    return write(_opened(url, shared), 4, seconds)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("spawn").Pool(3) as pool:
        url = f"sqlite:///{Path(folder) / 'commits.sqlite'}"
        with open_database(url).writing() as session:
            session.execute(text("CREATE TABLE rows (value TEXT)"))
        for threads in (1, 8):
            rounds = [[write(_opened(url, shared), threads, seconds)[0] for shared in (False, True)] for _ in range(3)]
            alone, together = (statistics.median(rates) for rates in zip(*rounds, strict=True))
            print(
                f"one process, {threads} threads: {alone:,.0f} commits a second each for itself, {together:,.0f} shared",
                flush=True,
            )
        for shared in (False, True):
            some = [pool.starmap(_process, [(url, shared, seconds)] * 3) for _ in range(3)]
            rate = statistics.median(sum(one for one, _ in each) for each in some)
            longest = statistics.median(max(wait for _, wait in each) for each in some)
            print(
                f"three processes, {'shared' if shared else 'each for itself'}: {rate:,.0f} a second, longest {longest:,.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
