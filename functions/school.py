"""Where a worker finds teachers. TensorFlow is loaded when the first one is asked for, not before."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from functions.answer import LEARNERS
from functions.learn import Teaches
from functions.learners.seeds import load_seeds
from functions.symbols import SymbolSet

if TYPE_CHECKING:
    from functions.learners.teacher import Teacher


class School(Protocol):
    """Has teachers for symbol sets."""

    def teachers(self, symbols: SymbolSet) -> Mapping[str, Teaches]:
        """Return the teachers of a set, by learner."""

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Get ready for the first lesson of a set, unless told to stop."""


class ShippedSchool:
    """Teachers who rehearse and judge with the squares that ship in ``models/``. For one thread."""

    def __init__(self, models: Path) -> None:
        self._models = models
        self._hired: dict[SymbolSet, dict[str, Teacher]] = {}

    def teachers(self, symbols: SymbolSet) -> Mapping[str, Teaches]:
        """Return the teachers of a set; the same ones every time, so that they stay warm.

        Raises:
            BadSettings: the squares of the set are missing or changed.
        """
        return self._teachers(symbols)

    def warm_up(self, symbols: SymbolSet, stop: threading.Event) -> None:
        """Compile what the first lesson of a set needs, unless told to stop."""
        for teacher in self._teachers(symbols).values():
            if not stop.is_set():
                teacher.warm_up()

    def _teachers(self, symbols: SymbolSet) -> dict[str, Teacher]:
        if symbols not in self._hired:
            shipped = load_seeds(self._models, symbols.name)
            rehearsal, holdout = shipped.rehearsal(), shipped.holdout()
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it greets at length otherwise
            from functions.learners.teacher import Teacher

            self._hired[symbols] = {name: Teacher(name, symbols.labels, rehearsal, holdout) for name in LEARNERS}
        return self._hired[symbols]
