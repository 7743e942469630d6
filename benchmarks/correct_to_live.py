"""Time how long twenty corrections take from the learn run's start until both learned versions answer, through HTTP.

    .venv/bin/python benchmarks/correct_to_live.py --start

Each round is one visitor (writers 13 onwards of UCI's pen-based digits) who corrects or confirms twenty answers. The worker is
warm when the first round begins. A refused version counts too: it costs the same.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import requests
from visitors import STROKES, Drawing, Platform, own_platform, read_writers

CORRECTIONS = 20
LOOK = 0.1  # seconds between two looks; what is measured is many times longer


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
        time.sleep(LOOK)
    began = time.monotonic()
    while (run := platform.get(f"{platform.base}/runs/{run_id}"))["state"] == "running":
        time.sleep(LOOK)
    if run["state"] != "done":
        raise SystemExit(f"The run ended as {run['state']}: {run['step']}")
    activated = set(run["result"]["activated"])
    while activated - set(platform.versions().values()):
        time.sleep(LOOK)
    after = platform.versions()
    return time.monotonic() - began, sorted({learner for learner, role in after if after[learner, role] != before[learner, role]})


def measure(platform: Platform, writers: list[list[Drawing]], rounds: int) -> None:
    """Print each round and their median; the first, which waits for the worker to get warm, is not counted."""
    seconds = []
    for number in range(rounds + 1):
        drawings = writers[12 + number % 12][number // 12 * CORRECTIONS :][:CORRECTIONS]
        took, live = time_run(platform, correct(platform, drawings))
        platform.wait_until_learned()
        what = "to get warm, not counted" if number == 0 else f"{took:.1f} s"
        print(f"round {number}: {len(drawings)} corrections, live: {', '.join(live) or 'none'}; {what}", flush=True)
        if number:
            seconds.append(took)
    print(f"\nrun's start to live, both learners: median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:5000", help="a running platform with INKLOOP_LIMITS=off")
    parser.add_argument("--start", action="store_true", help="start a fresh platform in a temporary folder instead")
    parser.add_argument("--strokes", type=Path, default=STROKES, help="the drawings, gzip JSON lines")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    writers = read_writers(options.strokes)
    if options.start:
        with own_platform() as url:
            measure(Platform(url), writers, options.rounds)
    else:
        measure(Platform(options.url), writers, options.rounds)


if __name__ == "__main__":
    main()
