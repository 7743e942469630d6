"""Time quick runs of a running platform."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests

from benchmarks.end_to_end import Drawing, Platform

VISITORS = 10  # who send the corrections of a run, at most
LOOK = 0.5  # seconds between two requests for a run's progress, as on a page; more requests would slow the run
NEARLY = 0.85  # of a run's progress; the rest takes about a second
CLOSELY = 0.05  # seconds between two requests before a run begins, and when it is nearly over
Times = dict[int, list[tuple[float, float]]]


def time_runs(platform: Platform, supply: Iterator[Drawing], options: argparse.Namespace) -> Times:
    """Return the seconds of each run, from its start and from the last correction, by the number of corrections."""
    found: Times = {}
    for number in range(options.rounds + 1):
        for count in options.corrections:
            visitors = min(VISITORS, max(1, count // 2))
            sizes = [count // visitors + (visitor < count % visitors) for visitor in range(visitors)]
            shares = [[next(supply) for _ in range(size)] for size in sizes]
            with ThreadPoolExecutor(visitors) as pool:  # at once: otherwise a run might begin during a test contributor's visit
                runs = [run for run in pool.map(partial(correct, platform), shares) if run]
            given = time.monotonic()
            if not runs:
                continue  # all visitors belong to validation or test
            run = max(runs)  # the newest, if one began before the last correction
            alone, live = time_run(platform, run)
            in_all = time.monotonic() - given
            platform.wait_until_learned()
            what = f"{alone:.1f} s, {in_all:.1f} s after the last one" if number else "to warm up, not counted"
            print(f"  {count} corrections by {visitors}: live {', '.join(live) or 'none'}; {what}", flush=True)
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
    """Return the seconds from the run's start until its activated versions answer, and their learners."""
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
