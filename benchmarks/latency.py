"""Time one answer of each shipped network.

    python -m benchmarks.latency

A web process answers with LiteRT, on one thread, one square at a time, and reads the embedding too. The benchmark does the same.
It prints the median time of many answers, once as served and once as published without the embedding. It also prints the largest
memory of the process, which loads the same modules as a web process does to answer.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path

from functions.domain.answer import LEARNERS
from functions.learners.litert import infer_square_and_embedding, open_network
from functions.learners.squares.shipped import load_shipped
from functions.serving.embedding_output import with_embedding

ROOT = Path(__file__).resolve().parents[1]

ANSWERS = 2000


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=ANSWERS, help="answers of each network")
    options = parser.parse_args()
    seeds = load_shipped(ROOT / "models", "digits")
    squares = seeds.holdout().x[: options.answers] / 255
    for learner in LEARNERS:
        published = (ROOT / "models" / "digits" / f"{learner}.tflite").read_bytes()
        networks = {"as served": open_network(with_embedding(published)), "as published": open_network(published)}
        seconds: dict[str, list[float]] = {name: [] for name in networks}
        for square in squares:
            for name, network in networks.items():  # in turn, so that a busy machine is as busy for both
                began = time.perf_counter()
                infer_square_and_embedding(network, square)
                seconds[name].append(time.perf_counter() - began)
        told = ", ".join(f"{1000 * statistics.median(times):.3f} ms {name}" for name, times in seconds.items())
        print(f"{learner}: {told}")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
