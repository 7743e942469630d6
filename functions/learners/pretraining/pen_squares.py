"""Squares of UNIPEN's pen strokes: varied ones to train on, others for the replay set and the hold-out, plain ones for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.domain.drawing.ink import Line
from functions.learners.pretraining.collection import augmented_drawings, with_progress
from functions.learners.pretraining.mixture import Pool, balancing_weights
from functions.learners.pretraining.pen_writers import PenDrawing
from functions.learners.pretraining.sources import WriterDrawing
from functions.learners.squares import Squares, joined

CANVAS, DRAWN = 500, 300  # pixels: the side of a canvas, and the longest side of a drawing on it; tablets have other units
MOST_COPIES = 3  # squares of one drawing in the replay set or the hold-out, each in another hand: the drawings are few
SLASHED_COPIES = 4  # of a zero
FORMS_SHARE = 2 / 3  # share of the pictures from forms that stay in the replay set and in the hold-out beside pen strokes


def coded(drawings: Sequence[PenDrawing], names: Sequence[str]) -> list[WriterDrawing]:
    """Return the drawings on a canvas of 500 x 500, with the class of each label among ``names``.

    A lower-case letter without a class of its own has the class of the upper-case letter, as in EMNIST's merged scheme.
    Drawings of other labels are left out.
    """
    classes = {name: place for place, name in enumerate(names)}
    known = [(one, classes.get(one.label, classes.get(one.label.upper()))) for one in drawings]
    return [WriterDrawing(_placed(one.lines), y) for one, y in known if y is not None]


def grouped_pool(name: str, share: float, parts: Sequence[tuple[Squares, Sequence[str]]]) -> Pool:
    """Return a pool of ``parts``, each with the groups of its squares: labels equally frequent, and so the groups of a label.

    A group is, for example, a letter with its case, or a digit of one collection.
    """
    squares = joined([part for part, _ in parts])
    names, which = np.unique(np.array([group for _, groups in parts for group in groups], str), return_inverse=True)
    labels = np.zeros(len(names), np.int64)
    labels[which] = squares.y
    shares = {group: 1 / float((labels == label).sum()) for group, label in enumerate(labels)}
    return Pool(name, squares, share, balancing_weights(which.astype(np.int64), shares))


def slashed_zeros(drawings: Sequence[WriterDrawing], zero: int, rng: np.random.Generator) -> Squares:
    """Return varied copies of the zeros among ``drawings`` with a slash: many people write it, but few of the writers do."""
    zeros = [WriterDrawing((*one.lines, _slash(one.lines, rng)), zero) for one in drawings if one.y == zero]
    return augmented_drawings(zeros, SLASHED_COPIES, rng)


def _slash(lines: Sequence[Line], rng: np.random.Generator) -> Line:
    """Return a line from the lower left to the upper right of a drawing, a little shorter or longer than the box's diagonal."""
    low, high = _box(lines)
    middle, half = (low + high) / 2 + rng.uniform(-0.08, 0.08, 2) * (high - low), (high - low) / 2
    ends = np.array([[-1.0, 1], [1, -1]]) * half * rng.uniform(0.7, 1.5, (2, 1))
    return np.asarray(middle + ends[:: 1 if rng.random() < 0.5 else -1])


def held_out(drawings: Sequence[WriterDrawing], each: int, rng: np.random.Generator) -> Squares:
    """Return up to ``each`` squares of every label: its drawings as they are, then as other hands would write them.

    The squares of one drawing are neighbours.
    """
    parts = []
    for label in sorted({one.y for one in drawings}):
        mine = [one for one in drawings if one.y == label]
        mine = [mine[place] for place in rng.permutation(len(mine))[:each]]
        plain, copies = plain_squares(mine), augmented_drawings(mine, MOST_COPIES - 1, rng)
        # Squares of the first drawing, of the second, ...; the first of each is the plain one.
        order = np.arange(MOST_COPIES * len(mine)).reshape(MOST_COPIES, -1)
        wanted = min(MOST_COPIES, -(-each // len(mine)))
        parts.append(joined([plain, copies]).take(order[:wanted].T.ravel()[:each]))
    return joined(parts)


def thinned(squares: Squares, share: float, merge: int = 1) -> Squares:
    """Return the first ``share`` of every label's squares, in their order."""
    return squares.take(_rank(squares.y // merge) < share)


def interleaved(*parts: Squares) -> Squares:
    """Return all squares, so that any first share of a label's squares has that share of each part's."""
    places = np.concatenate([_rank(part.y) for part in parts])
    return joined(parts).take(np.argsort(places, kind="stable"))


def plain_squares(drawings: Sequence[WriterDrawing]) -> Squares:
    """Return drawings on a canvas of 500 x 500 as squares, made like those of visitors."""
    strokes = [parse_strokes([line.tolist() for line in one.lines], CANVAS, CANVAS) for one in with_progress(drawings, "drawing")]
    squares = [square_to_bytes(from_strokes(one).square) for one in strokes]
    x = np.frombuffer(b"".join(squares), np.uint8).reshape(-1, 28, 28)
    return Squares(x, np.array([one.y for one in drawings], np.int64))


def _rank(y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the place of each square among those of its label, 0 <= place < 1."""
    place = np.zeros(len(y))
    for label in np.unique(y):
        mine = np.flatnonzero(y == label)
        place[mine] = np.arange(len(mine)) / len(mine)
    return place


def _placed(lines: Sequence[Line]) -> tuple[Line, ...]:
    low, high = _box(lines)
    size, middle = max(float((high - low).max()), 1e-6), (low + high) / 2
    return tuple((line - middle) / size * DRAWN + CANVAS / 2 for line in lines)


def _box(lines: Sequence[Line]) -> tuple[Line, Line]:
    points = np.concatenate(lines)
    return points.min(0), points.max(0)
