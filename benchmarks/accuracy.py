"""Print the accuracy of the shipped networks, each part after the command that trained the network.

The figures are those of docs/experiments/base_networks.md.

    python -m benchmarks.accuracy              # the shipped networks: about five minutes on 2 cores
    python -m benchmarks.accuracy --train      # also the next two benchmarks, which train: another quarter of an hour

``--data`` is the folder with the collections that docs/models.md names. The tests are in no training set: MNIST's and EMNIST's
test pictures, whose copies were removed from all other collections, the drawings of tablet writers 13 to 30, and those of the
third of UNIPEN's writers who are kept apart.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.answer import LEARNERS
from functions.domain.drawing.ink import Line
from functions.learners.evaluation.half_decided import credits_of, right_as_one
from functions.learners.evaluation.metrics import wilson
from functions.learners.evaluation.reliability import calibration_error
from functions.learners.litert import infer
from functions.learners.pretraining.digits import LIKE_DIGITS, TRAINING_WRITERS, rendered
from functions.learners.pretraining.negatives import crossed_out, half_drawn, scribble, two_at_once
from functions.learners.pretraining.pen_squares import coded, plain_squares
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, read_pen
from functions.learners.pretraining.sources import STROKES, WriterDrawing, read_emnist, read_mnist, read_writers
from functions.learners.squares import Pixels
from functions.learners.squares.stroke_augment import draw, vary

ROOT = Path(__file__).resolve().parents[1]

REFERENCE = ROOT / "benchmarks" / "mnist_alone"
REJECTED = 0.02  # share of real digits that may be rejected in the comparison of rejection
NEGATIVES = 500  # drawings of each kind


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    reached: float  # in percent
    wanted: float | None  # in percent
    note: str = ""
    at_most: bool = False

    def __str__(self) -> str:
        met = self.wanted is None or (self.reached <= self.wanted if self.at_most else self.reached >= self.wanted)
        goal = "" if self.wanted is None else f"{'at most' if self.at_most else 'at least'} {self.wanted:g} %"
        return f"{'  ' if met else '! '}{self.what:58} {self.reached:7.2f} %  {goal:16} {self.note}"


def answers(network: bytes, squares: Pixels) -> NDArray[np.float64]:
    """Return a network's answers (n, K + 1) to squares (n, 28, 28), as a server does."""
    return infer(network, squares).astype(np.float64)


def right(what: str, given: NDArray[np.float64], y: NDArray[np.int64], wanted: float | None) -> Figure:
    """Return the share of right answers, with its 95 % interval."""
    count = int((given[:, :-1].argmax(1) == y).sum())
    low, high = wilson(count, len(y)) or (0, 0)
    return Figure(what, 100 * count / len(y), wanted, f"{count:,} of {len(y):,} [{100 * low:.2f}, {100 * high:.2f}]")


class Shipped:
    """The shipped networks of a set, and the command that made them."""

    def __init__(self, name: str) -> None:
        self.networks = {one: (ROOT / "models" / name / f"{one}.tflite").read_bytes() for one in LEARNERS}
        card = json.loads((ROOT / "models" / name / "card.json").read_text())
        self.command, self.labels, self.confusable = card["command"], tuple(card["labels"]), card["confusable"]


def mnist_alone(data: Path) -> Iterator[Figure]:
    """Networks of the same architectures, trained on MNIST's training digits and nothing else."""
    from functions.learners.networks.export import inference_from_weights

    test = read_mnist(data / "mnist.npz")[1]
    for learner, wanted in (("cnn", 99.7), ("fnn", 99.2)):
        _, asked = inference_from_weights((REFERENCE / f"{learner}.npz").read_bytes())
        yield right(f"{learner.upper()} trained on MNIST alone, MNIST's test", asked(test.x).astype(np.float64), test.y, wanted)


