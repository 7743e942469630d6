"""Time one answer of each shipped network, as a web process gives it: LiteRT, one thread, one square.

    .venv/bin/python benchmarks/answer_time.py

Prints medians over many answers and the largest memory of this process, which loads what a web process loads for answering.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from functions.answer import LEARNERS  # noqa: E402
from functions.learners.seeds import load_seeds  # noqa: E402
from functions.runtime import open_network, probabilities  # noqa: E402

ANSWERS = 2000


def main() -> None:
    seeds = load_seeds(ROOT / "models", "digits")
    squares = seeds.holdout().x[:ANSWERS] / 255
    for learner in LEARNERS:
        network = open_network((ROOT / "models" / "digits" / f"{learner}.tflite").read_bytes())
        seconds = []
        for square in squares:
            began = time.perf_counter()
            probabilities(network, square)
            seconds.append(time.perf_counter() - began)
        print(f"{learner}: {1000 * statistics.median(seconds):.3f} ms an answer")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
