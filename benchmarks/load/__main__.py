"""Measure whether lessons and requests take longer the more was collected.

    .venv/bin/python -m benchmarks.load                                   # 1,000, 100,000 and 1,000,000 samples: half an hour
    .venv/bin/python -m benchmarks.load --sizes 300 3000 --rounds 1       # to try it

For each size a fresh database is filled with synthetic samples and all that comes with them (``scale_filling``). Then requests
are timed inside this process, with nothing else at work, and lessons through the whole platform: several visitors (drawings of
writers 13 to 30 of UCI's pen-based digits) correct or confirm 10 answers, or 100, at the same time, and the clock runs
from the last one's answer, and from the start of the run, until what the run activated answers. A refused version counts too: it
costs the same. The first round of each size waits for the worker to get warm and is not counted.

What is looked at in a window (metrics and the page Models: the newest 5,000 corrections; a lesson: earlier samples) costs more
until the window is full, and no more from then on.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import requests
from flask.testing import FlaskClient

from benchmarks.end_to_end import STROKES, Drawing, Platform, own_platform, read_writers, strokes_of
from benchmarks.load.filling import Pattern, fill, patterns
from functions import registry
from functions.app import create_app, open_platform
from functions.jobs.wakeups import FakeWake
from functions.serving.live_models import LiveModels
from functions.settings import Settings
from functions.training import training_set
from functions.web.platform import Platform as Opened

API = "/api/v1"
HANDS = 10  # visitors who make the corrections of a lesson, but for lessons of fewer
LOOK = 0.5  # seconds between two looks at a run, as a page looks; more of them would take the cores that a lesson needs
NEARLY = 0.85  # of a run's progress; the rest takes about a second
CLOSELY = 0.05  # seconds between two looks before it begins, and when it is nearly over
REAL = 600  # real drawings that the synthetic samples repeat
LONG = {"INKLOOP_LEARN_AFTER": "86400"}  # no lesson begins while requests are timed
# What the drawings are worth is not the question here, nor how long the slow lane takes, which would otherwise begin beside it.
OPEN = {"INKLOOP_TRUST": "open", "INKLOOP_LIMITS": "off", "INKLOOP_TRAIN": "asked"}


Times = dict[int, list[tuple[float, float]]]


class StillRuntime(LiveModels):
    """A runtime whose thread does not go on looking for versions when its platform is gone."""

    def watch(self) -> None:
        """Do nothing."""


@dataclass
class Measured:
    """What was measured at one size: seconds to fill it, milliseconds a request, seconds a lesson (run alone, in all)."""

    size: int
    filled: float = 0.0
    megabytes: float = 0.0
    requests: dict[str, float] = field(default_factory=dict)
    lessons: Times = field(default_factory=dict)


def measure(size: int, home: Path, options: argparse.Namespace, writers: list[list[Drawing]], some: list[Pattern]) -> Measured:
    """Fill a platform in ``home`` with ``size`` samples and measure it."""
    done, url = Measured(size), {"DATABASE_URL": options.database_url} if options.database_url else {}
    settings = Settings.from_env({"INKLOOP_HOME": str(home), "ADMIN_PASSWORD": "scale", **OPEN, **LONG, **url})
    opened = open_platform(settings)
    done.filled = fill(opened, size, some)
    done.megabytes = sum(one.stat().st_size for one in home.glob("inkloop.sqlite*")) / 1e6
    print(f"{size:,} samples: filled in {done.filled:.0f} s, {done.megabytes:,.0f} MB", flush=True)
    drawings = [drawing for writer in writers[12:] for drawing in writer]
    Random(size).shuffle(drawings)
    supply = cycle(drawings)
    done.requests = time_requests(opened, supply, options.requests)
    opened.database.engine.dispose()
    if options.rounds:
        with own_platform(home, **OPEN, **url) as address:
            done.lessons = time_lessons(Platform(address), supply, options)
    return done


def time_requests(opened: Opened, supply: Iterator[Drawing], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each request, and of what a run reads before it learns."""
    runtime = StillRuntime(opened.database, opened.store, opened.settings.models)
    here = replace(opened, wake=FakeWake(), runtime=runtime)
    runtime.refresh()
    client = create_app(here.settings, here).test_client()
    found: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        answer = act()
        found.setdefault(name, []).append(1000 * (time.perf_counter() - began))
        if getattr(answer, "status_code", 200) >= 400:
            raise SystemExit(f"{name} was answered {answer.status_code}: {answer.text}")
        return answer

    for number in range(rounds):
        if number % 10 == 0:
            client.delete_cookie("inkloop_contributor")  # another visitor
        _give(client, next(supply), timed)
        for name, path in PAGES.items():
            timed(name, lambda path=path: client.get(path))
        timed("what a lesson reads", lambda: _gather(here))
    return {name: statistics.median(times) for name, times in found.items()}


PAGES = {
    "GET sets": f"{API}/sets",
    "GET metrics": f"{API}/sets/digits/metrics",
    "GET prompts": f"{API}/sets/digits/prompts",
    "GET samples": f"{API}/sets/digits/samples",
    "GET samples, one label's that wait": f"{API}/sets/digits/samples?label=7&status=pending",
    "GET runs": f"{API}/sets/digits/runs",
    "GET versions": f"{API}/sets/digits/versions",
    "page Contribute": "/contribute/digits",
    "page Models": "/models/digits",
}


