"""Count an answer among confusable labels as half-decided. Pure.

A symbol set declares groups of labels that a drawing alone may not tell apart, such as 0 and O. Whoever draws a circle means one
of the two, and no network can know which. An answer therefore earns a *credit*: 1 if it is the true label, 1/2 if it is another
label of the true label's group, 0 otherwise. The credit is the expected result of a fair coin among the readings of a pair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from functions.learners.squares import Classes

HALF = 0.5  # credit of an answer with a confusable label

LabelGroups = Sequence[Sequence[str]]  # labels that a drawing alone may not tell apart
Credits = NDArray[np.float64]  # (K + 1, K + 1), the credit of each answer (column) for each true class (row)
Scores = NDArray[np.float64]  # (n,), the credit of each answer


def credits_of(labels: Sequence[str], confusable: LabelGroups) -> Credits:
    """Return the credits (K + 1, K + 1) of the answers; the last class is "not a symbol", which is confusable with nothing.

    >>> credits_of("0OE", [("0", "O", "Q")]).tolist()
    [[1.0, 0.5, 0.0, 0.0], [0.5, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    """
    credit = np.eye(len(labels) + 1)
    for group in confusable:
        places = [labels.index(label) for label in group if label in labels]
        credit[np.ix_(places, places)] = HALF
    np.fill_diagonal(credit, 1.0)
    return credit


def scores(credit: Credits, y: Classes, given: Classes) -> Scores:
    """Return the credit of each answer ``given`` (n,) to squares of classes ``y`` (n,)."""
    return np.asarray(credit[y, given])


def as_one_figure(credit: Credits, y: Classes, given: Classes) -> dict[str, float]:
    """Return the accuracy (0..1) with confusable labels as one, as part of a report; nothing without symbols or such labels.

    The last class of ``credit`` is "not a symbol"; squares of it are not counted.
    """
    symbols = y < len(credit) - 1
    if not symbols.any() or not (credit == HALF).any():
        return {}
    return {"alike_as_one": round(float(right_as_one(credit, y[symbols], given[symbols]).mean()), 5)}


def right_as_one(credit: Credits, y: Classes, given: Classes) -> NDArray[np.bool_]:
    """Tell for each answer (n,) whether it is the true label or one of its group: confusable labels count as one."""
    return np.asarray(credit[y, given] > 0)
