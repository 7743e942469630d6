"""Where a worker finds teachers. TensorFlow is loaded when the first one is asked for, not before."""

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
from functions.training.plan import FOUNDATIONS

if TYPE_CHECKING:
    from functions.learners.continual.fine_tuner import ContinualTrainer
    from functions.learners.continual.logit_cache import LogitCache

OTHERS = 400  # squares that are no symbols, for a set that ships none: not so many that its own few hundred are lost among them


class TrainerPool(Protocol):
    """Has teachers for symbol sets."""

    def trainers(self, symbols: SymbolSet) -> Mapping[str, LearnerTrainer]:
        """Return the teachers of a set, by learner."""

    def slow_trainers(self, symbols: SymbolSet) -> Mapping[str, LearnerTrainer]:
        """Return other teachers of a set, in the middle of whose lessons the first ones may be asked to teach."""

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Get ready for the first lesson of a set, unless told to stop."""


class ShippedTrainerPool:
    """Teachers who rehearse and judge with the squares that ship in ``models/``. For one thread.

    For a set of the owner's none ship. What is not a symbol there either is taken from another set, but nothing else: a Latin
    A is no scribble to a set that has a Cyrillic one.
    """

    def __init__(self, models: Path) -> None:
        self._models = models
        self._hired: dict[tuple[str, bool], dict[str, ContinualTrainer]] = {}
        self._recall: LogitCache | None = None

    def trainers(self, symbols: SymbolSet) -> Mapping[str, LearnerTrainer]:
        """Return the teachers of a set; the same ones every time, so that they stay warm.

        Raises:
            BadSettings: the squares of the set are missing or changed.
        """
        return self._teachers(symbols)

    def slow_trainers(self, symbols: SymbolSet) -> Mapping[str, LearnerTrainer]:
        """Return teachers with networks of their own; they are not warmed up, for nobody waits for them.

        Raises:
            BadSettings: the squares of the set are missing or changed.
        """
        return self._teachers(symbols, slow=True)

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Compile what the first lesson of a set needs, unless told to stop."""
        for teacher in self._teachers(symbols).values():
            if not stop.is_set():
                teacher.warm_up()

    def _teachers(self, symbols: SymbolSet, *, slow: bool = False) -> dict[str, ContinualTrainer]:
        key = symbols.name, slow
        if key not in self._hired:
            labels, rehearsal, holdout = self._squares(symbols.name)
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it greets at length otherwise
            from functions.learners.continual.fine_tuner import ContinualTrainer
            from functions.learners.continual.logit_cache import LogitCache

            self._recall = self._recall or LogitCache()
            self._hired[key] = {
                name: ContinualTrainer(name, labels, rehearsal, holdout, confusable=symbols.confusable, recall=self._recall)
                for name in LEARNERS
            }
        return self._hired[key]

    def _squares(self, set_name: str) -> tuple[tuple[str, ...], Squares, Squares]:
        """Return the labels that ship for a set, squares to rehearse, and squares to judge by."""
        shipped = shipped_sets(self._models)
        if set_name in shipped:
            seeds = load_shipped(self._models, set_name)
            return seeds.labels, seeds.rehearsal(), seeds.holdout()
        foundation = next((name for name in FOUNDATIONS if name in shipped), None)
        if foundation is None:
            return (), no_squares(), no_squares()
        seeds = load_shipped(self._models, foundation)
        return (), _no_symbols(seeds.rehearsal(), len(seeds.labels)), _no_symbols(seeds.holdout(), len(seeds.labels))


def _no_symbols(squares: Squares, none: int) -> Squares:
    """Return at most ``OTHERS`` of the squares whose class is ``none``, spread over all of them, with the class 0."""
    found = np.flatnonzero(squares.y == none)
    found = found[:: max(1, -(-len(found) // OTHERS))]
    return Squares(squares.x[found], np.zeros(len(found), np.int64))
