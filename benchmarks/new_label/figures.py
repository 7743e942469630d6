"""Divide the samples of a new label, and compare the accuracy of the other labels before and after. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.domain.answer import REJECTION_THRESHOLD
from functions.learners.calibration import Answers
from functions.learners.squares import Classes, Squares
from functions.learners.squares.sampling import HeldOut
from functions.records.training_samples import TEST_DIGITS, VALIDATION_DIGITS

HEX = "0123456789abcdef"  # what ids end in


@dataclass(frozen=True)
class KnownLabelsDecline:
    """The accuracy that known labels lost on one collection, in points: in all, with rejections, and of the worst label."""

    name: str
    lost: float
    with_rejections: float  # "not a symbol" counts as wrong
    worst: str
    worst_lost: float

    def __str__(self) -> str:
        return f"{self.name} {self.lost:+.2f} ({self.with_rejections:+.2f} as answered; {self.worst} {self.worst_lost:+.2f})"


def split_samples(squares: Squares, place: int, rng: np.random.Generator) -> tuple[Squares, HeldOut]:
    """Divide samples of a new label with the class ``place`` as a platform does: (training samples, held-out samples)."""
    squares = Squares(squares.x, np.full(len(squares), place, np.int64))
    ends = np.array(list(HEX))[rng.integers(0, len(HEX), len(squares))]
    tests = np.isin(ends, TEST_DIGITS)
    validates = np.isin(ends, VALIDATION_DIGITS)
    return squares.take(~(validates | tests)), HeldOut(squares.take(validates), squares.take(tests))


def compare(name: str, labels: Sequence[str], y: Classes, before: Answers, after: Answers) -> KnownLabelsDecline:
    """Compare the answers (n, K + 1) before and (n, K + 2) after to squares of the known classes ``y`` (n,)."""
    was, now = before[:, :-1].argmax(1) == y, after[:, :-1].argmax(1) == y
    told, still = was & (before[:, -1] < REJECTION_THRESHOLD), now & (after[:, -1] < REJECTION_THRESHOLD)
    lost = {int(place): 100 * float(was[y == place].mean() - now[y == place].mean()) for place in np.unique(y)}
    worst = max(lost, key=lambda place: lost[place])
    return KnownLabelsDecline(
        name, 100 * float(was.mean() - now.mean()), 100 * float(told.mean() - still.mean()), labels[worst], lost[worst]
    )
