"""Where a worker gets its trainers. TensorFlow is loaded with the first trainer, not before."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from functions.domain.answer import LEARNERS
from functions.domain.symbols import SymbolSet
from functions.learners.continual.protocol import LearnerTrainer
from functions.learners.squares import Squares, no_squares
from functions.learners.squares.shipped import load_shipped, shipped_sets
from functions.training.lanes import QUICK, Lane
from functions.training.plan import FOUNDATIONS

if TYPE_CHECKING:
    from functions.learners.continual.fine_tuner import ContinualTrainer
    from functions.learners.continual.logit_cache import LogitCache

NEGATIVES = 400  # squares of negatives for a set that ships none: more would outweigh the few hundred squares of its own


class TrainerPool(Protocol):
    """Has trainers for symbol sets."""

    def trainers(self, symbols: SymbolSet, lane: Lane = QUICK) -> Mapping[str, LearnerTrainer]:
        """Return the trainers of a set, by learner. Each lane has its own: a quick run may begin during a full run."""

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Prepare the first quick run of a set, unless ``stop`` is set."""


class ShippedTrainerPool:
    """Trainers with the rehearsal and hold-out squares that ship in ``models/``. For one thread.

    No squares ship for a set of the owner's. It gets the negatives of a shipped set, but no other squares: a Latin A is not a
    negative for a set that has a Cyrillic one.
    """

    def __init__(self, models: Path) -> None:
        self._models = models
        self._trainers: dict[tuple[str, Lane], dict[str, ContinualTrainer]] = {}
        self._cache: LogitCache | None = None

    def trainers(self, symbols: SymbolSet, lane: Lane = QUICK) -> Mapping[str, LearnerTrainer]:
        """Return the trainers of a set; the same objects every time, with their compiled networks.

        Raises:
            BadSettings: the squares of the set are missing or changed.
        """
        return self._opened(symbols, lane)

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Compile the networks for the first quick run of a set, unless ``stop`` is set."""
        for trainer in self._opened(symbols, QUICK).values():
            if not stop.is_set():
                trainer.warm_up()

    def _opened(self, symbols: SymbolSet, lane: Lane) -> dict[str, ContinualTrainer]:
        key = symbols.name, lane
        if key not in self._trainers:
            labels, rehearsal, holdout = self._squares(symbols.name)
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # hides the many lines that TensorFlow logs when it is loaded
            from functions.learners.continual.fine_tuner import ContinualTrainer
            from functions.learners.continual.logit_cache import LogitCache

            self._cache = self._cache or LogitCache()
            self._trainers[key] = {
                name: ContinualTrainer(name, labels, rehearsal, holdout, confusable=symbols.confusable, cache=self._cache)
                for name in LEARNERS
            }
        return self._trainers[key]

    def _squares(self, set_name: str) -> tuple[tuple[str, ...], Squares, Squares]:
        """Return the labels that ship for a set, its rehearsal squares, and its hold-out."""
        shipped = shipped_sets(self._models)
        if set_name in shipped:
            seeds = load_shipped(self._models, set_name)
            return seeds.labels, seeds.rehearsal(), seeds.holdout()
        foundation = next((name for name in FOUNDATIONS if name in shipped), None)
        if foundation is None:
            return (), no_squares(), no_squares()
        seeds = load_shipped(self._models, foundation)
        return (), _negatives(seeds.rehearsal(), len(seeds.labels)), _negatives(seeds.holdout(), len(seeds.labels))


def _negatives(squares: Squares, none: int) -> Squares:
    """Return at most ``NEGATIVES`` of the squares of class ``none``, spread over all of them, as class 0."""
    found = np.flatnonzero(squares.y == none)
    found = found[:: max(1, -(-len(found) // NEGATIVES))]
    return Squares(squares.x[found], np.zeros(len(found), np.int64))
