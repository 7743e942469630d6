"""Time one answer of each shipped network, as a web process gives it: LiteRT, one thread, one square, its embedding read too.

    .venv/bin/python -m benchmarks.latency

Prints medians over many answers, beside those of the file as it is published, and the largest memory of this process, which
loads what a web process loads for answering.
"""

from __future__ import annotations

import resource
import statistics
import time
from pathlib import Path

from functions.domain.answer import LEARNERS
from functions.learners.litert import open_network, outputs_and_embedding
from functions.learners.squares.shipped import load_shipped
from functions.serving.embedding_output import with_embedding

ROOT = Path(__file__).resolve().parent.parent

ANSWERS = 2000


def main() -> None:
    seeds = load_shipped(ROOT / "models", "digits")
    squares = seeds.holdout().x[:ANSWERS] / 255
    for learner in LEARNERS:
        published = (ROOT / "models" / "digits" / f"{learner}.tflite").read_bytes()
        networks = {"as served": open_network(with_embedding(published)), "as published": open_network(published)}
        seconds: dict[str, list[float]] = {name: [] for name in networks}
        for square in squares:
            for name, network in networks.items():  # in turn, so that a busy machine is as busy for both
                began = time.perf_counter()
                outputs_and_embedding(network, square)
                seconds[name].append(time.perf_counter() - began)
        told = ", ".join(f"{1000 * statistics.median(times):.3f} ms {name}" for name, times in seconds.items())
        print(f"{learner}: {told}")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
