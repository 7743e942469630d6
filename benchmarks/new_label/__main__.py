"""A new label from fifty samples: how well it is known, and what that costs the labels that were known before.

    .venv/bin/python -m benchmarks.new_label                                # about five minutes on 2 cores
    .venv/bin/python -m benchmarks.new_label --set digits --labels A O --seeds 0 1 2

The shipped networks of a set get one label more by the platform's own way: fifty samples are divided as a platform divides what
its first people give (the last digit of a sample's id decides; of sixteen ten teach, three choose and three judge),
``Teacher.grow`` learns those that teach, and its gate decides with those that judge. Digits get letters of EMNIST that look like
no digit (A, E), like some (Z) or like one (O), and symbols drawn from strokes, a check mark and a star, each time as another hand
would draw them. The digits' networks have learned that most letters are no digits, so that has to be unlearned; of O and Z they
were never told.

Judged on what nothing here learned from: MNIST's test digits, the tablet's writers 23 to 30, EMNIST's test pictures.
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
from benchmarks.new_label.figures import Judged, compared, divide
from functions.domain.answer import LEARNERS, REJECTED, Learner
from functions.learners.calibration import Answers
from functions.learners.continual.fine_tuner import Candidate, ContinualTrainer
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.litert import ask
from functions.learners.pretraining.digits import as_drawn
from functions.learners.pretraining.sources import STROKES, emnist_files, read_emnist, read_mnist, read_writers
from functions.learners.squares import Squares
from functions.learners.squares.sampling import recoded
from functions.learners.squares.shipped import ShippedSet, load_shipped
from functions.learners.squares.stroke_augment import Line, draw_varied

ROOT = Path(__file__).resolve().parents[2]

DIGITS = 10
SAMPLES = 50
TESTS = 200  # pictures of the new label that judge: as many as EMNIST's test has of each class
LOST = 1.0  # points that the labels known before may lose in all
NEW = {"digits": ("A", "E", "Z", "O", "check", "star"), "characters": ("check", "star")}
STAR = [(np.sin(0.8 * np.pi * i), -np.cos(0.8 * np.pi * i)) for i in range(6)]  # five strokes without lifting the pen
CORNERS = {"check": np.array([(-0.5, 0.1), (-0.15, 0.55), (0.6, -0.6)]), "star": np.array(STAR)}
UNEVEN = 0.06  # how far a corner is from where it should be, in sizes of the symbol


def symbols(name: str, count: int, rng: np.random.Generator) -> Squares:
    """Return ``count`` squares of a symbol, its corners and its hand different each time."""
    x = np.stack([draw_varied([_uneven(CORNERS[name], rng)], rng) for _ in range(count)])
    return Squares(x, np.zeros(count, np.int64))


def _uneven(corners: Line, rng: np.random.Generator) -> Line:
    """Return the way through ``corners`` (n, 2), each a little off, with ten points on each side."""
    off = corners + rng.normal(0, UNEVEN, corners.shape)
    at = np.linspace(0, len(off) - 1, 10 * (len(off) - 1) + 1)
    return np.column_stack([np.interp(at, np.arange(len(off)), off[:, axis]) for axis in (0, 1)])


def samples_of(label: str, data: Path, rng: np.random.Generator) -> tuple[Squares, Squares]:
    """Return (fifty samples, pictures that judge) of a new label."""
    if label in CORNERS:
        return symbols(label, SAMPLES, rng), symbols(label, TESTS, rng)
    letters, test = read_emnist(emnist_files(data)[1]), read_emnist(data / "emnist_test.npz")
    mine = np.flatnonzero(letters.squares.y == letters.names.index(label))
    return (
        letters.squares.take(rng.choice(mine, SAMPLES, replace=False)),
        test.squares.take(test.squares.y == test.names.index(label)),
    )


def old_squares(labels: tuple[str, ...], data: Path, judges: Sequence[int]) -> dict[str, Squares]:
    """Return what judges the labels of a shipped set: MNIST's or, where there are letters, EMNIST's test, and the tablet's."""
    writers = read_writers(data / STROKES)
    tablet = as_drawn([writers[one - 1] for one in judges])
    if len(labels) == DIGITS:
        return {"MNIST": read_mnist(data / "mnist.npz")[1], "tablet": tablet}
    test = read_emnist(data / "emnist_test.npz")
    return {"EMNIST": recoded(test.squares, test.names, labels), "tablet": tablet}


