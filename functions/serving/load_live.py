"""Load the live versions of all symbol sets: checked, and where one cannot be loaded, the newest version that can be.

A bucket that is away or stalls must not keep a process from answering: all versions are read at once, and after some seconds the
shipped originals, which are files of the installation, answer instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from types import MappingProxyType

from functions import registry
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.errors import Situation
from functions.learners.litert import checked_network
from functions.records.database import Database
from functions.records.tables import Version
from functions.serving.embedding_output import with_embedding
from functions.serving.live_state import Live, LiveSet, Network, Place
from functions.store.outage_log import OutageLog

PATIENCE = 3.0  # seconds in which the store must give all versions; a healthy bucket takes a tenth of a second
CANDIDATES = 5  # versions tried instead of one that cannot be loaded, before the shipped originals

Wanted = Mapping[SymbolSet, Mapping[Place, Version]]


class Loader:
    """Loads versions; a read that outlasts its load goes on, and the next load takes its result."""

    def __init__(self, database: Database, artefacts: registry.Artefacts, outages: OutageLog) -> None:
        self._database, self._artefacts, self._outages = database, artefacts, outages
        self._reads: dict[str, Future[bytes]] = {}

    def load(self, newest: int, wanted: Wanted, before: Live) -> Live:
        """Return the networks of the ``wanted`` versions, with those that are loaded ``before``.

        Raises:
            SQLAlchemyError: a version cannot be loaded, and the database cannot be asked for others.
        """
        versions = {version.id: version for places in wanted.values() for version in places.values()}
        loaded = {one.version: one for live in before.sets.values() for one in live.networks.values()}
        self._outages.keep({_part(name) for name in versions})
        self._reads = {name: read for name, read in self._reads.items() if name in versions}
        until = time.monotonic() + PATIENCE
        absent = [version for name, version in versions.items() if name not in loaded]
        for version in absent:
            self._begin(version)
        for version in absent:
            if (network := self._finish(version, until)) is not None:
                loaded[version.id] = network
        sets = {
            symbols.name: self._live_set(symbols, places, loaded, before.sets.get(symbols.name), until)
            for symbols, places in wanted.items()
        }
        missing = [Problem("version_unloadable", version=version.id) for version in absent if version.id not in loaded]
        return Live(newest, MappingProxyType(sets), tuple(missing))

    def _live_set(
        self,
        symbols: SymbolSet,
        places: Mapping[Place, Version],
        loaded: dict[str, Network],
        before: LiveSet | None,
        until: float,
    ) -> LiveSet:
        networks: dict[Place, Network] = {}
        instead_of: dict[Place, str] = {}
        for place, version in places.items():
            network = loaded.get(version.id)
            if network is None:
                network = before.networks.get(place) if before is not None else None
                network = network or self._substitute(symbols.name, place, loaded, until)
                if network is None:
                    continue
                instead_of[place] = version.id
            networks[place] = network
        return LiveSet(symbols, len(places), MappingProxyType(networks), MappingProxyType(instead_of))

    def _substitute(self, set_name: str, place: Place, loaded: dict[str, Network], until: float) -> Network | None:
        """Return the newest other version of a learner that can be loaded, the originals first where an original is missing."""
        for version in self._others(set_name, place):
            if version.id not in loaded:
                self._begin(version)
                if (network := self._finish(version, until)) is not None:
                    loaded[version.id] = network
            if version.id in loaded:
                return loaded[version.id]
        return None

    def _others(self, set_name: str, place: Place) -> Iterator[Version]:
        learner, role = place
        with self._database.reading() as session:
            answered = registry.answered(session, set_name, learner, CANDIDATES)
            shipped = registry.shipped(session, set_name, learner)
        yield from {one.id: one for one in ((*shipped, *answered) if role == "original" else (*answered, *shipped))}.values()

    def _begin(self, version: Version) -> None:
        """Read a version in a thread of its own: a bucket may take half a minute to fail."""
        if version.id in self._reads:
            return
        read: Future[bytes] = Future()

        def run() -> None:
            try:
                read.set_result(self._artefacts.read(version, "tflite"))
            except BaseException as error:
                read.set_exception(error)

        self._reads[version.id] = read
        threading.Thread(target=run, name="load", daemon=True).start()

    def _finish(self, version: Version, until: float) -> Network | None:
        """Return the checked network of a version that is read; None if it cannot be loaded, which the log says."""
        read = self._reads[version.id]
        try:
            network = _checked(version, read.result(max(0.0, until - time.monotonic())))
        except TimeoutError:
            self._outages.away(_part(version.id), "The object store does not answer.")
            return None
        except (Situation, ValueError, RuntimeError) as error:
            self._outages.away(_part(version.id), error)
            network = None
        else:
            self._outages.back(_part(version.id))
        self._reads.pop(version.id)
        return network


def _checked(version: Version, tflite: bytes) -> Network:
    labels = tuple(version.labels)
    try:
        return Network(version.id, labels, checked_network(with_embedding(tflite), len(labels)))
    except (ValueError, RuntimeError):  # the published file may still answer, without adaptation to visitors
        return Network(version.id, labels, checked_network(tflite, len(labels)))


def _part(version_id: str) -> str:
    return f"Version {version_id}"
