"""How sharp the gate's eyes are: how often it lets a version pass that is truly worse, and keeps one out that is not.

    python -m benchmarks.gate_power
    python -m benchmarks.gate_power --differing 0.01 --trials 20000

No network takes part. Two versions' right and wrong answers to the shipped hold-out's squares are drawn by chance, many times:
``--differing`` of the answers differ, and of labels that look alike ``--trading`` more go over from one to the other; and so much
more of what differs is lost than won that the new version is truly worse by what the row says. The gate's own rules decide.
Printed is how often a version passes

- the test of the whole (non-inferiority) alone,
- that and the labels' (McNemar with Holm's procedure, and the hard stops),
- both and the drift, as the first version of a line must: nothing is left over from better ones before it.

What is not drawn here (rejects, calibration, what the lesson was about) can only keep more out. One look is counted; a lesson
has three, each at a smaller share of it. Seconds, on one core.
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
    LOOKALIKE_LOSS,
    MARGIN,
    RECALL_LOSS,
    Z_LIMIT,
    worse_labels,
)
from functions.learners.gate.statistics import non_inferiority
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parents[1]

DIFFERING = {"digits": 0.002, "characters": 0.003}  # about the most that lessons of 5 to 60 corrections were seen to change
TRADING = {"digits": 0.0, "characters": 0.03}
WHOLE = (-0.001, 0.0, 0.001, 0.0025, 0.005, 0.01)  # shares by which a version may be truly worse; below zero it is better
LABEL = (0.01, 0.03, 0.1)  # and one of its labels alone


@dataclass(frozen=True)
class Truth:
    """How probable it is, for each label (k,), that a square's answer is lost and won, and that it goes to and from a twin."""

    words: str
    lost: NDArray[np.float64]
    won: NDArray[np.float64]
    traded: NDArray[np.float64]


@dataclass(frozen=True)
class Passes:
    """Shares (0..1) of the trials that pass the whole, the whole and the labels, and the drift too."""

    whole: float
    labels: float
    drift: float


def truths(differing: float, trading: NDArray[np.float64]) -> Iterator[Truth]:
    """Give every row of the table: what is true of a version. ``trading`` (k,) is each label's."""
    even = np.full(len(trading), differing / 2)
    for share in WHOLE:
        # Where more is lost than would differ, nothing is won.
        won = np.maximum(even - share / 2, max(0.0, -share))
        words = "as good" if share == 0 else f"{'worse' if share > 0 else 'better'} by {100 * abs(share):g} points"
        yield Truth(words, won + share, won, trading / 2)
    for share in LABEL:
        one = even.copy()
        one[len(trading) // 2] += share
        yield Truth(f"one label worse by {100 * share:g} points", one, even, trading / 2)


def tried(truth: Truth, counts: NDArray[np.int64], trials: int, rng: np.random.Generator) -> Passes:
    """Put ``trials`` versions of one truth to the gate, on ``counts`` (k,) squares of each label."""
    moves = [truth.lost, truth.won, truth.traded, truth.traded]
    chances = np.stack([*moves, 1 - np.sum(moves, 0)], 1)  # (k, 5)
    drawn = np.stack([rng.multinomial(n, p, trials)[:, :4] for n, p in zip(counts, chances, strict=True)], 1)  # (t, k, 4)
    return Passes(*np.array([passed(one, counts) for one in drawn]).mean(0).tolist())


def passed(moved: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[bool, bool, bool]:
    """Tell whether one version passes each of the three; ``moved`` (k, 4) squares are lost, won, gone to a twin and come back."""
    lost, won = moved[:, 0] + moved[:, 2], moved[:, 1] + moved[:, 3]
    n, net = int(counts.sum()), int(lost.sum() - won.sum())
    whole = non_inferiority(int(lost.sum()), int(won.sum()), n, max(MARGIN, LEAST_MARGIN_SQUARES / n)) < Z_LIMIT
    alike = whole and not worse_labels(moved[:, 0], moved[:, 1], counts, LABEL_TESTS_LEVEL, RECALL_LOSS)
    labels = alike and not worse_labels(lost, won, counts, 0.0, LOOKALIKE_LOSS)
    return whole, labels, labels and net <= DRIFT * n


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--differing", type=float, help="share of the answers that differ; by default what was seen")
    parser.add_argument("--trading", type=float, help="share of the answers to labels that look alike that go over, likewise")
    parser.add_argument("--trials", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for name in DIFFERING:
        seeds = load_shipped(arguments.models, name)
        y = seeds.holdout().y
        counts = np.bincount(y[y < len(seeds.labels)], minlength=len(seeds.labels))
        differing = DIFFERING[name] if arguments.differing is None else arguments.differing
        trading = TRADING[name] if arguments.trading is None else arguments.trading
        twins = {label for group in seeds.entry.get("confusable", []) for label in group}
        rng = np.random.default_rng(arguments.seed)
        print(f"{name}: {counts.sum():,} squares of {len(counts)} labels, {100 * differing:g} % of the answers differ", end="")
        print(f", {100 * trading:g} % more of {len(twins)} that look alike" if twins else "")
        print(f"  {'truly':<32}{'whole':>10}{'+ labels':>10}{'+ drift':>10}")
        for truth in truths(differing, np.array([trading * (label in twins) for label in seeds.labels])):
            found = tried(truth, counts, arguments.trials, rng)
            shown = "".join(f"{100 * share:8.1f} %" for share in (found.whole, found.labels, found.drift))
            print(f"  {truth.words:<32}{shown}", flush=True)


if __name__ == "__main__":
    main()
