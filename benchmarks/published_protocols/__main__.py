"""Run published protocols of continual learning with the platform's method, and print the published figures beside.

    python -m benchmarks.published_protocols   # all three protocols, three seeds, tested on MNIST's test digits
    python -m benchmarks.published_protocols --only rotated-mnist --seeds 5
    python -m benchmarks.published_protocols --test-on training   # for development: tested on 10,000 training digits

Split-MNIST (van de Ven and Tolias, "Three scenarios for continual learning", 2019, class-incremental): five tasks of two digits,
2,000 batches of 128 for each, Adam with 0.001, two hidden layers of 400, no augmentation. Rotated MNIST (Buzzega et al., "Dark
experience for general continual learning", NeurIPS 2020, and their code, Mammoth): all digits under twenty rotations in [0, 180)
one after the other, each square once, batches of 128 new squares and 128 replayed ones, gradient descent with 0.2, two hidden
layers of 100. GDumb (Prabhu et al., ECCV 2020): Split-MNIST's stream with a memory of 500 or 4,400, augmented squares.

The protocol gives the network, the optimizer, the number and size of batches and the memory budget. The rest is the platform's
full retraining, which trains the whole network. ``fine_tuning.py`` names the functions. The output lists the choices where the
platform has no rule.
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

from benchmarks.published_protocols.fine_tuning import StreamLog, fine_tune_stream, train_without_replay
from benchmarks.published_protocols.memory import BalancedMemory, ReservoirMemory
from benchmarks.published_protocols.networks import BATCH, Adam, GradientDescent, Protocol, Trainers
from benchmarks.published_protocols.tasks import DIGITS, ROTATIONS, RotatedMnist, SplitMnist
from functions.learners.networks.pixel_augment import GENTLE
from functions.learners.pretraining.sources import read_mnist
from functions.learners.squares import Squares, joined

ROOT = Path(__file__).resolve().parents[2]

DATA = ROOT.parent / "shared" / "data"
SEEDS = 3
HELD = 10_000  # training digits that test with ``--test-on training``
SELECTING = 0.1  # share of a budget for validation; the platform's two fifths would leave 120 of 200 squares for replay
WIDE, NARROW = (400, 400), (100, 100)
ADAM, DESCENT = (lambda: Adam(0.001)), (lambda: GradientDescent(0.2))  # 0.2 is Mammoth's rate for ER
SPLIT_STEPS = 2_000  # for each task
ICARL = 2_000
BUFFERS = {200: "ER 85.0, DER++ 90.4", 500: "ER 88.9, DER++ 92.8"}
CHOICES = f"""\
From the protocol: the network, the optimizer, the number and size of batches, the stream and the test set. From the platform:
half new and half replayed squares, each label replayed equally often, the former network's own answers as targets where they were
right, label smoothing, a fifth of a task's squares for validation instead of training, one more output for each new label, an
average of old and new weights. Of former tasks only squares in the budget are used: {1 - SELECTING:.0%} of them for replay and
{SELECTING:.0%} for validation. Our choices: Split-MNIST's memory is filled at random, balanced by label; Rotated MNIST's is a
reservoir, as in ER and DER. The platform's accuracy floor and gate may reject a version; here they do not, because a protocol's
network has to learn every task. "below" counts the tasks whose version the floor would have rejected. After each task the label
frequencies are taken out of the last layer (``calibration.without_label_prior``), as after a full retraining; "not evened" leaves
them in, as a quick run does."""


@dataclass(frozen=True)
class TrainAndTest:
    """Training and test squares; ``quick``: a smoke test whose figures mean nothing."""

    train: Squares
    test: Squares
    quick: bool = False


@dataclass(frozen=True)
class Row:
    """One row of a table: method, published figures, and a function from a seed to our figure in percent."""

    name: str
    published: str
    run: Callable[[int], tuple[float, StreamLog | None]]
    check: bool = False  # checks this code against published figures: one seed is enough


def split_mnist(data: TrainAndTest) -> Iterator[Row]:
    """Yield Split-MNIST's rows."""
    trainers = Trainers(Protocol(WIDE, ADAM, _steps(SPLIT_STEPS, data)))

    def reference(seed: int, *, joint: bool) -> tuple[float, None]:
        split = SplitMnist(data.train, data.test, seed)
        parts = [task.train for task in split.tasks()]
        if joint:
            parts = [joined(parts[: end + 1]) for end in range(len(parts))]
        return trainers.answers(split.labels, train_without_replay(trainers, split.labels, parts, seed=seed), split.tests()), None

    yield Row("naive, in this code", "19.9", lambda seed: reference(seed, joint=False), check=True)
    yield Row("joint, in this code", "97.9", lambda seed: reference(seed, joint=True), check=True)
    for name, budget, even, published in (
        ("**ours**, 2,000 squares kept", ICARL, True, "iCaRL 94.6"),
        ("**ours**, every square kept", None, True, "97.5 is the aim"),
        ("ours, not evened, 2,000 squares kept", ICARL, False, "iCaRL 94.6"),
    ):
        yield Row(name, published, _splits(trainers, data, budget, even))


