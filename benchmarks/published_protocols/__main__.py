"""Published protocols of learning one thing after another, with the platform's way of learning, beside the published figures.

    .venv/bin/python -m benchmarks.published_protocols  # all three, three seeds, MNIST's test digits judge
    .venv/bin/python -m benchmarks.published_protocols --only rotated-mnist --seeds 5
    .venv/bin/python -m benchmarks.published_protocols --test-on training           # chosen on: 10,000 training digits judge

Split-MNIST (van de Ven and Tolias, "Three scenarios for continual learning", 2019, class-incremental): five tasks of two digits,
2,000 batches of 128 for each, Adam with 0.001, two hidden layers of 400, no variations. Rotated MNIST (Buzzega et al., "Dark
experience for general continual learning", NeurIPS 2020, and their code, Mammoth): all digits under twenty rotations in [0, 180)
one after the other, each square once, batches of 128 new squares with 128 rehearsed ones beside, plain descent with 0.2, two
hidden layers of 100. GDumb (Prabhu et al., ECCV 2020): Split-MNIST's stream with a memory of 500 or 4,400, squares varied.

The network, the optimizer, the number and size of batches and the budget are the protocol's. What is done with them is what the
platform does in a slow run, which moves the whole network; ``protocols_lessons.py`` names the functions, and the output what is
our choice where the platform has no word.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.published_protocols.fine_tuning import Told, ours, plain
from benchmarks.published_protocols.memory import Balanced, Sampled
from benchmarks.published_protocols.networks import BATCH, Adam, Descent, Loops, Pace
from benchmarks.published_protocols.tasks import DIGITS, ROTATIONS, Rotated, Split
from functions.learners.networks.pixel_augment import GENTLE
from functions.learners.pretraining.sources import read_mnist
from functions.learners.squares import Squares, joined

ROOT = Path(__file__).resolve().parents[2]

DATA = ROOT.parent / "shared" / "data"
SEEDS = 3
HELD = 10_000  # training digits that judge with ``--test-on training``
SELECTING = 0.1  # share of a budget that chooses and never teaches; a lesson's two fifths would leave 120 of 200 to rehearse
WIDE, NARROW = (400, 400), (100, 100)
ADAM, DESCENT = (lambda: Adam(0.001)), (lambda: Descent(0.2))  # 0.2 is Mammoth's rate for ER
SPLIT_STEPS = 2_000  # for each task
ICARL = 2_000
BUFFERS = {200: "ER 85.0, DER++ 90.4", 500: "ER 88.9, DER++ 92.8"}
CHOICES = f"""\
What is the protocol's: network, optimizer, number and size of batches, the stream and what judges. What is the platform's: half
new and half rehearsed, every label rehearsed as often as any other, the former network's own answers wanted where it was right,
labels smoothed as always, a fifth of a task's squares do not teach but choose, an output grown for each label that joins, old and
new weights mixed. Nothing of a former task is used but the squares in the budget: {1 - SELECTING:.0%} of it is rehearsed,
{SELECTING:.0%} only chooses. Our choices: Split-MNIST's memory is filled at random, as many of each label, Rotated MNIST's by
reservoir, as ER's and DER's is. The floor and the gate, which may keep a version out, do not: a protocol's network has to learn
every task; "below" counts the lessons that the platform's floor would have kept out. As after every long training of the
platform, a base's and a slow run's, how often each label came is taken out of the last layer (``calibration.evened``); "not
evened" is as in a quick lesson, which is too short for it."""


@dataclass(frozen=True)
class Material:
    """What teaches and what judges; ``quick``: so short that the figures say nothing."""

    train: Squares
    judge: Squares
    quick: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a table: what learned, the published figures beside it, and what gives ours (percent) for a seed."""

    name: str
    published: str
    run: Callable[[int], tuple[float, Told | None]]
    check: bool = False  # that the protocol is played rightly: once is enough


def split_mnist(material: Material) -> Iterator[Row]:
    """Yield Split-MNIST's rows."""
    loops = Loops(Pace(WIDE, ADAM, _steps(SPLIT_STEPS, material)))

    def reference(seed: int, *, joint: bool) -> tuple[float, None]:
        split = Split(material.train, material.judge, seed)
        parts = [task.train for task in split.tasks()]
        if joint:
            parts = [joined(parts[: end + 1]) for end in range(len(parts))]
        return loops.answers(split.labels, plain(loops, split.labels, parts, seed=seed), split.judges()), None

    yield Row("naive, in this code", "19.9", lambda seed: reference(seed, joint=False), check=True)
    yield Row("joint, in this code", "97.9", lambda seed: reference(seed, joint=True), check=True)
    for name, budget, even, published in (
        ("**ours**, 2,000 squares kept", ICARL, True, "iCaRL 94.6"),
        ("**ours**, every square kept", None, True, "97.5 is the aim"),
        ("ours, not evened, 2,000 squares kept", ICARL, False, "iCaRL 94.6"),
    ):
        yield Row(name, published, _splits(loops, material, budget, even))


