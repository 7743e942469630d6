"""The symbol sets in which campaigns are played: who visits, what forms exist, and the hidden test.

``digits``: tablet writers 13 to 24 visit; MNIST's test digits and writers 25 to 30 are the hidden test. ``characters``: half of
UNIPEN's writers who are kept apart visit; EMNIST's test pictures and the other half are the hidden test.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from functions.learners.evaluation.half_decided import LabelGroups
from functions.learners.pretraining.characters import CONFUSABLE
from functions.learners.pretraining.digits import DIGITS, rendered
from functions.learners.pretraining.pen_squares import coded, plain_squares
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, PenDrawing, read_pen
from functions.learners.pretraining.sources import (
    STROKES,
    WriterDrawing,
    emnist_files,
    read_emnist,
    read_mnist,
    read_writers,
)
from functions.learners.squares import Squares

VISITING_WRITERS = slice(12, 24)  # tablet writers 13 to 24: not in the training, replay or hold-out set
TEST_WRITERS = slice(24, 30)  # tablet writers 25 to 30: the same, and no visitors
MOST_OF_A_WRITER = 120  # pen drawings: two writers' names stand for many people
HIDDEN_FORMS = 9_400  # of EMNIST's test pictures, at random: half of them


@dataclass(frozen=True)
class Scene:
    """A shipped set: its labels, and the ``pairs`` (true label, stated label) that attacks on one label use in turn."""

    set_name: str
    labels: tuple[str, ...]
    confusable: LabelGroups
    pairs: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    def classes(self, pair: tuple[str, str]) -> tuple[int, int]:
        """Return a pair as classes."""
        return self.labels.index(pair[0]), self.labels.index(pair[1])


@dataclass(frozen=True)
class Material:
    """The drawings of a scene: of each visiting writer, forms to draw uploads from, and the hidden test: forms, then pens."""

    visitors: list[list[WriterDrawing]]
    forms: Squares
    hidden_forms: Squares
    hidden_pens: Squares


# F is one of two letters that look alike, E is not; the second attack is on labels that no drawing tells apart.
CHARACTERS_PAIRS = (("E", "F"), ("0", "O"))
LETTERS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt")
SCENES = {
    "digits": Scene("digits", DIGITS, (), (("4", "9"),), ("mnist.npz", STROKES)),
    "characters": Scene("characters", LETTERS, CONFUSABLE, CHARACTERS_PAIRS, ("emnist_test.npz", PEN_LETTERS, PEN_DIGITS)),
}


def read(scene: Scene, data: Path, seed: int) -> Material:
    """Read the material of a scene from the folder of the collections."""
    return _digits(data) if scene.set_name == "digits" else _characters(scene, data, seed)


def _digits(data: Path) -> Material:
    writers = read_writers(data / STROKES)
    train, test = read_mnist(data / "mnist.npz")
    return Material(writers[VISITING_WRITERS], train, test, rendered(writers[TEST_WRITERS]))


def _characters(scene: Scene, data: Path, seed: int) -> Material:
    by_writer: dict[str, list[PenDrawing]] = defaultdict(list)
    for name in (PEN_LETTERS, PEN_DIGITS):
        for one in read_pen(data / name, "apart"):
            by_writer[one.writer].append(one)
    rng = np.random.default_rng([seed, 21])
    written = [
        coded([mine[i] for i in rng.permutation(len(mine))[:MOST_OF_A_WRITER]], scene.labels)
        for _writer, mine in sorted(by_writer.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    ]
    train, test = read_emnist(*emnist_files(data)).squares, read_emnist(data / "emnist_test.npz").squares
    hidden = test.take(rng.permutation(len(test))[:HIDDEN_FORMS])
    return Material(written[::2], train, hidden, plain_squares([one for mine in written[1::2] for one in mine]))
