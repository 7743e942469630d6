"""Add a label from fifty samples: how well is the label known, and how much accuracy do the other labels lose?

    python -m benchmarks.new_label                                # about five minutes on 2 cores
    python -m benchmarks.new_label --set digits --labels A O --seeds 0 1 2

The platform's own trainer adds one label to the shipped networks of a set. Fifty samples are divided as a platform divides the
samples of its first contributors: by the last digit of a sample's id, ten of sixteen train, three validate and three test.
``ContinualTrainer.add_labels`` learns the training samples, and its gate decides with the test samples. The new labels of the
digits are letters of EMNIST that look like no digit (A, E), like several digits (Z) or like one digit (O), and two symbols drawn
from strokes in random writing styles: a check mark and a star. The digits' networks were trained to reject most letters, so
this has to be unlearned; O and Z were not among them.

The tests are in no training set: MNIST's test digits, the drawings of tablet writers 23 to 30, EMNIST's test characters.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.continual.rounds import span
from benchmarks.new_label.figures import KnownLabelsDecline, compare, split_samples
from functions.domain.answer import LEARNERS, REJECTION_THRESHOLD, Learner
from functions.domain.drawing.ink import Line
from functions.learners.calibration import Answers
from functions.learners.continual.fine_tuner import Candidate, ContinualTrainer
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.litert import infer
from functions.learners.pretraining.digits import rendered
from functions.learners.pretraining.sources import STROKES, emnist_files, read_emnist, read_mnist, read_writers
from functions.learners.squares import Squares
from functions.learners.squares.sampling import recoded
from functions.learners.squares.shipped import ShippedSet, load_shipped
from functions.learners.squares.stroke_augment import draw_varied

ROOT = Path(__file__).resolve().parents[2]

DIGITS = 10
SAMPLES = 50
TESTS = 200  # test pictures of the new label: as many as EMNIST has of each class
LOST = 1.0  # points of accuracy that the other labels may lose
NEW = {"digits": ("A", "E", "Z", "O", "check", "star"), "characters": ("check", "star")}
STAR = [(np.sin(0.8 * np.pi * i), -np.cos(0.8 * np.pi * i)) for i in range(6)]  # five strokes without lifting the pen
CORNERS = {"check": np.array([(-0.5, 0.1), (-0.15, 0.55), (0.6, -0.6)]), "star": np.array(STAR)}
UNEVEN = 0.06  # random displacement of a corner, in sizes of the symbol


def symbols(name: str, count: int, rng: np.random.Generator) -> Squares:
    """Return ``count`` squares of a symbol with random corners and writing styles."""
    x = np.stack([draw_varied([_uneven(CORNERS[name], rng)], rng) for _ in range(count)])
    return Squares(x, np.zeros(count, np.int64))


def _uneven(corners: Line, rng: np.random.Generator) -> Line:
    """Return the line through displaced ``corners`` (n, 2), with ten points on each side."""
    off = corners + rng.normal(0, UNEVEN, corners.shape)
    at = np.linspace(0, len(off) - 1, 10 * (len(off) - 1) + 1)
    return np.column_stack([np.interp(at, np.arange(len(off)), off[:, axis]) for axis in (0, 1)])


def samples_of(label: str, data: Path, rng: np.random.Generator) -> tuple[Squares, Squares]:
    """Return (fifty samples, test pictures) of a new label."""
    if label in CORNERS:
        return symbols(label, SAMPLES, rng), symbols(label, TESTS, rng)
    letters, test = read_emnist(emnist_files(data)[1]), read_emnist(data / "emnist_test.npz")
    mine = np.flatnonzero(letters.squares.y == letters.names.index(label))
    return (
        letters.squares.take(rng.choice(mine, SAMPLES, replace=False)),
        test.squares.take(test.squares.y == test.names.index(label)),
    )


def test_squares(labels: tuple[str, ...], data: Path, testers: Sequence[int]) -> dict[str, Squares]:
    """Return the test squares of a shipped set's labels: MNIST's or, with letters, EMNIST's, and the tablet's."""
    writers = read_writers(data / STROKES)
    tablet = rendered([writers[one - 1] for one in testers])
    if len(labels) == DIGITS:
        return {"MNIST": read_mnist(data / "mnist.npz")[1], "tablet": tablet}
    test = read_emnist(data / "emnist_test.npz")
    return {"EMNIST": recoded(test.squares, test.names, labels), "tablet": tablet}


def describe(candidate: Candidate, label: str, test: Squares) -> str:
    """Describe the gate's decision, and how many test pictures of the new label are answered rightly."""
    given = infer(candidate.tflite, test.x)
    mine = given[:, :-1].argmax(1) == len(candidate.labels) - 1
    seen = mine & (given[:, -1] < REJECTION_THRESHOLD)
    gate = "accepted" if candidate.gate["accepted"] else "rejected"
    return f"{label:6} {gate} known {100 * mine.mean():5.1f} % of {len(mine)} ({100 * seen.mean():5.1f} % as answered)"