def told(candidate: Candidate, label: str, test: Squares) -> str:
    """Say what became of the new label: let in or not, and how many of its pictures are known."""
    given = ask(candidate.tflite, test.x)
    mine = given[:, :-1].argmax(1) == len(candidate.labels) - 1
    seen = mine & (given[:, -1] < REJECTED)
    gate = "let in  " if candidate.gate["accepted"] else "kept out"
    return f"{label:6} {gate} known {100 * mine.mean():5.1f} % of {len(mine)} ({100 * seen.mean():5.1f} % as answered)"


@dataclass(frozen=True)
class Known:
    """What judges the labels that a learner knew: squares by the name of their collection, and its answers before."""

    seeds: ShippedSet
    learner: Learner
    squares: dict[str, Squares]
    before: dict[str, Answers]

    def judged(self, candidate: Candidate) -> list[Judged]:
        """Say what was lost on each collection."""
        return [
            compared(name, self.seeds.labels, some.y, self.before[name], ask(candidate.tflite, some.x))
            for name, some in self.squares.items()
        ]


def grow(known: Known, teacher: ContinualTrainer, label: str, seed: int, data: Path) -> bool:
    """Add ``label``, print what came of it, and tell whether the others have lost too much in a version that answers."""
    rng, labels = np.random.default_rng(seed), known.seeds.labels
    samples, test = samples_of(label, data, rng)
    teach, kept = divide(samples, len(labels), rng)
    live = known.seeds.artefact(known.learner, "weights")
    began = time.monotonic()
    made = teacher.add_labels(live, (*labels, label), TrainingSquares(teach, held_out=kept), seed=seed, on_progress=quiet)
    took, lost = time.monotonic() - began, known.judged(made)
    counts = f"{len(teach)} teach, {len(kept.select)} choose, {len(kept.holdout)} judge"
    print(f"{told(made, label, test)}; lost: {'; '.join(map(str, lost))}; {took:.1f} s; {counts}", flush=True)
    if not made.gate["accepted"]:
        print(f"       {made.gate['reason']}", flush=True)
    return bool(made.gate["accepted"]) and max(one.lost for one in lost) > LOST


def quiet(_progress: float, _step: str) -> None:
    """Tell nobody."""


def main() -> None:
    """Run the benchmark; ends with 1 where a version that answers has lost more than a point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder with the collections")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--set", nargs="+", choices=tuple(NEW), default=list(NEW))
    parser.add_argument("--labels", nargs="+", help="letters of EMNIST, check or star; by default some of each")
    parser.add_argument("--learner", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--judges", type=span, default=span("23-30"), help="the tablet's writers who judge")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="each one draws other samples")
    options = parser.parse_args()
    missed = 0
    for set_name in options.set:
        seeds = load_shipped(options.models, set_name)
        squares = old_squares(seeds.labels, options.data, options.judges)
        for learner in options.learner:
            print(f"{set_name} {learner}, and one label more from {SAMPLES} samples; points lost by the others", flush=True)
            teacher = ContinualTrainer(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
            teacher.warm_up()
            tflite = seeds.artefact(learner, "tflite")
            known = Known(seeds, learner, squares, {name: ask(tflite, some.x) for name, some in squares.items()})
            for label in options.labels or NEW[set_name]:
                for seed in options.seeds:
                    missed += grow(known, teacher, label, seed, options.data)
    print(f"{'!' if missed else ' '} {missed} versions that answer lost more than {LOST:g} point in all")
    print(f"python {' '.join(sys.argv)}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
