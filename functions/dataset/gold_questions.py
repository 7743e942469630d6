"""Gold questions: drawings of the shipped hold-out, whose labels are certain, to measure how reliably a contributor labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.errors import BadSettings, NotFound
from functions.learners.squares import Squares
from functions.learners.squares.shipped import load_shipped

SCALE = 10  # 28 x 28 pixels become the 280 x 280 of a drawing


@dataclass(frozen=True)
class GoldQuestion:
    """A drawing as ink (280, 280), 0 ink .. 255 paper, and its label."""

    ink: NDArray[np.uint8]
    label: str


def gold_question(models: Path, set_name: str, number: int) -> GoldQuestion:
    """Return the gold question of a ``number``, always the same one; raise NotFound if nothing ships for the set.

    No version learns from the hold-out, so the answers measure the contributor and not the networks.
    """
    labels, squares = _shipped(models, set_name)
    if not len(squares):
        raise NotFound(f"There are no gold questions of {set_name!r}.")
    place = number % len(squares)
    ink = np.kron(255 - squares.x[place], np.ones((SCALE, SCALE), np.uint8))
    return GoldQuestion(ink, labels[int(squares.y[place])])


@lru_cache(maxsize=8)  # sets; a hold-out has a few megabytes, and never changes while a process runs
def _shipped(models: Path, set_name: str) -> tuple[tuple[str, ...], Squares]:
    try:
        seeds = load_shipped(models, set_name)
        squares = seeds.holdout()
    except (BadSettings, KeyError):  # nothing ships for an owner's set
        raise NotFound(f"There are no gold questions of {set_name!r}.") from None
    return seeds.labels, squares.take(squares.y < len(seeds.labels))
