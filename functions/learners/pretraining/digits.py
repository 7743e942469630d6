"""The collection for digits: MNIST, EMNIST's digits, a tablet's writers, UNIPEN's writers, letters and scribbles."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np

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
from functions.learners.pretraining.pen_squares import (
    FORMS_SHARE,
    coded,
    held_out,
    interleaved,
    plain_squares,
    slashed_zeros,
    thinned,
)
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, PenPart, read_pen
from functions.learners.pretraining.sources import STROKES, WriterDrawing, emnist_files, read_emnist, read_mnist, read_writers
from functions.learners.squares import Squares, joined, no_squares

DIGITS = tuple("0123456789")
NOT_A_DIGIT = len(DIGITS)  # a class
DIGITS_HELD_OUT = 5_000  # squares of the hold-out and of the rehearsal set, each; half from MNIST, half from EMNIST
TRAINING_WRITERS = (
    10  # for training; the next writer is for the rehearsal set, the one after for the hold-out, the others for tests
)
COPIES_OF_A_DRAWING = 8  # augmented copies of each of their drawings
PENS_HELD_OUT = 0.3  # pen digits in the hold-out and in the rehearsal set, each, as a share of the number of squares from forms
# Shares of a batch: digits from forms, from a tablet, from other tablets; letters from forms, from other tablets; scribbles;
# zeros with a slash.
SHARES = (0.51, 0.13, 0.18, 0.06, 0.04, 0.07, 0.01)
SHARES_WITHOUT_PENS = (0.61, 0.2, 0, 0.09, 0, 0.09, 0.01)
PenDrawings = tuple[list[WriterDrawing], list[WriterDrawing]]  # digits, and letters as negatives
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
    pens = {part: _pen_drawings(folder, part) for part in get_args(PenPart)}
    known, foreign_pens = pens["train"]
    scribbles, *parts = negative_parts([*drawings, *known], (scribbled, others, others, others), NOT_A_DIGIT, rng)
    shares = SHARES if known else SHARES_WITHOUT_PENS
    varied = {"tablet": drawings, "pens": known, "pen letters": foreign_pens}
    copies = {name: augmented_drawings(some, COPIES_OF_A_DRAWING, rng) for name, some in varied.items()}
    pools = [
        Pool("digits from forms", joined(apart.pools), shares[0]),
        Pool("digits from a tablet, varied", copies["tablet"], shares[1]),
        Pool("digits from other tablets, varied", copies["pens"], shares[2]),
        Pool("letters", letters.take(order[2 * some :]), shares[3]),
        Pool("letters from other tablets, varied", copies["pen letters"], shares[4]),
        Pool("scribbles", scribbles, shares[5]),
        Pool("zeros with a slash, varied", slashed_zeros([*drawings, *known], 0, np.random.default_rng([seed, 2])), shares[6]),
    ]
    screen = [rendered(writers[place : place + 1]) for place in (TRAINING_WRITERS, TRAINING_WRITERS + 1)]
    kept_letters = [letters.take(order[:some]), letters.take(order[some : 2 * some])]
    if known:
        rehearsal, holdout, *kept_letters = (thinned(one, FORMS_SHARE) for one in (rehearsal, holdout, *kept_letters))
    pen_replay, pen_holdout = (_pen_held_out(pens[part], kept, others, rng) for part in ("replay", "holdout"))
    return Collection(
        labels=DIGITS,
        pools=tuple(pool for pool in pools if len(pool.squares)),
        # The first squares of each label are for selection (``sampling.split_selection``): a tablet's writer is among them.
        rehearsal=interleaved(joined([screen[0], rehearsal, kept_letters[0], parts[0]]), pen_replay),
        holdout=joined([holdout, screen[1], kept_letters[1], parts[1], pen_holdout]),
        tests=_tests(test, parts[2], writers, foreign, pens["apart"]),
        removed=apart.removed,
    )


def _tests(
    mnist: Squares, scribbles: Squares, writers: list[list[WriterDrawing]], letters: Squares, pens: PenDrawings
) -> dict[str, Squares]:
    tests = {"mnist_test": mnist, "scribbles": scribbles}
    if len(writers) > TRAINING_WRITERS + 2:
        tests["screen_writers_13_30"] = rendered(writers[TRAINING_WRITERS + 2 :])
    if len(letters):
        tests["letters"] = letters
    if pens[0]:
        tests |= {"pen_digits_apart": plain_squares(pens[0]), "pen_letters_apart": plain_squares(pens[1])}
    return tests


def _pen_drawings(folder: Path, part: PenPart) -> PenDrawings:
    """Return the digits of the part's writers, and their letters as negatives, without those that look like digits."""
    letters = [one for one in read_pen(folder / PEN_LETTERS, part) if not {one.label, one.label.upper()} & LIKE_DIGITS]
    foreign = [WriterDrawing(one.lines, NOT_A_DIGIT) for one in coded(letters, tuple({one.label for one in letters}))]
    return coded(read_pen(folder / PEN_DIGITS, part), DIGITS), foreign


def _pen_held_out(pens: PenDrawings, kept: int, letters: int, rng: np.random.Generator) -> Squares:
    """Return digits, about half as many as the forms have then, and a third of ``letters``."""
    digits = held_out(pens[0], max(1, round(kept * PENS_HELD_OUT / len(DIGITS))), rng)
    return joined([digits, held_out(pens[1], max(1, round(letters * (1 - FORMS_SHARE))), rng)])


def collect_mnist(folder: Path) -> Collection:
    """Read MNIST alone: its training digits and its test digits."""
    train, test = read_mnist(folder / "mnist.npz")
    return Collection(DIGITS, (Pool("MNIST's training digits", train, 1),), no_squares(), no_squares(), {"mnist_test": test})


def rendered(writers: list[list[WriterDrawing]]) -> Squares:
    """Return the writers' drawings as squares, made like those of visitors."""
    return plain_squares([one for writer in writers for one in writer])


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
