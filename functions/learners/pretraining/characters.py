"""The collection for characters: EMNIST's 47 merged classes, a tablet's digits, UNIPEN's digits and letters, and scribbles."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.domain.drawing.ink import INK_SIDE
from functions.domain.drawing.normalise import square_from_ink
from functions.learners.pretraining.collection import (
    NEGATIVES_HELD_OUT,
    SCRIBBLES,
    Collection,
    HeldOutCollection,
    Report,
    augmented_drawings,
    negative_parts,
    with_progress,
)
from functions.learners.pretraining.digits import COPIES_OF_A_DRAWING, TRAINING_WRITERS, rendered
from functions.learners.pretraining.mixture import Pool, balancing_weights
from functions.learners.pretraining.pen_squares import (
    FORMS_SHARE,
    coded,
    grouped_pool,
    held_out,
    interleaved,
    plain_squares,
    slashed_zeros,
    thinned,
)
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, PenDrawing, PenPart, read_pen
from functions.learners.pretraining.sources import (
    STROKES,
    Emnist,
    emnist_files,
    read_emnist,
    read_mnist,
    read_writers,
)
from functions.learners.squares import Squares, joined

CHARACTERS_HELD_OUT = 80 * 47  # squares of the hold-out and of the rehearsal set, each: the rarest class has 717 in all
REDRAWN = 16_000  # pictures that are also redrawn with the pen of the screen
ALSO_REDRAWN = 5  # one in so many pictures of the rehearsal set and of the hold-out is added redrawn
ENLARGED = 5  # times, before it is redrawn
CASES = 63  # EMNIST's 62 classes distinguish upper and lower case; the first value means "not known"
UNKNOWN_CASE_SHARE = 0.2  # share of a merged label's drawings whose case is not known
COPIES_OF_A_LETTER = 24  # augmented copies of each pen letter: they are few
PENS_HELD_OUT = 0.4  # pen drawings in the hold-out and in the rehearsal set, each, as a share of the number of squares from forms
# Shares of a batch: pictures from forms, the same redrawn, drawings from tablets, scribbles, zeros with a slash.
SHARES = (0.495, 0.14, 0.29, 0.07, 0.005)
SHARES_WITHOUT_PENS = (0.675, 0.2, 0.04, 0.08, 0.005)
# Characters that people write alike, from the confusion matrices of the networks (docs/experiments/base_networks.md).
CONFUSABLE = (("0", "O"), ("1", "I", "L"), ("2", "Z"), ("5", "S"), ("9", "g", "q"), ("F", "f"), ("U", "V"))


def collect_characters(
    folder: Path, seed: int, say: Report, *, kept: int = CHARACTERS_HELD_OUT, scribbled: int = SCRIBBLES, redrawn: int = REDRAWN
) -> Collection:
    """Read EMNIST from ``folder`` and divide it; raise BadSettings if a file of EMNIST or of MNIST is missing."""
    rng = np.random.default_rng(seed)
    everything, test = read_emnist(*emnist_files(folder)), read_emnist(folder / "emnist_test.npz")
    digits = read_mnist(folder / "mnist.npz")[1]
    say(f"{len(everything.case):,} EMNIST characters; looking for copies of test pictures among them...")
    # The case is part of the class, so that it is still known for the remaining pictures.
    mixed = Squares(everything.squares.x, everything.squares.y * CASES + everything.case + 1)
    apart = HeldOutCollection([mixed], merge=CASES)
    apart.leave_out({"EMNIST's test characters": test.squares, "MNIST's test digits": digits}, say)
    rehearsal, holdout = map(_merged, apart.draw(kept, rng, say))
    left = Emnist(_merged(apart.pools[0]), apart.pools[0].y % CASES - 1, everything.names)
    weights = _evenly_written(left)
    writers = read_writers(folder / STROKES)
    drawings = [one for writer in writers[:TRAINING_WRITERS] for one in writer]
    none = len(everything.names)
    others = min(NEGATIVES_HELD_OUT, kept // 10)
    scribbles, *parts = negative_parts(drawings, (scribbled, others, others, others), none, rng)
    again = rng.choice(len(weights), min(redrawn, len(weights)), replace=False, p=weights / weights.sum())
    pens = {part: _pen_drawings(folder, part) for part in get_args(PenPart)}
    tablet, pen_rng = augmented_drawings(drawings, COPIES_OF_A_DRAWING // 2, rng), np.random.default_rng([seed, 1])
    shares = SHARES if pens["train"] else SHARES_WITHOUT_PENS
    pools = [
        Pool("characters from forms", left.squares, shares[0], weights),
        Pool("the same, drawn with a screen's pen", redrawn_with_screen_pen(left.squares.take(again)), shares[1]),
        _written(tablet, pens["train"], everything.names, shares[2], pen_rng),
        Pool("scribbles", scribbles, shares[3]),
        Pool(
            "zeros with a slash, varied",
            slashed_zeros([*drawings, *coded(pens["train"], everything.names)], 0, np.random.default_rng([seed, 2])),
            shares[4],
        ),
    ]
    if pens["train"]:
        rehearsal, holdout = (thinned(one, FORMS_SHARE) for one in (rehearsal, holdout))
    each = max(1, round(kept * PENS_HELD_OUT / none))
    pen_replay, pen_holdout = (held_out(coded(pens[part], everything.names), each, pen_rng) for part in ("replay", "holdout"))
    some = rng.permutation(len(test.case))[:2_000]
    tests = {
        "emnist_test": test.squares,
        "emnist_test_screen": redrawn_with_screen_pen(test.squares.take(some)),
        "scribbles": parts[2],
    }
    if len(writers) > TRAINING_WRITERS + 2:
        tests["screen_writers_13_30"] = rendered(writers[TRAINING_WRITERS + 2 :])
    return Collection(
        labels=everything.names,
        pools=tuple(pool for pool in pools if len(pool.squares)),
        # The first squares of each label are for selection (``sampling.split_selection``): redrawn ones are among them.
        rehearsal=interleaved(joined([redrawn_with_screen_pen(_some(rehearsal)), rehearsal, parts[0]]), pen_replay),
        holdout=joined([holdout, redrawn_with_screen_pen(_some(holdout)), parts[1], pen_holdout]),
        tests=tests | _pen_tests(pens["apart"], everything.names),
        removed=apart.removed,
        confusable=CONFUSABLE,
    )


def _written(tablet: Squares, pens: list[PenDrawing], names: tuple[str, ...], share: float, rng: np.random.Generator) -> Pool:
    """Return the pool of drawings of training writers, varied: as many of each label, and of each case or collection in a label.

    The shape of a 0 is that of an O. The pool has as many of both, otherwise the way of drawing would decide between them.
    """
    parts = [(tablet, [f"{y} of the tablet" for y in tablet.y])]
    for digits, times in ((True, COPIES_OF_A_DRAWING), (False, COPIES_OF_A_LETTER)):
        some = [one for one in pens if one.label.isdigit() == digits]
        parts.append((augmented_drawings(coded(some, names), times, rng), [one.label for one in some] * times))
    return grouped_pool("digits and letters from tablets, varied", share, parts)


def _pen_drawings(folder: Path, part: PenPart) -> list[PenDrawing]:
    return [*read_pen(folder / PEN_DIGITS, part), *read_pen(folder / PEN_LETTERS, part)]


def _pen_tests(pens: list[PenDrawing], names: tuple[str, ...]) -> dict[str, Squares]:
    """Return the tests of the writers kept apart: all that they wrote, the letters alone, and the digits alone."""
    if not pens:
        return {}
    squares = plain_squares(coded(pens, names))
    digits = np.array([one.label.isdigit() for one in pens])
    return {"pen_apart": squares, "pen_letters_apart": squares.take(~digits), "pen_digits_apart": squares.take(digits)}


def _some(squares: Squares) -> Squares:
    return squares.take(np.arange(len(squares)) % ALSO_REDRAWN == 0)


def redrawn_with_screen_pen(squares: Squares) -> Squares:
    """Return the squares like those of visitors: enlarged to an ink, normalised, with the pen of the screen."""
    x = [_redrawn(square) for square in with_progress(list(squares.x), "redrawing")]
    return Squares(np.stack([np.zeros((28, 28), np.uint8), *x])[1:], squares.y)


def _redrawn(x: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = ENLARGED * len(x)
    large = Image.fromarray(x).resize((side, side), Image.Resampling.BICUBIC)
    ink, start = np.full((INK_SIDE, INK_SIDE), 255, np.uint8), (INK_SIDE - side) // 2
    ink[start : start + side, start : start + side] = 255 - np.asarray(large)
    return np.round(255 * square_from_ink(ink)).astype(np.uint8)


def _merged(squares: Squares) -> Squares:
    return Squares(squares.x, squares.y // CASES)


def _evenly_written(emnist: Emnist) -> NDArray[np.float64]:
    """Return weights (n,) that balance the labels, and within a merged label its upper and lower case."""
    groups = emnist.squares.y * CASES + emnist.case + 1
    names = np.unique(groups)
    shares: dict[int, float] = {}
    for label in np.unique(names // CASES):
        known, unknown = names[(names // CASES == label) & (names % CASES > 0)], label * CASES
        lost = UNKNOWN_CASE_SHARE if unknown in names and len(known) else float(unknown in names)
        shares |= {int(name): (1 - lost) / len(known) for name in known} | {int(unknown): lost}
    return balancing_weights(groups, shares)
