"""Score a version by its answers to the hidden test, and compare two scores. Pure; no keras here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from functions.learners.evaluation.half_decided import LabelGroups, credits_of, scores
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.squares import Pixels, Squares


@dataclass(frozen=True)
class Decline:
    """Losses in points: accuracy, recall of the worst ``label``, accuracy on the tablet, and symbols newly rejected.

    Accuracy and recall count confusable labels as one. ``credit`` is the worst label's loss of credit: an answer with a
    confusable label counts half.
    """

    right: float
    recall: float
    label: str
    tablet: float
    rejected: float
    credit: float = 0.0


@dataclass(frozen=True)
class Scores:
    """A version's results on the hidden test, in percent."""

    labels: tuple[str, ...]
    right: float  # the most probable label is the true one, or confusable with it
    recalls: tuple[float, ...]  # of each label, counted alike
    tablet: float  # right, on the tablet's drawings alone
    rejected: float  # symbols that are rejected as "not a symbol"
    credits: tuple[float, ...]  # of each label, half for a confusable one

    def decline_from(self, other: Scores) -> Decline:
        """Return the losses against another version; gains are negative."""
        recalls = [was - now for was, now in zip(other.recalls, self.recalls, strict=True)]
        worst = int(np.argmax(recalls))
        return Decline(
            other.right - self.right,
            recalls[worst],
            self.labels[worst],
            other.tablet - self.tablet,
            self.rejected - other.rejected,
            max(was - now for was, now in zip(other.credits, self.credits, strict=True)),
        )


def score(evaluation: Evaluation, forms: int, confusable: LabelGroups = ()) -> Scores:
    """Return a version's scores from its answers; the first ``forms`` squares are not from the tablet."""
    credit = scores(credits_of(evaluation.labels, confusable), evaluation.y, evaluation.given)
    right, rejected = credit > 0, evaluation.rejected
    every = range(len(evaluation.labels))
    return Scores(
        evaluation.labels,
        100 * float(right.mean()),
        tuple(100 * float(right[evaluation.y == label].mean()) for label in every),
        100 * float(right[forms:].mean()),
        100 * float(rejected.mean()),
        tuple(100 * float(credit[evaluation.y == label].mean()) for label in every),
    )


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
