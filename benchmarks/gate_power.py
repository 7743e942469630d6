"""Measure the power of the gate: how often it accepts a worse version, and how often it rejects an equal one.

    python -m benchmarks.gate_power
    python -m benchmarks.gate_power --differing 0.01 --trials 20000

No network takes part. Right and wrong answers of two versions to the shipped hold-out's squares are drawn at random, many times.
``--differing`` of the answers differ; ``--trading`` more answers change between confusable labels, which count half. Each row of
the table fixes how much worse the new version truly is. The gate's own rules decide. The table shows how often a version passes

- the non-inferiority test of the whole hold-out alone,
- that test and the test of each label (McNemar with Holm's procedure, and the hard limits),
- both and the drift limit, as the first version after the base must.

The gate has further tests, which are not simulated: rejections, calibration and the run's own samples. They can only reject more
versions. One comparison is counted; a run has three, each at a smaller significance level. Seconds, on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.learners.gate.rules import (
    DRIFT,
    LABEL_TESTS_LEVEL,
    LEAST_MARGIN_SQUARES,
    NON_INFERIORITY_MARGIN,
    RECALL_LOSS,
    TWIN_DRIFT,
    TWIN_LOSS,
    Z_LIMIT,
    worse_labels,
)
from functions.learners.gate.statistics import Moves, non_inferiority
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parents[1]

DIFFERING = {"digits": 0.002, "characters": 0.003}  # about the largest share that runs of 5 to 60 corrections changed
TRADING = {"digits": 0.0, "characters": 0.03}
WHOLE = (-0.001, 0.0, 0.001, 0.0025, 0.005, 0.01)  # true losses of a version; a negative loss is a gain
LABEL = (0.01, 0.03, 0.1)  # true losses of a single label


@dataclass(frozen=True)
class Truth:
    """For each label (k,), the probabilities that an answer is lost, is won, and changes to or from a label that looks alike."""

    words: str
    lost: NDArray[np.float64]
    won: NDArray[np.float64]
    traded: NDArray[np.float64]


@dataclass(frozen=True)
class Passes:
    """Shares (0..1) of the trials that pass the whole test, also the label tests, and also the drift limit."""

    whole: float
    labels: float
    drift: float


def truths(differing: float, trading: NDArray[np.float64]) -> Iterator[Truth]:
    """Yield the truth of each row of the table; ``trading`` (k,) belongs to each label."""
    even = np.full(len(trading), differing / 2)
    for share in WHOLE:
        # If the loss exceeds the share of differing answers, no answer is won.
        won = np.maximum(even - share / 2, max(0.0, -share))
        words = "as good" if share == 0 else f"{'worse' if share > 0 else 'better'} by {100 * abs(share):g} points"
        yield Truth(words, won + share, won, trading / 2)
    for share in LABEL:
        one = even.copy()
        one[len(trading) // 2] += share
        yield Truth(f"one label worse by {100 * share:g} points", one, even, trading / 2)


def simulate(truth: Truth, counts: NDArray[np.int64], trials: int, rng: np.random.Generator) -> Passes:
    """Simulate ``trials`` versions of one truth on ``counts`` (k,) squares of each label, and apply the gate."""
    moves = [truth.lost, truth.won, truth.traded, truth.traded]
    chances = np.stack([*moves, 1 - np.sum(moves, 0)], 1)  # (k, 5)
    drawn = np.stack([rng.multinomial(n, p, trials)[:, :4] for n, p in zip(counts, chances, strict=True)], 1)  # (t, k, 4)
    return Passes(*np.array([passes(one, counts) for one in drawn]).mean(0).tolist())


def passes(moved: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[bool, bool, bool]:
    """Return whether a version passes each test; ``moved`` (k, 4) squares are lost, won, changed to and from a look-alike."""
    moves, n = [Moves(*map(int, one)) for one in moved], int(counts.sum())
    sums = Moves(*map(int, moved.sum(0)))
    whole = non_inferiority(sums, n, max(NON_INFERIORITY_MARGIN, LEAST_MARGIN_SQUARES / n)) < Z_LIMIT
    as_one = [one._replace(half_lost=0, half_won=0) for one in moves]
    labels = whole and not worse_labels(as_one, counts, LABEL_TESTS_LEVEL, RECALL_LOSS)
    labels = labels and not worse_labels(moves, counts, 0.0, TWIN_LOSS)
    drifts = sums.lost - sums.won > DRIFT * n or sums.loss > TWIN_DRIFT * n
    return whole, labels, labels and not drifts


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--differing", type=float, help="share of differing answers; by default the observed share")
    parser.add_argument("--trading", type=float, help="share of answers that change between look-alike labels")
    parser.add_argument("--trials", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for name in DIFFERING:
        seeds = load_shipped(arguments.models, name)
        y = seeds.holdout().y
        counts = np.bincount(y[y < len(seeds.labels)], minlength=len(seeds.labels))
        differing = DIFFERING[name] if arguments.differing is None else arguments.differing
        trading = TRADING[name] if arguments.trading is None else arguments.trading
        look_alikes = {label for group in seeds.entry.get("confusable", []) for label in group}
        rng = np.random.default_rng(arguments.seed)
        print(f"{name}: {counts.sum():,} squares of {len(counts)} labels, {100 * differing:g} % of the answers differ", end="")
        print(f", {100 * trading:g} % more of {len(look_alikes)} that look alike" if look_alikes else "")
        print(f"  {'truly':<32}{'whole':>10}{'+ labels':>10}{'+ drift':>10}")
        for truth in truths(differing, np.array([trading * (label in look_alikes) for label in seeds.labels])):
            found = simulate(truth, counts, arguments.trials, rng)
            shown = "".join(f"{100 * share:8.1f} %" for share in (found.whole, found.labels, found.drift))
            print(f"  {truth.words:<32}{shown}", flush=True)


if __name__ == "__main__":
    main()
