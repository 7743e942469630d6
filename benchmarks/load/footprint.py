"""Measure the memory and the idle processor time of each process of a platform.

    python -m benchmarks.load.footprint                 # about three minutes

A platform is started and left idle, then writers correct it and both learners fine-tune, then it is left idle again. Memory is
the proportional set size; while the worker learns, the largest of four looks a second.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.end_to_end import STROKES, Platform, own_platform, read_writers
from benchmarks.load.processes import processor_times, sizes, wait_until_idle

LOOK = 0.25  # seconds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of each idle time")
    parser.add_argument("--writers", type=int, default=3, help="writers who correct, one after the other")
    options = parser.parse_args()
    writers = read_writers(STROKES)[: options.writers]
    with tempfile.TemporaryDirectory() as folder, own_platform(Path(folder), INKLOOP_TRAIN="asked") as address:
        home, platform = Path(folder), Platform(address)
        wait_until_idle(home)
        _report("idle after the start", sizes(home), _idle_shares(home, options.idle))
        largest, stop = {}, threading.Event()
        looking = threading.Thread(target=_watch, args=(home, largest, stop))
        looking.start()
        for drawings in writers:
            platform.visit(drawings)
            platform.wait_until_learned()
        stop.set()
        looking.join()
        _report(f"learning, {len([run for run in platform.runs() if run['state'] == 'done'])} runs", largest)
        wait_until_idle(home)
        _report("idle afterwards", sizes(home), _idle_shares(home, options.idle))


def _watch(home: Path, largest: dict[str, float], stop: threading.Event) -> None:
    while not stop.wait(LOOK):
        for name, size in sizes(home).items():
            largest[name] = max(size, largest.get(name, 0.0))


def _idle_shares(home: Path, seconds: float) -> dict[str, float]:
    """Return the share of a core that each process uses."""
    before = processor_times(home)
    time.sleep(seconds)
    return {name: (after - before.get(name, 0.0)) / seconds for name, after in processor_times(home).items()}


def _report(title: str, size: dict[str, float], shares: dict[str, float] | None = None) -> None:
    print(f"\n{title}")
    for name in sorted(size):
        share = f"{100 * shares[name]:8.2f} % of a core" if shares is not None and name in shares else ""
        print(f"  {name.split()[0]:8}{size[name]:8.0f} MB{share}", flush=True)


if __name__ == "__main__":
    main()
