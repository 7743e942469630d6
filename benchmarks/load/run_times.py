"""Time quick runs of a running platform."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests

from benchmarks.end_to_end import Drawing, Platform

HANDS = 10  # visitors who make the corrections of a lesson, but for lessons of fewer
LOOK = 0.5  # seconds between two looks at a run, as a page looks; more of them would take the cores that a lesson needs
NEARLY = 0.85  # of a run's progress; the rest takes about a second
CLOSELY = 0.05  # seconds between two looks before it begins, and when it is nearly over
Times = dict[int, list[tuple[float, float]]]


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