def gdumb(data: TrainAndTest) -> Iterator[Row]:
    """Yield the rows of GDumb's budgets; the platform's augmentation replaces GDumb's random crops."""
    many = Trainers(Protocol(WIDE, ADAM, _steps(SPLIT_STEPS, data), strength=GENTLE))
    once = Trainers(Protocol(WIDE, ADAM, None, batch=BATCH // 2, strength=GENTLE))
    yield Row("**ours**, 500 squares kept, each new one seen once", "GDumb 91.9", _splits(once, data, 500))
    yield Row("**ours**, 500 squares kept", "GDumb 91.9", _splits(many, data, 500))
    yield Row("**ours**, 4,400 squares kept", "GDumb 97.8", _splits(many, data, 4_400))


def rotated_mnist(data: TrainAndTest) -> Iterator[Row]:
    """Yield Rotated MNIST's rows: the mean accuracy over all rotations after the last."""
    trainers = Trainers(Protocol(NARROW, DESCENT, None, beside=True))
    rotations = 3 if data.quick else ROTATIONS

    def reference(seed: int, *, joint: bool) -> tuple[float, None]:
        rotated = RotatedMnist(data.train, data.test, seed, rotations)
        if joint:
            steps = rotations * len(data.train) // BATCH
            weights = trainers.of(DIGITS).start(trainers.first(DIGITS, seed)).fit(rotated.together(BATCH), steps, seed=seed)
        else:
            weights = train_without_replay(trainers, DIGITS, (task.train for task in rotated.tasks()), seed=seed)
        return trainers.answers(DIGITS, weights, rotated.tests()), None

    def learned(budget: int) -> Callable[[int], tuple[float, StreamLog]]:
        def run(seed: int) -> tuple[float, StreamLog]:
            rotated = RotatedMnist(data.train, data.test, seed, rotations)
            weights, log = fine_tune_stream(trainers, rotated.tasks(), ReservoirMemory(budget, SELECTING, seed=seed), seed=seed)
            return trainers.answers(DIGITS, weights, rotated.tests()), log

        return run

    yield Row("naive, in this code", "67.7", lambda seed: reference(seed, joint=False), check=True)
    yield Row("joint, in this code", "95.8", lambda seed: reference(seed, joint=True), check=True)
    for budget, published in BUFFERS.items():
        yield Row(f"**ours**, {budget} squares kept", published, learned(budget))


PROTOCOLS = {"split-mnist": split_mnist, "rotated-mnist": rotated_mnist, "gdumb": gdumb}


def _splits(
    trainers: Trainers, data: TrainAndTest, budget: int | None, even: bool = True
) -> Callable[[int], tuple[float, StreamLog]]:
    def run(seed: int) -> tuple[float, StreamLog]:
        split = SplitMnist(data.train, data.test, seed)
        weights, log = fine_tune_stream(
            trainers, split.tasks(), BalancedMemory(budget, SELECTING, seed=seed), seed=seed, even=even
        )
        return trainers.answers(split.labels, weights, split.tests()), log

    return run


def _steps(steps: int, data: TrainAndTest) -> int:
    return 30 if data.quick else steps


def line(row: Row, figures: Sequence[float], log: Sequence[StreamLog | None]) -> str:
    """Return one row of a markdown table."""
    spread = f" ± {np.std(figures, ddof=1):.2f}" if len(figures) > 1 else ""
    each = ", ".join(f"{figure:.2f}" for figure in figures)
    logs = [one for one in log if one is not None]
    share = f"{np.mean([share for one in logs for share in one.shares]):.2f}" if logs else ""
    below = f"{sum(one.below for one in logs)} of {sum(len(one.shares) for one in logs)}" if logs else ""
    return f"| {row.name} | {row.published} | **{np.mean(figures):.2f}**{spread} | {each} | {share} | {below} |"


def measured(rows: Iterator[Row], seeds: range) -> list[str]:
    """Run every row with every seed; print the progress and return the table."""
    made = [
        "| method | published | here, % | of each seed | mean share of the new weights | below |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        found = []
        for seed in seeds[:1] if row.check else seeds:
            began = time.perf_counter()
            found.append(row.run(seed))
            print(f"  {row.name}, seed {seed}: {found[-1][0]:.2f} % ({time.perf_counter() - began:.0f} s)", flush=True)
        made.append(line(row, [figure for figure, _ in found], [log for _, log in found]))
    return made


def load(folder: Path, test_on: str, *, quick: bool) -> TrainAndTest:
    """Return MNIST's training digits, and the test digits or training digits outside the training set."""
    train, test = read_mnist(folder / "mnist.npz")
    data = TrainAndTest(train, test, quick)
    if test_on == "training":
        order = np.random.default_rng(99).permutation(len(train))
        data = replace(data, train=train.take(order[HELD:]), test=train.take(order[:HELD]))
    if quick:
        data = replace(data, train=data.train.take(np.arange(6_000)), test=data.test.take(np.arange(1_000)))
    return data


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with mnist.npz")
    parser.add_argument("--only", nargs="+", choices=tuple(PROTOCOLS), default=list(PROTOCOLS))
    parser.add_argument("--seeds", type=int, default=SEEDS, help="number of seeds")
    parser.add_argument("--test-on", choices=("test", "training"), default="test")
    parser.add_argument("--quick", action="store_true", help="few squares and steps: a smoke test")
    arguments = parser.parse_args()
    data, began = load(arguments.data, arguments.test_on, quick=arguments.quick), time.perf_counter()
    tables = []
    for name in arguments.only:
        print(name, flush=True)
        tables.append([f"### {name}", "", *measured(PROTOCOLS[name](data), range(arguments.seeds)), ""])
    print("\n" + CHOICES + "\n")
    for table in tables:
        print("\n".join(table))
    tested = "MNIST's test digits" if arguments.test_on == "test" else f"{len(data.test):,} other training digits"
    print(f"{arguments.seeds} seeds, tested on {tested}, {time.perf_counter() - began:.0f} s: python {' '.join(sys.argv)}")


if __name__ == "__main__":
    main()