def digits(data: Path) -> Iterator[Figure]:
    """The shipped digits' networks on MNIST's test digits and on tablet writers 13 to 30."""
    test, drawn = read_mnist(data / "mnist.npz")[1], test_drawings(data)
    for learner, network in Shipped("digits").networks.items():
        name = learner.upper()
        for told, squares, wanted, ece in (
            ("MNIST's test", test, None, 0.5),
            ("tablet, writers 13 to 30", rendered([drawn]), 98 if learner == "cnn" else None, 1.5),
        ):
            given = answers(network, squares.x)
            yield right(f"{name} digits, {told}", given, squares.y, wanted)
            error = 100 * calibration_error(given[:, :-1], squares.y)
            yield Figure(f"{name} digits, {told}: calibration error (15 bins)", error, ece, at_most=True)


def characters(data: Path) -> Iterator[Figure]:
    """The shipped characters' networks on 200 pictures of each of EMNIST's 47 classes."""
    test = read_emnist(data / "emnist_test.npz")
    for learner, network in Shipped("characters").networks.items():
        given = answers(network, test.squares.x)
        wanted = 90.5 if learner == "cnn" else 86
        yield right(f"{learner.upper()} characters, EMNIST's test", given, test.squares.y, wanted)
        error = 100 * calibration_error(given[:, :-1], test.squares.y)
        yield Figure(f"{learner.upper()} characters, EMNIST's test: calibration error", error, None)


def pens(data: Path) -> Iterator[Figure]:
    """The shipped networks on the letters and digits of UNIPEN's writers who are kept apart, drawn like a visitor's."""
    drawn = {what: read_pen(data / file, "apart") for what, file in (("digits", PEN_DIGITS), ("letters", PEN_LETTERS))}
    drawn["letters and digits"] = [*drawn["letters"], *drawn["digits"]]
    for name, what, wanted, as_one in (
        ("digits", "digits", {"cnn": 99.2, "fnn": 98.3}, {}),
        ("characters", "letters and digits", {"cnn": 90, "fnn": 87}, {"cnn": 96, "fnn": 94}),
        ("characters", "letters", {}, {}),
        ("characters", "digits", {}, {}),
    ):
        shipped = Shipped(name)
        squares, rejections = plain_squares(coded(drawn[what], shipped.labels)), []
        for learner, network in shipped.networks.items():
            given, told = answers(network, squares.x), f"{learner.upper()} {name}, pen {what}, writers kept apart"
            yield right(told, given, squares.y, wanted.get(learner))
            if shipped.confusable:
                credit = credits_of(shipped.labels, shipped.confusable)
                alike = right_as_one(credit, squares.y, given[:, :-1].argmax(1))
                yield Figure("  look-alikes as one", 100 * float(alike.mean()), as_one.get(learner))
            error = 100 * calibration_error(given[:, :-1], squares.y)
            rejections.append(given[:, -1])
            rejected = 100 * float((given[:, -1] >= 0.5).mean())
            yield Figure("  calibration error", error, None, f"{rejected:.2f} % rejected")
        yield Figure("  rejected by both together", 100 * float((np.mean(rejections, 0) >= 0.5).mean()), None)
    rng = np.random.default_rng(7)
    scribbles = np.round(255 * np.stack([draw(scribble(rng)) for _ in range(600)])).astype(np.uint8)
    for name in ("digits", "characters"):
        rejections = [answers(network, scribbles)[:, -1] for network in Shipped(name).networks.values()]
        yield Figure(f"scribbles rejected by both together, {name}", 100 * float((np.mean(rejections, 0) >= 0.5).mean()), None)


def rejecting(data: Path) -> Iterator[Figure]:
    """The share of non-digits that is rejected, at a threshold that rejects 2 % of real digits, and at the shipped one."""
    networks = Shipped("digits").networks
    real = {"MNIST's test": read_mnist(data / "mnist.npz")[1].x, "tablet, writers 13 to 30": rendered([test_drawings(data)]).x}
    others = negatives(data)
    asked = {
        name: {one: answers(networks[one], x)[:, -1] for one in networks}
        for name, x in tqdm((real | others).items(), leave=False)
    }
    for given in asked.values():
        given["both"] = np.mean([given[one] for one in networks], axis=0)  # the rejection probability of an answer
    for one in ("both", *networks):
        name = "both networks together" if one == "both" else f"the {one.upper()} alone"
        threshold = np.quantile(np.concatenate([asked[told][one] for told in real]), 1 - REJECTED)
        everything = np.concatenate([asked[told][one] for told in others])
        yield Figure(f"not a digit, {name}: rejected at 2 % of digits", 100 * float((everything > threshold).mean()), 90)
        if one == "both":
            for told in others:
                yield Figure(f"  {told}", 100 * float((asked[told][one] > threshold).mean()), None)
            for told in real:
                yield Figure(f"  {told}: digits lost at that threshold", 100 * float((asked[told][one] > threshold).mean()), None)
            for told in (*others, *real):
                yield Figure(f"  {told}: rejected as shipped", 100 * float((asked[told][one] >= 0.5).mean()), None)