@dataclass(frozen=True)
class KnownLabels:
    """The test of the labels that a learner knew: squares of each collection, and the answers before."""

    seeds: ShippedSet
    learner: Learner
    squares: dict[str, Squares]
    before: dict[str, Answers]

    def declines(self, candidate: Candidate) -> list[KnownLabelsDecline]:
        """Return the accuracy lost on each collection."""
        return [
            compare(name, self.seeds.labels, some.y, self.before[name], infer(candidate.tflite, some.x))
            for name, some in self.squares.items()
        ]


def add_label(known: KnownLabels, trainer: ContinualTrainer, label: str, seed: int, data: Path) -> bool:
    """Add ``label`` and print the result; return whether the gate accepted too large a loss of the other labels."""
    rng, labels = np.random.default_rng(seed), known.seeds.labels
    samples, test = samples_of(label, data, rng)
    train, held_out = split_samples(samples, len(labels), rng)
    live = known.seeds.artefact(known.learner, "weights")
    began = time.monotonic()
    made = trainer.add_labels(
        live, (*labels, label), TrainingSquares(train, held_out=held_out), seed=seed, on_progress=ignore_progress
    )
    took, lost = time.monotonic() - began, known.declines(made)
    counts = f"{len(train)} train, {len(held_out.select)} validate, {len(held_out.holdout)} test"
    print(f"{describe(made, label, test)}; lost: {'; '.join(map(str, lost))}; {took:.1f} s; {counts}", flush=True)
    if not made.gate["accepted"]:
        print(f"       {made.gate['reason']}", flush=True)
    return bool(made.gate["accepted"]) and max(one.lost for one in lost) > LOST


def ignore_progress(_progress: float, _step: object) -> None:
    """Ignore the progress of a run."""


def main() -> None:
    """Run the benchmark; the exit status is 1 if an accepted version lost more than a point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder with the collections")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--set", nargs="+", choices=tuple(NEW), default=list(NEW))
    parser.add_argument("--labels", nargs="+", help="letters of EMNIST, check or star; by default some of each")
    parser.add_argument("--learner", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--test-writers", type=span, default=span("23-30"), help="tablet writers whose drawings test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="each seed selects other samples")
    options = parser.parse_args()
    missed = 0
    for set_name in options.set:
        seeds = load_shipped(options.models, set_name)
        squares = test_squares(seeds.labels, options.data, options.test_writers)
        for learner in options.learner:
            print(f"{set_name} {learner}, and one label more from {SAMPLES} samples; points lost by the other labels", flush=True)
            trainer = ContinualTrainer(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
            trainer.warm_up()
            tflite = seeds.artefact(learner, "tflite")
            known = KnownLabels(seeds, learner, squares, {name: infer(tflite, some.x) for name, some in squares.items()})
            for label in options.labels or NEW[set_name]:
                for seed in options.seeds:
                    missed += add_label(known, trainer, label, seed, options.data)
    print(f"{'!' if missed else ' '} {missed} accepted versions lost more than {LOST:g} point in all")
    print(f"python {' '.join(sys.argv)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
