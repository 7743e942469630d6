"""A database with a symbol set, and what verbs need beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from functions.domain.answer import Guess, ModelPrediction
from functions.domain.drawing import Square
from functions.errors import UnknownSet
from functions.records.database import Database
from functions.records.tables import OutboxRow, Run, SymbolSetRow

DIGITS = list("0123456789")


def fill_platform(database: Database) -> None:
    """Give an empty database the set ``digits``."""
    with database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=DIGITS))


def promised(database: Database) -> dict[str, bool]:
    """Return the keys that wait in the outbox; True for an object that is put, False for one that goes."""
    with database.reading() as session:
        return {row.key: row.body is not None for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id))}


def quiet_times(database: Database) -> list[float]:
    """Return the quiet seconds of each run that is queued, the oldest first."""
    with database.reading() as session:
        return list(session.scalars(select(Run.quiet).where(Run.state == "queued").order_by(Run.id)))


class FakeNetworks:
    """Networks that always say 7, perhaps a 1, or reject everything, and remember how often they were asked."""

    def __init__(self, reject: float = 0.0, confusable: tuple[tuple[str, ...], ...] = ()) -> None:
        self.asked = 0
        self.reject, self.groups = reject, confusable

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Answer; only ``digits`` is known."""
        if set_name != "digits":
            raise UnknownSet("There is no such set.")
        self.asked += 1
        return tuple(
            ModelPrediction(
                learner, role, f"digits-{learner}", (Guess("7", 0.9), Guess("1", 0.1)), self.reject, {"7": 0.9, "1": 0.1}
            )
            for learner in ("fnn", "cnn")
            for role in ("original", "learned")
        )

    @contextmanager
    def cnn(self, set_name: str) -> Iterator[Callable[[Square], NDArray[np.float32]]]:
        """Lend the CNN; it knows only ``digits``, and rejects what is wide, such as two ones together."""
        if set_name != "digits":
            raise UnknownSet("There is no such set.")

        def outputs(square: Square) -> NDArray[np.float32]:
            wide = np.count_nonzero((square > 0.5).any(axis=0)) > 8  # of 28 pixels
            return np.array([0, 0.05, 0, 0, 0, 0, 0, 0.95, 0, 0, max(0.99 * wide, self.reject)], np.float32)

        yield outputs

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the groups that were given."""
        return self.groups
