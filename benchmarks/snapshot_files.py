"""Compare two formats of the squares that nodes of a cluster read: NumPy's ``npz``, and Parquet.

    python -m benchmarks.snapshot_files

The squares are MNIST's training digits, 5,000 a file as full runs write them. Prints bytes, and the seconds of writing and of
reading all files: the median of several rounds, both formats in turn.
"""

from __future__ import annotations

import argparse
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from functions.learners.squares import Squares
from functions.learners.squares.parquet import from_parquet, to_parquet
from functions.training.shared_squares import SHARD

ROOT = Path(__file__).resolve().parent.parent


def to_npz(squares: Squares) -> bytes:
    """Return the squares as an ``npz`` file, compressed."""
    with io.BytesIO() as file:
        np.savez_compressed(file, x=squares.x, y=squares.y)
        return file.getvalue()


def from_npz(body: bytes) -> Squares:
    """Return what ``to_npz`` was given."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return Squares(arrays["x"], arrays["y"])


FORMATS: dict[str, tuple[Callable[[Squares], bytes], Callable[[bytes], Squares]]] = {
    "npz": (to_npz, from_npz),
    "Parquet": (to_parquet, lambda body: from_parquet(body)[0]),
}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squares", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args()
    with np.load(options.data / "mnist.npz") as arrays:
        every = Squares(arrays["x_train"].astype(np.uint8), arrays["y_train"].astype(np.int64))
    shards = [every.take(np.arange(start, min(start + SHARD, options.squares))) for start in range(0, options.squares, SHARD)]
    to_parquet(shards[0])  # loads pyarrow
    sizes: dict[str, int] = {}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in FORMATS}
    for _ in range(options.rounds):
        for name, (write, read) in FORMATS.items():
            began = time.perf_counter()
            bodies = [write(shard) for shard in shards]
            written = time.perf_counter()
            for shard, body in zip(shards, bodies, strict=True):
                assert np.array_equal(read(body).y, shard.y)
            times[name].append((written - began, time.perf_counter() - written))
            sizes[name] = sum(map(len, bodies))
    print(f"{options.squares:,} squares, {len(shards)} files\n{'':10}{'bytes':>12}{'write':>10}{'read':>10}")
    for name, rounds in times.items():
        writing, reading = (statistics.median(one) for one in zip(*rounds, strict=True))
        print(f"{name:10}{sizes[name]:12,}{writing:8.3f} s{reading:8.3f} s")


if __name__ == "__main__":
    main()
