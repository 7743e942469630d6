"""The collection for digits: MNIST, EMNIST's digits, a tablet's writers, letters and scribbles."""

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
    negative_parts,
    relabelled,
)
from functions.learners.pretraining.mixture import Pool
from functions.learners.pretraining.near_duplicates import near_duplicates
from functions.learners.pretraining.sources import STROKES, WriterDrawing, emnist_files, read_emnist, read_mnist, read_writers
from functions.learners.squares import Squares, joined, no_squares

DIGITS = tuple("0123456789")
NOT_A_DIGIT = len(DIGITS)  # a class
DIGITS_HELD_OUT = 5_000  # squares of the hold-out and of the rehearsal set, each; half from MNIST, half from EMNIST
TRAINING_WRITERS = (
    10  # for training; the next writer is for the rehearsal set, the one after for the hold-out, the others for tests
)
COPIES_OF_A_DRAWING = 8  # augmented copies of each of their drawings
# Letters that many people write like a digit: their shape alone does not distinguish them.
LIKE_DIGITS = frozenset("OILSZgq")


def collect_digits(
    folder: Path, seed: int, say: Report, *, kept: int = DIGITS_HELD_OUT, scribbled: int = SCRIBBLES
) -> Collection:
    """Read the files in ``folder`` and divide them. Only MNIST must be there; without EMNIST no letters are negatives.

    The hold-out and the rehearsal set have ``kept`` squares each. ``scribbled`` negatives are for training.

    Raises:
        BadSettings: ``folder`` has no ``mnist.npz``.
    """
    rng = np.random.default_rng(seed)
    train, test = read_mnist(folder / "mnist.npz")
    digits, letters, foreign = _emnist(folder, say)
    apart = HeldOutCollection([train, *([digits] if len(digits) else [])])
    apart.leave_out({"MNIST's test digits": test}, say, first=1)  # MNIST has a test set of other writers
    rehearsal, holdout = apart.draw(kept, rng, say)
    writers = read_writers(folder / STROKES)
    drawings = [one for writer in writers[:TRAINING_WRITERS] for one in writer]
    order = rng.permutation(len(letters))
    others = min(NEGATIVES_HELD_OUT, kept // 10)
    some = min(others, len(letters) // 3)
    scribbles, *parts = negative_parts(drawings, (scribbled, others, others, others), NOT_A_DIGIT, rng)
    pools = [
        Pool("digits from forms", joined(apart.pools), 0.62),
        Pool("digits from a tablet, varied", augmented_drawings(drawings, COPIES_OF_A_DRAWING, rng), 0.2 if drawings else 0),
        Pool("letters", letters.take(order[2 * some :]), 0.09 if some else 0),
        Pool("scribbles", scribbles, 0.09),
    ]
    screen = [rendered(writers[place : place + 1]) for place in (TRAINING_WRITERS, TRAINING_WRITERS + 1)]
    tests = {"mnist_test": test, "scribbles": parts[2]}
    if len(writers) > TRAINING_WRITERS + 2:
        tests["screen_writers_13_30"] = rendered(writers[TRAINING_WRITERS + 2 :])
    if len(foreign):
        tests["letters"] = foreign
    return Collection(
        labels=DIGITS,
        pools=tuple(pool for pool in pools if pool.share),
        # The first squares of each label are for selection (``sampling.split_selection``): a tablet's writer is among them.
        rehearsal=joined([screen[0], rehearsal, letters.take(order[:some]), parts[0]]),
        holdout=joined([holdout, screen[1], letters.take(order[some : 2 * some]), parts[1]]),
        tests=tests,
        removed=apart.removed,
    )


def collect_mnist(folder: Path) -> Collection:
    """Read MNIST alone: its training digits and its test digits."""
    train, test = read_mnist(folder / "mnist.npz")
    return Collection(DIGITS, (Pool("MNIST's training digits", train, 1),), no_squares(), no_squares(), {"mnist_test": test})


def rendered(writers: list[list[WriterDrawing]]) -> Squares:
    """Return the writers' drawings as squares, made like those of visitors."""
    drawings = [one for writer in writers for one in writer]
    strokes = [parse_strokes([line.tolist() for line in one.lines], 500, 500) for one in drawings]
    squares = [square_to_bytes(from_strokes(one).square) for one in strokes]
    x = np.frombuffer(b"".join(squares), np.uint8).reshape(-1, 28, 28)
    return Squares(x, np.array([one.y for one in drawings], np.int64))


def _emnist(folder: Path, say: Report) -> tuple[Squares, Squares, Squares]:
    """Return EMNIST's digits, its letters as negatives, and letters for the test; all empty if a file is missing."""
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
