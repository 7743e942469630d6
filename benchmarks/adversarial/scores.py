"""Where a version stands on the hidden test, what it lost beside another, and that the test is hidden. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares import Pixels, Squares

VISITORS = slice(12, 24)  # writers 13 to 24: neither trained on nor rehearsed nor held out
JUDGES = slice(24, 30)  # writers 25 to 30: the same, and never at play


@dataclass(frozen=True)
class Loss:
    """Points lost in all, of the worst label's recall and which label that is, on the tablet alone; digits more refused."""

    right: float
    recall: float
    label: str
    tablet: float
    refused: float


@dataclass(frozen=True)
class Standing:
    """How good a version is on the hidden test, all in percent."""

    right: float  # the most probable label is the true one
    recalls: tuple[float, ...]  # of each label
    tablet: float  # right, on the tablet's drawings alone
    refused: float  # digits told to be no symbols

    def below(self, other: Standing) -> Loss:
        """Return what this version lost beside another; gains are negative."""
        recalls = [was - now for was, now in zip(other.recalls, self.recalls, strict=True)]
        worst = int(np.argmax(recalls))
        return Loss(
            other.right - self.right, recalls[worst], DIGITS[worst], other.tablet - self.tablet, self.refused - other.refused
        )


def standing(said: Evaluation, forms: int) -> Standing:
    """Return where a version stands, from its answers; the first ``forms`` squares are not the tablet's."""
    right = said.given == said.y
    recalls = tuple(100 * float(right[said.y == label].mean()) for label in range(len(said.labels)))
    return Standing(100 * float(right.mean()), recalls, 100 * float(right[forms:].mean()), 100 * float(said.rejected.mean()))


def hidden(test: Squares, *seen: Pixels) -> Squares:
    """Return ``test`` if none of its squares is among those that are ``seen`` (n, 28, 28), pixel by pixel.

    Raises:
        ValueError: some are.
    """
    known = {square.tobytes() for pixels in seen for square in pixels}
    found = sum(square.tobytes() in known for square in test.x)
    if found:
        raise ValueError(f"{found} of {len(test)} squares of the hidden test are rehearsed, judge at the gate, or play.")
    return test