def _gather(here: Opened) -> None:
    with here.database.reading() as session:
        symbols, live = registry.symbol_set(session, "digits"), registry.live(session, "digits")
        training_set.gather(session, symbols, tuple(live["cnn"].labels), "learn", seed=1)


def _give(client: FlaskClient, drawing: Drawing, timed: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Contribute a drawing, ask about it and correct the answer."""
    body, label = strokes_of(drawing), drawing["label"]
    timed("contribute", lambda: client.post(f"{API}/sets/digits/samples", json={**body, "label": label}))
    timed("predict", lambda: client.post(f"{API}/sets/digits/predictions", json=body))
    answer = timed("predict, kept", lambda: client.post(f"{API}/sets/digits/predictions", json={**body, "consent": True})).json
    timed("correct", lambda: client.post(f"{API}/predictions/{answer['id']}/correction", json={"label": label}))


def time_lessons(
    platform: Platform, supply: Iterator[Drawing], options: argparse.Namespace
) -> dict[int, list[tuple[float, float]]]:
    """Return the seconds of each lesson, from its run's start and from the last correction, by the number of corrections."""
    found: Times = {}
    for number in range(options.rounds + 1):
        for count in options.corrections:
            hands = min(HANDS, max(1, count // 2))
            shares = [[next(supply) for _ in range(count // hands + (hand < count % hands))] for hand in range(hands)]
            with ThreadPoolExecutor(hands) as visitors:  # at once: no lesson begins while one who only judges corrects
                runs = [run for run in visitors.map(partial(correct, platform), shares) if run]
            given = time.monotonic()
            if not runs:
                continue  # all of these people only judge: nothing to learn from them
            run = max(runs)  # the newest, if one began before the last correction
            alone, live = time_run(platform, run)
            in_all = time.monotonic() - given
            platform.wait_until_learned()
            what = f"{alone:.1f} s, {in_all:.1f} s after the last one" if number else "to get warm, not counted"
            print(f"  {count} corrections by {hands}: live {', '.join(live) or 'none'}; {what}", flush=True)
            if number:
                found.setdefault(count, []).append((alone, in_all))
    return found


def correct(platform: Platform, drawings: list[Drawing]) -> str:
    """Correct the answers to ``drawings`` as one visitor, and return the run that will learn them."""
    run = ""
    with requests.Session() as visitor:
        for drawing in drawings:
            answer = platform.ask(visitor, drawing, consent=True)
            corrected = platform.correct(visitor, answer, drawing["label"])
            run = corrected["run"] or run
    return run


def time_run(platform: Platform, run_id: str) -> tuple[float, list[str]]:
    """Return the seconds from the run's start until what it activated answers, and the learners it activated."""
    before = platform.versions()
    while (run := platform.get(f"{platform.base}/runs/{run_id}"))["state"] == "queued":
        time.sleep(CLOSELY)
    began = time.monotonic()
    while (run := platform.get(f"{platform.base}/runs/{run_id}"))["state"] == "running":
        time.sleep(LOOK if run["progress"] < NEARLY else CLOSELY)
    if run["state"] != "done":
        raise SystemExit(f"The run ended as {run['state']}: {run['step']}")
    activated = set(run["result"]["activated"])
    while activated - set(platform.versions().values()):
        time.sleep(CLOSELY)
    after = platform.versions()
    return time.monotonic() - began, sorted({learner for learner, role in after if after[learner, role] != before[learner, role]})


def show(all_sizes: list[Measured]) -> None:
    """Print the tables: medians, and beside each how many times it is that of the first size."""
    first = all_sizes[0]
    heads = "".join(f"{f'{one.size:,} samples':>24}" for one in all_sizes)
    print(f"\n{'':36}{heads}")

    def line(name: str, values: list[float], unit: str) -> None:
        cells = (f"{value:,.1f} {unit} ({value / values[0]:.2f})" for value in values)
        print(f"{name:36}{''.join(f'{cell:>24}' for cell in cells)}")

    for name in first.requests:
        line(name, [one.requests[name] for one in all_sizes], "ms")
    for count in first.lessons:
        if all(one.lessons.get(count) for one in all_sizes):
            for place, what in enumerate(("run's start to live", "last one to live")):
                medians = [statistics.median(times[place] for times in one.lessons[count]) for one in all_sizes]
                line(f"{count} corrections: {what}", medians, "s")


@contextmanager
def _home(kept: Path | None, size: int) -> Iterator[Path]:
    if kept is not None:
        folder = kept / str(size)
        folder.mkdir(parents=True)
        yield folder
        return
    with tempfile.TemporaryDirectory() as fresh:
        yield Path(fresh)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--corrections", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--rounds", type=int, default=3, help="lessons of each kind; 0 times requests only")
    parser.add_argument("--requests", type=int, default=30, help="how often each request is made")
    parser.add_argument("--strokes", type=Path, default=STROKES, help="the drawings, gzip JSON lines")
    parser.add_argument("--keep", type=Path, help="a folder in which the filled platforms stay")
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