def negatives(data: Path) -> dict[str, Pixels]:
    """Return squares that are not digits, of each kind; some are made from drawings of the test writers."""
    rng = np.random.default_rng(0)
    drawings = [one.lines for one in test_drawings(data)]

    def made(kind: Callable[..., list[Line]], taken: int) -> Pixels:
        some = [kind(*(drawings[i] for i in rng.integers(len(drawings), size=taken)), rng) for _ in range(NEGATIVES)]
        return np.stack([np.round(255 * draw(vary(lines, rng))).astype(np.uint8) for lines in some])

    test = read_emnist(data / "emnist_test.npz")
    letter = np.array([name not in LIKE_DIGITS for name in test.names]) & (np.arange(len(test.names)) >= 10)
    return {
        "letters (without those that look like a digit)": test.squares.x[letter[test.squares.y]][::3],
        "scribbles": made(scribble, 0),
        "crossed-out digits": made(crossed_out, 1),
        "two digits at once": made(two_at_once, 2),
        "half-drawn digits": made(half_drawn, 1),
    }


def test_drawings(data: Path) -> list[WriterDrawing]:
    """Return the drawings of tablet writers who are in no training set."""
    return [one for writer in read_writers(data / STROKES)[TRAINING_WRITERS + 2 :] for one in writer]


def unchanged(data: Path) -> Iterator[Figure]:
    """The same digit at any place, 0.4 to 1.6 times the size, with a pen half to twice as thick."""
    from benchmarks.invariance.measure import invariance

    for row in invariance(Shipped("digits").networks, data):
        wanted = (99 if row.network == "cnn" else 98) if row.part == "all" else None
        told = row.path if row.part == "all" else f"{row.path} ({row.part})"
        yield Figure(f"{row.network.upper()} answers unchanged, {told}", 100 * row.share, wanted, f"of {row.asked:,}")


def trained(data: Path) -> Iterator[Figure]:
    """The accuracy after training: on 100 labels, and for one minute."""
    from benchmarks.few_labels.train import few_labels
    from benchmarks.one_minute import one_minute

    yield Figure("100 labels, from nothing, MNIST's test (mean of 5 seeds)", few_labels(data), 96)
    yield Figure("MNIST's test after 60 s of training on 2 idle cores", one_minute(data), 99.2)


PARTS: dict[str, tuple[Callable[[Path], Iterator[Figure]], Callable[[], str]]] = {
    "mnist": (mnist_alone, lambda: json.loads((REFERENCE / "card.json").read_text())["command"]),
    "digits": (digits, lambda: Shipped("digits").command),
    "characters": (characters, lambda: Shipped("characters").command),
    "pens": (pens, lambda: f"{Shipped('digits').command}; {Shipped('characters').command}"),
    "reject": (rejecting, lambda: Shipped("digits").command),
    "invariance": (unchanged, lambda: Shipped("digits").command),
    "train": (trained, lambda: "python -m benchmarks.few_labels; python -m benchmarks.one_minute"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="print only these parts")
    parser.add_argument("--train", action="store_true", help="also run the benchmarks that train")
    options: Any = parser.parse_args()
    chosen = options.only or [name for name in PARTS if name != "train" or options.train]
    for name in chosen:
        figures, command = PARTS[name]
        print(f"\n{command()}", flush=True)
        for figure in figures(options.data):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
