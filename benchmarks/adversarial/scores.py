"""Score a version by its answers to the hidden test, and compare two scores. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.evaluation.metrics import Evaluation
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares import Pixels, Squares

VISITING_WRITERS = slice(12, 24)  # writers 13 to 24: not in the training, replay or hold-out set
TEST_WRITERS = slice(24, 30)  # writers 25 to 30: the same, and no visitors


@dataclass(frozen=True)
class Decline:
    """Losses in points: accuracy, recall of the worst ``label``, accuracy on the tablet, and digits newly rejected."""

    right: float
    recall: float
    label: str
    tablet: float
    rejected: float


@dataclass(frozen=True)
class Scores:
    """A version's results on the hidden test, in percent."""

    right: float  # the most probable label is the true one
    recalls: tuple[float, ...]  # of each label
    tablet: float  # right, on the tablet's drawings alone
    rejected: float  # digits that are rejected as "not a symbol"

    def decline_from(self, other: Scores) -> Decline:
        """Return the losses against another version; gains are negative."""
        recalls = [was - now for was, now in zip(other.recalls, self.recalls, strict=True)]
        worst = int(np.argmax(recalls))
        return Decline(
            other.right - self.right, recalls[worst], DIGITS[worst], other.tablet - self.tablet, self.rejected - other.rejected
        )


def score(evaluation: Evaluation, forms: int) -> Scores:
    """Return a version's scores from its answers; the first ``forms`` squares are not from the tablet."""
    right = evaluation.given == evaluation.y
    recalls = tuple(100 * float(right[evaluation.y == label].mean()) for label in range(len(evaluation.labels)))
    return Scores(100 * float(right.mean()), recalls, 100 * float(right[forms:].mean()), 100 * float(evaluation.rejected.mean()))


def require_unseen(test: Squares, *seen: Pixels) -> Squares:
    """Return ``test`` if none of its squares is among the ``seen`` squares (n, 28, 28), pixel by pixel.

    Raises:
        ValueError: some are.
    """
    known = {square.tobytes() for pixels in seen for square in pixels}
    found = sum(square.tobytes() in known for square in test.x)
    if found:
        raise ValueError(
            f"{found} of {len(test)} squares of the hidden test are in the replay or hold-out set, or are visitors' drawings."
        )
    return test
