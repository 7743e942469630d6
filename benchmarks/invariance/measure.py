"""Count how many answers stay the same when the same digit is drawn in another way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.invariance.variants import Line, Variant, any_variant, square_of_png, square_of_scan, square_of_strokes
from functions.learners.litert import infer_square, open_network

DIGITS = 10  # a network may have one more output for "not a symbol"; the label is the best of the first ten
TRIED_ON = 12  # writers that were used for choosing the recipe; the others are the test
Colour = tuple[int, int, int]
Networks = Mapping[str, bytes]  # name and .tflite
Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """The number of unchanged answers among ``asked`` answers of one network."""

    network: str
    path: str
    part: str
    unchanged: int
    asked: int

    @property
    def share(self) -> float:
        return self.unchanged / self.asked

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Return the 95 % interval of the share (Wilson 1927)."""
        p, n = self.share, self.asked
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half


def tablet_digits(file: Path) -> list[list[Line]]:
    """Return the drawings of the test writers, each a list of strokes."""
    writers: dict[str, list[list[Line]]] = {}
    with gzip.open(file, "rt") as rows:
        for row in map(json.loads, rows):
            writers.setdefault(row["writer"], []).append([np.array(line, float) for line in row["strokes"]])
    return [drawing for drawings in list(writers.values())[TRIED_ON:] for drawing in drawings]


def mnist_digits(file: Path) -> list[np.ndarray]:
    """Return MNIST's test digits (28, 28)."""
    with np.load(file, allow_pickle=False) as arrays:
        return list(arrays["x_test"])


def invariance(networks: Networks, data: Path, *, drawings: int = 500, each: int = 3, seed: int = 0) -> list[Row]:
    """Count unchanged answers of ``networks`` (name and .tflite) on each path: in all, and by the ratio of pen and size.

    ``drawings`` of each source are chosen at random, with ``each`` variants of each drawing.
    """
    asked = {name: open_network(tflite) for name, tflite in networks.items()}
    sources: dict[str, tuple[list, Callable]] = {
        "tablet, PNG": (tablet_digits(data / "screen_strokes.jsonl.gz"), square_of_png),
        "tablet, strokes": (tablet_digits(data / "screen_strokes.jsonl.gz"), square_of_strokes),
        "MNIST, PNG": (mnist_digits(data / "mnist.npz"), square_of_scan),
    }
    counts: dict[tuple[str, str, str], list[int]] = {}
    for path, (pool, see) in sources.items():
        for variant, first, second in _pairs(path, pool, see, drawings, each, seed):
            # The pen of a scan grows with the scan, and the server chooses the pen of strokes.
            parts = ("all", variant.corner) if path == "tablet, PNG" else ("all",)
            for name, network in asked.items():
                same = label(network, first) == label(network, second)
                for part in parts:
                    count = counts.setdefault((name, path, part), [0, 0])
                    count[0] += same
                    count[1] += 1
    return [Row(*key, *count) for key, count in sorted(counts.items())]


def _pairs(
    path: str, pool: list, see: Callable, drawings: int, each: int, seed: int
) -> Iterator[tuple[Variant, np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(pool), min(drawings, len(pool)), replace=False)
    for index in tqdm(chosen, desc=path, unit="drawing", leave=False):
        as_it_is = see(pool[index], Variant())
        for _ in range(each):
            variant = any_variant(rng)
            yield variant, as_it_is, see(pool[index], variant)


def label(network: object, square: np.ndarray) -> int:
    """Return the best label, also where the network rejects the square."""
    return int(infer_square(network, square)[:DIGITS].argmax())


def table(rows: list[Row]) -> str:
    """Return the rows as lines of text."""
    lines = []
    for row in rows:
        low, high = row.interval()
        lines.append(
            f"{row.network:4} {row.path:16} {row.part:17} {100 * row.share:6.2f} % unchanged "
            f"[{100 * low:5.2f}, {100 * high:5.2f}]  {row.asked - row.unchanged:4d} of {row.asked} changed"
        )
    return "\n".join(lines)
