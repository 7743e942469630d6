"""This process's live networks. LiteRT only: a web process never loads TensorFlow."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.answer import LEARNERS, Learner, ModelPrediction, Role, model_prediction
from functions.domain.drawing.ink import Square
from functions.domain.symbols import SymbolSet
from functions.errors import NothingLearned, Situation, Unavailable, UnknownSet
from functions.learners.litert import OpenNetwork, checked_network, infer_square_and_embedding, open_network
from functions.records.changes import Writes
from functions.records.database import Database
from functions.records.tables import Version
from functions.serving.embedding_output import with_embedding

log = logging.getLogger(__name__)

LOOK = 0.25  # seconds between two checks for a newer activation: with the loading, a new version answers within a second
RETRY = 5.0  # seconds until a version that could not be loaded is tried again; the older version answers meanwhile

Place = tuple[Learner, Role]


@dataclass(frozen=True)
class Network:
    """One version's network as bytes, with its embedding as an output if it has one, and the labels of its outputs.

    The output after the labels is the rejection probability.
    """

    version: str
    labels: tuple[str, ...]
    tflite: bytes = field(repr=False)


@dataclass(frozen=True)
class LiveSet:
    """The live networks of one symbol set; it answers if each of its ``places``, at least one, has a network."""

    symbols: SymbolSet
    places: int
    networks: Mapping[Place, Network]

    @property
    def complete(self) -> bool:
        """Whether all live versions are loaded; a set without versions needs none."""
        return len(self.networks) == self.places


@dataclass(frozen=True)
class Live:
    """All live networks of this process; replaced as a whole, never changed."""

    activation: int
    sets: Mapping[str, LiveSet]
    missing: tuple[str, ...] = ()  # sentences about live versions that cannot be loaded

    @property
    def complete(self) -> bool:
        """Whether every set has its networks."""
        return all(live.complete for live in self.sets.values())

    @property
    def symbols(self) -> frozenset[SymbolSet]:
        """The symbol sets at the time of loading."""
        return frozenset(live.symbols for live in self.sets.values())

    def versions(self) -> set[str]:
        """Return the ids of the loaded versions."""
        return {network.version for live in self.sets.values() for network in live.networks.values()}


NOTHING = Live(-1, MappingProxyType({}))


class LiveModels:
    """Answers with the live networks, and replaces them between two requests when other versions are activated."""

    def __init__(self, database: Database, artefacts: registry.Artefacts) -> None:
        self._database = database
        self._artefacts = artefacts
        self._live = NOTHING
        self._retry_at = 0.0
        self._refreshing = threading.Lock()
        self._watching: int | None = None  # the id of the process whose watch thread runs
        self._of_thread = _ThreadInterpreters()

    def ask(self, set_name: str, square: Square) -> tuple[ModelPrediction, ...]:
        """Return the predictions (of each learner, original and learned) on ``square`` (28, 28), the three best labels of each.

        Raises:
            UnknownSet: there is no such symbol set.
            NothingLearned: it has no versions yet.
            Unavailable: its networks are not loaded.
        """
        if self._watching not in (None, os.getpid()):
            self.watch()  # threads do not survive a fork
        if self._live is NOTHING:
            self.refresh()
        live = self._live  # read once: all four answers come from the same state
        answering = _named(live, set_name)
        if not answering.places:
            raise NothingLearned(f"Nothing was learned about {set_name!r} yet: its networks are made once enough was drawn.")
        if not answering.complete:
            raise Unavailable("The networks of this symbol set are not loaded yet; try again in a moment.")
        seen: dict[str, tuple[NDArray[np.float32], NDArray[np.float32] | None]] = {}
        predictions = []
        for (learner, role), network in answering.networks.items():
            if network.version not in seen:
                seen[network.version] = infer_square_and_embedding(self._interpreter(live, network), square)
            outputs, embedded = seen[network.version]
            predictions.append(model_prediction(learner, role, network.version, outputs, network.labels, embedded))
        return tuple(predictions)

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
        interpreter = self._interpreter(live, found[0])
        shown = [row for _, row in (infer_square_and_embedding(interpreter, square) for square in squares) if row is not None]
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
        reasons = []
        try:
            with self._database.reading() as session:
                registry.latest_activation(session)
        except SQLAlchemyError:
            reasons.append("The database does not answer.")
        live = self._live
        if not live.sets:
            reasons.append("No networks are loaded yet.")
        elif not live.complete:
            reasons += live.missing
        return reasons

    def missing(self) -> tuple[str, ...]:
        """Return sentences about the live versions that this process could not load."""
        return self._live.missing

    def refresh(self) -> bool:
        """Load newer activations and new or changed symbol sets; return whether there were any.

        If a version cannot be loaded, the version before it stays.

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
            live = self._load(newest, wanted)
            self._retry_at = time.monotonic() + RETRY
            self._live = live  # one assignment: a request sees either the old state or the new state
            return True

    def watch(self) -> None:
        """Refresh four times a second in the background; a second call does nothing, except after a fork."""
        if self._watching == os.getpid():
            return
        self._watching = os.getpid()
        self._refreshing = threading.Lock()  # a fork may have copied it locked
        threading.Thread(target=self._watch, name="runtime", daemon=True).start()

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

    def _load(self, newest: int, wanted: Mapping[SymbolSet, Mapping[Place, Version]]) -> Live:
        sets: dict[str, LiveSet] = {}
        missing: list[str] = []
        for symbols, versions in wanted.items():
            before = self._live.sets.get(symbols.name, LiveSet(symbols, 0, {}))
            networks: dict[Place, Network] = {}
            for place, version in versions.items():
                loaded = {network.version: network for network in (*before.networks.values(), *networks.values())}
                try:
                    networks[place] = loaded.get(version.id) or self._open(version)
                except (Situation, ValueError, RuntimeError) as error:
                    log.error("Version %s cannot be loaded: %s", version.id, error)
                    missing.append(f"Version {version.id} cannot be loaded.")
                    if place in before.networks:
                        networks[place] = before.networks[place]
            sets[symbols.name] = LiveSet(symbols, len(versions), MappingProxyType(networks))
        return Live(newest, MappingProxyType(sets), tuple(dict.fromkeys(missing)))

    def _open(self, version: Version) -> Network:
        tflite, labels = self._artefacts.read(version, "tflite"), tuple(version.labels)
        try:
            return Network(version.id, labels, checked_network(with_embedding(tflite), len(labels)))
        except (ValueError, RuntimeError):  # the published file may still answer, without adaptation to visitors
            return Network(version.id, labels, checked_network(tflite, len(labels)))

    def _interpreter(self, live: Live, network: Network) -> OpenNetwork:
        """Return this thread's interpreter of a version; interpreters cannot be shared between threads."""
        own = self._of_thread
        if own.live is not live:
            answering = live.versions()
            own.interpreters = {name: kept for name, kept in own.interpreters.items() if name in answering}
            own.live = live
        if network.version not in own.interpreters:
            own.interpreters[network.version] = open_network(network.tflite)
        return own.interpreters[network.version]


class _ThreadInterpreters(threading.local):
    """One thread's interpreters, by version."""

    def __init__(self) -> None:
        self.live: Live = NOTHING
        self.interpreters: dict[str, OpenNetwork] = {}


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