def gdumb(material: Material) -> Iterator[Row]:
    """Yield the rows of GDumb's budgets; squares are varied, in a lesson's way instead of GDumb's random crops."""
    many = Loops(Pace(WIDE, ADAM, _steps(SPLIT_STEPS, material), strength=GENTLE))
    once = Loops(Pace(WIDE, ADAM, None, batch=BATCH // 2, strength=GENTLE))
    yield Row("**ours**, 500 squares kept, each new one seen once", "GDumb 91.9", _splits(once, material, 500))
    yield Row("**ours**, 500 squares kept", "GDumb 91.9", _splits(many, material, 500))
    yield Row("**ours**, 4,400 squares kept", "GDumb 97.8", _splits(many, material, 4_400))


def rotated_mnist(material: Material) -> Iterator[Row]:
    """Yield Rotated MNIST's rows: the mean accuracy over all rotations after the last."""
    loops = Loops(Pace(NARROW, DESCENT, None, beside=True))
    rotations = 3 if material.quick else ROTATIONS

    def reference(seed: int, *, joint: bool) -> tuple[float, None]:
        rotated = Rotated(material.train, material.judge, seed, rotations)
        if joint:
            steps = rotations * len(material.train) // BATCH
            weights = loops.of(DIGITS).start(loops.first(DIGITS, seed)).fit(rotated.together(BATCH), steps, seed=seed)
        else:
            weights = plain(loops, DIGITS, (task.train for task in rotated.tasks()), seed=seed)
        return loops.answers(DIGITS, weights, rotated.judges()), None

    def learned(budget: int) -> Callable[[int], tuple[float, Told]]:
        def run(seed: int) -> tuple[float, Told]:
            rotated = Rotated(material.train, material.judge, seed, rotations)
            weights, told = ours(loops, rotated.tasks(), Sampled(budget, SELECTING, seed=seed), seed=seed)
            return loops.answers(DIGITS, weights, rotated.judges()), told

        return run

    yield Row("naive, in this code", "67.7", lambda seed: reference(seed, joint=False), check=True)
    yield Row("joint, in this code", "95.8", lambda seed: reference(seed, joint=True), check=True)
    for budget, published in BUFFERS.items():
        yield Row(f"**ours**, {budget} squares kept", published, learned(budget))


PROTOCOLS = {"split-mnist": split_mnist, "rotated-mnist": rotated_mnist, "gdumb": gdumb}


def _splits(loops: Loops, material: Material, budget: int | None, even: bool = True) -> Callable[[int], tuple[float, Told]]:
    def run(seed: int) -> tuple[float, Told]:
        split = Split(material.train, material.judge, seed)
        weights, told = ours(loops, split.tasks(), Balanced(budget, SELECTING, seed=seed), seed=seed, even=even)
        return loops.answers(split.labels, weights, split.judges()), told

    return run


def _steps(steps: int, material: Material) -> int:
    return 30 if material.quick else steps


def line(row: Row, figures: Sequence[float], told: Sequence[Told | None]) -> str:
    """Return one row of a markdown table."""
    spread = f" ± {np.std(figures, ddof=1):.2f}" if len(figures) > 1 else ""
    each = ", ".join(f"{figure:.2f}" for figure in figures)
    lessons = [one for one in told if one is not None]
    share = f"{np.mean([share for one in lessons for share in one.shares]):.2f}" if lessons else ""
    below = f"{sum(one.below for one in lessons)} of {sum(len(one.shares) for one in lessons)}" if lessons else ""
    return f"| {row.name} | {row.published} | **{np.mean(figures):.2f}**{spread} | {each} | {share} | {below} |"


def measured(rows: Iterator[Row], seeds: range) -> list[str]:
    """Run every row with every seed; return the table, telling on the way how it goes."""
    made = [
        "| learns | published | here, % | of each seed | mean share of the new weights | below |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        found = []
        for seed in seeds[:1] if row.check else seeds:
            began = time.perf_counter()
            found.append(row.run(seed))
            print(f"  {row.name}, seed {seed}: {found[-1][0]:.2f} % ({time.perf_counter() - began:.0f} s)", flush=True)
        made.append(line(row, [figure for figure, _ in found], [told for _, told in found]))
    return made


def gathered(data: Path, judge: str, *, quick: bool) -> Material:
    """Return MNIST's training digits and what judges: its test digits, or training digits that do not teach."""
    train, test = read_mnist(data / "mnist.npz")
    material = Material(train, test, quick)
    if judge == "training":
        order = np.random.default_rng(99).permutation(len(train))
        material = replace(material, train=train.take(order[HELD:]), judge=train.take(order[:HELD]))
    if quick:
        material = replace(material, train=material.train.take(np.arange(6_000)), judge=material.judge.take(np.arange(1_000)))
    return material


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with mnist.npz")
    parser.add_argument("--only", nargs="+", choices=tuple(PROTOCOLS), default=list(PROTOCOLS))
    parser.add_argument("--seeds", type=int, default=SEEDS, help="so many of them")
    parser.add_argument("--test-on", choices=("test", "training"), default="test")
    parser.add_argument("--quick", action="store_true", help="few squares and steps: does it run?")
    arguments = parser.parse_args()
    material, began = gathered(arguments.data, arguments.test_on, quick=arguments.quick), time.perf_counter()
    tables = []
    for name in arguments.only:
        print(name, flush=True)
        tables.append([f"### {name}", "", *measured(PROTOCOLS[name](material), range(arguments.seeds)), ""])
    print("\n" + CHOICES + "\n")
    for table in tables:
        print("\n".join(table))
    judges = "MNIST's test digits" if arguments.test_on == "test" else f"{len(material.judge):,} training digits that did not teach"
    print(f"{arguments.seeds} seeds, {judges} judge, {time.perf_counter() - began:.0f} s: python {' '.join(sys.argv)}")


if __name__ == "__main__":
    main()
