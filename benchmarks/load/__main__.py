"""Measure whether quick runs and requests take longer with more collected samples.

    .venv/bin/python -m benchmarks.load                                   # 1,000, 100,000 and 1,000,000 samples: half an hour
    .venv/bin/python -m benchmarks.load --sizes 300 3000 --rounds 1       # to try it
    .venv/bin/python -m benchmarks.load --rounds 0 --requests 20 --clock processor    # requests only, beside other work

For each size, a fresh database is filled with synthetic samples and their other rows (``benchmarks.load.filling``). Requests are
timed inside this process, on an idle machine. Quick runs are timed on the whole platform: several visitors (drawings of writers
13 to 30 of UCI's pen-based digits) correct or confirm 10 or 100 answers at the same time. The time is measured from the last
correction, and from the start of the run, until the activated versions answer. A refused version costs the same and counts too.
The first round of each size warms up the worker and does not count.

Some queries read only the newest rows (metrics and the page Models: 5,000 corrections; a quick run: earlier samples). Their cost
grows until there are so many rows, and no further.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random

from benchmarks.end_to_end import STROKES, Drawing, Platform, own_platform, read_writers
from benchmarks.load.filling import Pattern, fill, patterns
from benchmarks.load.request_times import time_requests
from benchmarks.load.run_times import Times, time_runs
from functions.app import open_platform
from functions.settings import Settings

FILLED = "filled"  # a file beside a database that is filled
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
REAL = 600  # real drawings that the synthetic samples repeat
LONG = {"INKLOOP_LEARN_AFTER": "86400"}  # no run begins while requests are timed
# Without trust rules, and without full retrainings during the measurement.
OPEN = {"INKLOOP_TRUST": "open", "INKLOOP_LIMITS": "off", "INKLOOP_TRAIN": "asked"}


@dataclass
class Measured:
    """The times at one size: seconds of filling, milliseconds of each request, seconds of each run (alone, in all)."""

    size: int
    filled: float = 0.0
    megabytes: float = 0.0
    requests: dict[str, float] = field(default_factory=dict)
    runs: Times = field(default_factory=dict)


def measure(size: int, home: Path, options: argparse.Namespace, writers: list[list[Drawing]], some: list[Pattern]) -> Measured:
    """Fill a platform in ``home`` with ``size`` samples and measure it."""
    done, url = Measured(size), {"DATABASE_URL": options.database_url} if options.database_url else {}
    settings = Settings.from_env({"INKLOOP_HOME": str(home), "ADMIN_PASSWORD": "only to measure", **OPEN, **LONG, **url})
    filled = home / FILLED
    opened = open_platform(settings)
    if not filled.exists():
        done.filled = fill(opened, size, some)
        filled.touch()
    done.megabytes = sum(one.stat().st_size for one in home.glob("inkloop.sqlite*")) / 1e6
    print(f"{size:,} samples: filled in {done.filled:.0f} s, {done.megabytes:,.0f} MB", flush=True)
    drawings = [drawing for writer in writers[12:] for drawing in writer]
    Random(size).shuffle(drawings)
    supply = cycle(drawings)
    done.requests = time_requests(opened, supply, options.requests, CLOCKS[options.clock])
    opened.database.engine.dispose()
    if options.rounds:
        with own_platform(home, **OPEN, **url) as address:
            done.runs = time_runs(Platform(address), supply, options)
    return done


def show(all_sizes: list[Measured]) -> None:
    """Print the medians, each with its ratio to the median of the first size."""
    first = all_sizes[0]
    heads = "".join(f"{f'{one.size:,} samples':>24}" for one in all_sizes)
    print(f"\n{'':36}{heads}")

    def line(name: str, values: list[float], unit: str) -> None:
        cells = (f"{value:,.1f} {unit} ({value / values[0]:.2f})" for value in values)
        print(f"{name:36}{''.join(f'{cell:>24}' for cell in cells)}")

    for name in first.requests:
        line(name, [one.requests[name] for one in all_sizes], "ms")
    for count in first.runs:
        if all(one.runs.get(count) for one in all_sizes):
            for place, what in enumerate(("run's start to live", "last one to live")):
                medians = [statistics.median(times[place] for times in one.runs[count]) for one in all_sizes]
                line(f"{count} corrections: {what}", medians, "s")


@contextmanager
def _home(kept: Path | None, size: int) -> Iterator[Path]:
    if kept is not None:
        folder = kept / str(size)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as fresh:
        yield Path(fresh)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--corrections", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--rounds", type=int, default=3, help="quick runs of each size; 0 times requests only")
    parser.add_argument("--requests", type=int, default=30, help="how often each request is made")
    parser.add_argument("--strokes", type=Path, default=STROKES, help="the drawings, gzip JSON lines")
    parser.add_argument("--keep", type=Path, help="a folder in which the filled platforms stay, to be measured again")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="of requests; processor: beside other work")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, for one size")
    options = parser.parse_args()
    if options.database_url and len(options.sizes) != 1:
        parser.error("one database is for one size")
    writers = read_writers(options.strokes)
    every = max(1, sum(map(len, writers[:12])) // REAL)
    some = patterns([drawing for writer in writers[:12] for drawing in writer][::every])
    done = []
    for size in options.sizes:
        with _home(options.keep, size) as home:
            done.append(measure(size, home, options, writers, some))
    show(done)


if __name__ == "__main__":
    main()
