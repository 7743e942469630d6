"""Print how long it takes to count a request for /metrics, as one process does and as gunicorn's processes do.

python -m benchmarks.counting
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time

ROUNDS, COUNTS = 5, 20_000
SHARED = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(f"a process alone: {_seconds() * 1e6:.1f} microseconds")
    with tempfile.TemporaryDirectory() as folder:  # the library looks for the folder when it is imported
        code = "from benchmarks.counting import _seconds; print(_seconds())"
        done = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {SHARED: folder}, capture_output=True, text=True, check=True
        )
    print(f"processes that share their counts: {float(done.stdout) * 1e6:.1f} microseconds")


def _seconds() -> float:
    """Return the shortest mean time of a count, of some rounds."""
    from functions.web.request_counts import REQUESTS, SECONDS

    count, seconds = REQUESTS.labels("benchmark", "200"), SECONDS.labels("benchmark")
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(COUNTS):
            count.inc()
            seconds.observe(0.004)
        best = min(best, (time.perf_counter() - began) / COUNTS)
    return best


if __name__ == "__main__":
    main()
