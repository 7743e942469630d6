"""This process's live networks. LiteRT only: a web process never loads TensorFlow."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS, Learner, ModelPrediction, model_prediction
from functions.domain.drawing.ink import Square
from functions.domain.problem import Problem
from functions.errors import NothingLearned, Unavailable, UnknownSet
from functions.learners.litert import infer_square, infer_square_and_embedding
from functions.records.changes import Writes
from functions.records.database import Database
from functions.records.tables import Version
from functions.serving.interpreters import Interpreters
from functions.serving.live_state import NOTHING, Live, LiveSet, Place
from functions.serving.load_live import Loader
from functions.store.outage_log import OutageLog

log = logging.getLogger(__name__)

LOOK = 0.25  # seconds between two checks for a newer activation: with the loading, a new version answers within a second
RETRY = 5.0  # seconds until a version that could not be loaded is tried again; another version answers meanwhile


@dataclass(frozen=True)
class LentNetwork:
    """A network for the time of a request: called with a square (28, 28), it gives its outputs (labels + 1,)."""

    learner: Learner
    version: str
    labels: tuple[str, ...]
    outputs: Callable[[Square], NDArray[np.float32]]

    def __call__(self, square: Square) -> NDArray[np.float32]:
        """Return the probability of each label, then the rejection probability."""
        return self.outputs(square)


class LiveModels:
    """Answers with the live networks, and replaces them between two requests when other versions are activated."""

    def __init__(self, database: Database, artefacts: registry.Artefacts) -> None:
        self._database = database
        self._loader = Loader(database, artefacts, OutageLog(log))
        self._live = NOTHING
        self._retry_at = 0.0
        self._refreshing = threading.Lock()
        self._watching: int | None = None  # the id of the process whose watch thread runs
        self._interpreters = Interpreters()

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Return the predictions (of each learner, original and learned) on ``square`` (28, 28), the three best labels of each.

        Where a live version cannot be loaded, the newest version that can be answers, and its prediction says so.

        Raises:
            UnknownSet: there is no such symbol set.
            NothingLearned: it has no versions yet.
            Unavailable: its networks are not loaded.
        """
        answering = self._complete(set_name)  # read once: all four answers come from the same state
        seen: dict[str, tuple[NDArray[np.float32], NDArray[np.float32] | None]] = {}
        predictions = []
        for (learner, role), network in answering.networks.items():
            if network.version not in seen:
                with self._interpreters.interpreter(network.version, network.tflite) as interpreter:
                    seen[network.version] = infer_square_and_embedding(interpreter, square)
            outputs, embedded = seen[network.version]
            prediction = model_prediction(learner, role, network.version, outputs, network.labels, embedded)
            predictions.append(replace(prediction, instead_of=answering.instead_of.get((learner, role))))
        return tuple(predictions)

    @contextmanager
    def cnn(self, set_name: str) -> Iterator[LentNetwork]:
        """Lend the learned CNN of a set, or the only network that has learned.

        The probabilities of labels that look alike are added up: that it may be an O or a 0 makes no drawing less of a symbol.

        Raises: what ``ask`` raises.
        """
        answering = self._complete(set_name)
        place: Place = ("cnn", "learned")
        if place not in answering.networks:
            place = next(iter(answering.networks))
        network = answering.networks[place]
        alike = [[network.labels.index(one) for one in group if one in network.labels] for group in answering.symbols.confusable]

        def outputs(square: Square) -> NDArray[np.float32]:
            found = infer_square(interpreter, square).copy()
            for group in alike:
                found[group] = found[group].sum()
            return found

        with self._interpreters.interpreter(network.version, network.tflite) as interpreter:
            yield LentNetwork(place[0], network.version, network.labels, outputs)

    def embeddings(self, set_name: str, version: str, squares: Sequence[Square]) -> NDArray[np.float32] | None:
        """Return the embeddings (n, d) of ``squares`` by a live version.

        None if the version is not live in this process, or its network has no embedding output.

        Raises:
            UnknownSet: there is no such symbol set.
        """
        live = self._live
        found = [one for one in _named(live, set_name).networks.values() if one.version == version]
        if not found:
            return None
        with self._interpreters.interpreter(version, found[0].tflite) as interpreter:
            rows = [infer_square_and_embedding(interpreter, square)[1] for square in squares]
        shown = [row for row in rows if row is not None]
        return np.stack(shown) if shown else None

    def knows(self, set_name: str) -> bool:
        """Tell whether this process has noticed the set; the database may have one that is newer than a moment."""
        return set_name in self._live.sets

    def confusable(self, set_name: str) -> tuple[tuple[str, ...], ...]:
        """Return the groups of labels that look alike; raise UnknownSet if there is no such symbol set."""
        return _named(self._live, set_name).symbols.confusable

    def ready(self) -> list[str]:
        """Return sentences with the reasons why this process cannot serve; empty if it can.

        A version that cannot be loaded is no reason while an older version answers; see ``missing``.
        """
        reasons: list[str] = []
        try:
            with self._database.reading() as session:
                registry.latest_activation(session)
        except SQLAlchemyError:
            reasons.append(Problem("database_silent"))
        live = self._live
        if not live.sets:
            reasons.append(Problem("networks_loading"))
        elif not live.complete:
            reasons += live.missing
        return reasons

    def missing(self) -> tuple[str, ...]:
        """Return sentences about the live versions that this process could not load."""
        return self._live.missing

    def substitutes(self) -> tuple[str, ...]:
        """Return sentences about the versions that answer instead of live ones."""
        return self._live.substitutes

    def refresh(self) -> bool:
        """Load newer activations and new or changed symbol sets; return whether there were any.

        If a version cannot be loaded, the version before it stays, or else the newest version that can be loaded answers.

        Raises:
            SQLAlchemyError: the database cannot be read; nothing is replaced.
        """
        with self._refreshing:
            with self._database.reading() as session:
                newest = registry.latest_activation(session)
                sets = registry.symbol_sets(session)  # some short rows
                again = bool(self._live.missing) and time.monotonic() >= self._retry_at
                if newest == self._live.activation and frozenset(sets) == self._live.symbols and not again:
                    return False
                wanted = {symbols: _answering(session, symbols.name) for symbols in sets}
            # After the transaction, which must not stay open while a store is slow.
            live = self._loader.load(newest, wanted, self._live)
            self._retry_at = time.monotonic() + RETRY
            self._live = live  # one assignment: a request sees either the old state or the new state
            self._interpreters.keep(live.versions())
            return True

    def watch(self) -> None:
        """Refresh four times a second in the background; a second call does nothing, except after a fork."""
        if self._watching == os.getpid():
            return
        self._watching = os.getpid()
        self._refreshing = threading.Lock()  # a fork may have copied it locked
        threading.Thread(target=self._watch, name="runtime", daemon=True).start()

    def _complete(self, set_name: str) -> LiveSet:
        if self._watching not in (None, os.getpid()):
            self.watch()  # threads do not survive a fork
        if self._live is NOTHING:
            self.refresh()
        answering = _named(self._live, set_name)
        if not answering.places:
            raise NothingLearned(f"Nothing was learned about {set_name!r} yet: its networks are made once enough was drawn.")
        if not answering.complete:
            raise Unavailable("The networks of this symbol set are not loaded yet; try again in a moment.")
        return answering

    def _watch(self) -> None:
        logged = ""
        writes = Writes(self._database)
        while True:
            try:
                if writes.any() or self._live.missing:
                    self.refresh()
                logged = ""
            except Exception as error:  # no error of the database or the store may end the thread
                if logged != repr(error):
                    log.warning("The live networks cannot be refreshed: %s", type(error).__name__, exc_info=error)
                logged = repr(error)
                writes.close()
                writes = Writes(self._database)
            time.sleep(LOOK)


def _named(live: Live, set_name: str) -> LiveSet:
    if set_name not in live.sets:
        raise UnknownSet(f"There is no symbol set called {set_name!r}.")
    return live.sets[set_name]


def _answering(session: Session, set_name: str) -> dict[Place, Version]:
    originals, learned = registry.original(session, set_name), registry.live(session, set_name)
    versions: dict[Place, Version] = {}
    for learner in LEARNERS:
        if learner in originals and learner in learned:
            versions[learner, "original"] = originals[learner]
            versions[learner, "learned"] = learned[learner]
    return versions
