"""What the digits' networks are made from: MNIST, EMNIST's digits, a tablet's writers, and what is not a digit. No keras here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.learners.pretraining.collection import (
    NEGATIVES_HELD_OUT,
    SCRIBBLES,
    Collection,
    HeldOutCollection,
    Report,
    augmented_drawings,
    negative_squares,
    relabelled,
)
from functions.learners.pretraining.mixture import Pool
from functions.learners.pretraining.near_duplicates import near_duplicates
from functions.learners.pretraining.sources import STROKES, WriterDrawing, emnist_files, read_emnist, read_mnist, read_writers
from functions.learners.squares import Squares, joined, no_squares

DIGITS = tuple("0123456789")
NOT_A_DIGIT = len(DIGITS)  # the class of what is not a digit
DIGITS_HELD_OUT = 5_000  # squares of the hold-out and of the rehearsal set, each; half from MNIST, half from EMNIST
TRAINING_WRITERS = (
    10  # writers whose strokes are trained on; the next one's are rehearsed, the one's after that held out, the rest judge
)
COPIES_OF_A_DRAWING = 8  # variations of each of their drawings
# Letters that many people write as a digit: no network is asked to tell them apart by the shape.
LIKE_DIGITS = frozenset("OILSZgq")


def collect_digits(
    folder: Path, seed: int, say: Report, *, kept: int = DIGITS_HELD_OUT, scribbled: int = SCRIBBLES
) -> Collection:
    """Read what there is in ``folder`` and divide it. Only MNIST must be there; without EMNIST no letters are rejected.

    ``kept`` squares each make the hold-out and the rehearsal set, ``scribbled`` drawings teach what is not a digit.

    Raises:
        BadSettings: ``folder`` has no ``mnist.npz``.
    """
    rng = np.random.default_rng(seed)
    train, test = read_mnist(folder / "mnist.npz")
    digits, letters, foreign = _emnist(folder, say)
    apart = HeldOutCollection([train, *([digits] if len(digits) else [])])
    apart.leave_out({"MNIST's test digits": test}, say, first=1)  # MNIST itself was divided by those who made it
    rehearsal, holdout = apart.draw(kept, rng, say)
    writers = read_writers(folder / STROKES)
    taught = [one for writer in writers[:TRAINING_WRITERS] for one in writer]
    order = rng.permutation(len(letters))
    others = min(NEGATIVES_HELD_OUT, kept // 10)
    some = min(others, len(letters) // 3)
    nonsense = negative_squares(taught, scribbled + 3 * others, NOT_A_DIGIT, rng)
    parts = [nonsense.take(np.arange(len(nonsense))[scribbled + i * others :][:others]) for i in range(3)]
    pools = [
        Pool("digits from forms", joined(apart.pools), 0.62),
        Pool("digits from a tablet, varied", augmented_drawings(taught, COPIES_OF_A_DRAWING, rng), 0.2 if taught else 0),
        Pool("letters", letters.take(order[2 * some :]), 0.09 if some else 0),
        Pool("scribbles", nonsense.take(np.arange(scribbled)), 0.09),
    ]
    tests = {"mnist_test": test, "scribbles": parts[2]}
    if len(writers) > TRAINING_WRITERS + 2:
        tests["screen_writers_13_30"] = rendered(writers[TRAINING_WRITERS + 2 :])
    if len(foreign):
        tests["letters"] = foreign
    return Collection(
        labels=DIGITS,
        pools=tuple(pool for pool in pools if pool.share),
        # The first of each label choose (``rehearsal.split_selection``): a tablet's hand is among them.
        rehearsal=joined(
            [rendered(writers[TRAINING_WRITERS : TRAINING_WRITERS + 1]), rehearsal, letters.take(order[:some]), parts[0]]
        ),
        holdout=joined(
            [
                holdout,
                rendered(writers[TRAINING_WRITERS + 1 : TRAINING_WRITERS + 2]),
                letters.take(order[some : 2 * some]),
                parts[1],
            ]
        ),
        tests=tests,
        removed=apart.removed,
    )


def collect_mnist(folder: Path) -> Collection:
    """Read MNIST alone: its training digits to train on, its test digits to judge."""
    train, test = read_mnist(folder / "mnist.npz")
    return Collection(DIGITS, (Pool("MNIST's training digits", train, 1),), no_squares(), no_squares(), {"mnist_test": test})


def rendered(writers: list[list[WriterDrawing]]) -> Squares:
    """Return the writers' drawings through the same door as a visitor's."""
    drawings = [one for writer in writers for one in writer]
    squares = [
        square_to_bytes(from_strokes(parse_strokes([line.tolist() for line in one.lines], 500, 500)).square) for one in drawings
    ]
    x = np.frombuffer(b"".join(squares), np.uint8).reshape(-1, 28, 28)
    return Squares(x, np.array([one.y for one in drawings], np.int64))


def _emnist(folder: Path, say: Report) -> tuple[Squares, Squares, Squares]:
    """Return EMNIST's digits, letters to be rejected, and letters that judge the rejecting; all empty where it is missing."""
    files = emnist_files(folder)
    if not all(path.exists() for path in files):
        return no_squares(), no_squares(), no_squares()
    everything = read_emnist(*files)
    digits = everything.squares.y < NOT_A_DIGIT
    foreign = np.array([name not in LIKE_DIGITS for name in everything.names]) & (np.arange(len(everything.names)) >= NOT_A_DIGIT)
    letters = everything.take(foreign[everything.squares.y]).squares
    if not (folder / "emnist_test.npz").exists():
        return everything.squares.take(digits), relabelled(letters, NOT_A_DIGIT), no_squares()
    test = read_emnist(folder / "emnist_test.npz").squares
    test = test.take(foreign[test.y])
    copied = near_duplicates(letters.x, test.x)
    say(f"{copied.sum():,} letters are copies of EMNIST's test letters.")
    return everything.squares.take(digits), relabelled(letters.take(~copied), NOT_A_DIGIT), relabelled(test, NOT_A_DIGIT)
