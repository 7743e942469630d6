"""How samples of a new label are divided, and what the labels known before have lost. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.domain.answer import REJECTED
from functions.learners.calibration import Answers
from functions.learners.squares import Classes, Squares
from functions.learners.squares.sampling import HeldOut
from functions.records.training_samples import CHOOSE, JUDGE

HEX = "0123456789abcdef"  # what ids end in


@dataclass(frozen=True)
class Judged:
    """What the labels known before have lost on one collection, in points: in all, as answered, and the one that lost most."""

    name: str
    lost: float
    refused: float  # with "not a symbol" counted as wrong
    worst: str
    worst_lost: float

    def __str__(self) -> str:
        return f"{self.name} {self.lost:+.2f} ({self.refused:+.2f} as answered; {self.worst} {self.worst_lost:+.2f})"


def divide(squares: Squares, place: int, rng: np.random.Generator) -> tuple[Squares, HeldOut]:
    """Divide samples of a new label with the class ``place`` as a platform does: (those that teach, those kept apart)."""
    squares = Squares(squares.x, np.full(len(squares), place, np.int64))
    ends = np.array(list(HEX))[rng.integers(0, len(HEX), len(squares))]
    chooses, judges = np.isin(ends, JUDGE + CHOOSE) & ~np.isin(ends, JUDGE), np.isin(ends, JUDGE)
    return squares.take(~(chooses | judges)), HeldOut(squares.take(chooses), squares.take(judges))


def compared(name: str, labels: Sequence[str], y: Classes, before: Answers, after: Answers) -> Judged:
    """Say what answers (n, K + 1) before and (n, K + 2) after have lost about squares of classes ``y`` (n,), all known before."""
    was, now = before[:, :-1].argmax(1) == y, after[:, :-1].argmax(1) == y
    told, still = was & (before[:, -1] < REJECTED), now & (after[:, -1] < REJECTED)
    lost = {int(place): 100 * float(was[y == place].mean() - now[y == place].mean()) for place in np.unique(y)}
    worst = max(lost, key=lambda place: lost[place])
    return Judged(name, 100 * float(was.mean() - now.mean()), 100 * float(told.mean() - still.mean()), labels[worst], lost[worst])
