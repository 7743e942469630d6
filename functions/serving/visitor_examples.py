"""Adapt answers to a visitor, by the embeddings of the visitor's own labelled drawings (examples).

Embeddings are not stored. Each process computes the embeddings that it needs and caches them for a minute. The list of drawings
is read from the database at each prediction, so that a correction or a withdrawal in another process has effect at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session

from functions.domain import personalisation
from functions.domain.answer import ModelPrediction
from functions.domain.drawing import Square
from functions.domain.personalisation import Example
from functions.records.database import Database
from functions.records.visitor_examples import OwnSample, own_samples, squares_of

log = logging.getLogger(__name__)

NEWEST = 60  # a visitor's newest drawings: both networks embed them within 20 ms
VISITORS_KEPT = 100  # visitors in one process: 10 MB at most
READERS = 2  # threads of a process that read drawings at once: a database that has stopped must not hold all of them
MOMENT = 0.2  # seconds that another thread waits for them: a read takes some milliseconds
UNUSED = 60.0  # seconds; withdrawn drawings must not stay in a process that the visitor no longer uses


class Embeds(Protocol):
    """The part of the live models that visitors' examples need."""

    def embeddings(self, set_name: str, version: str, squares: Sequence[Square]) -> NDArray[np.float32] | None:
        """Return the embeddings (n, d) of squares by a live version, or None."""


@dataclass(frozen=True)
class _CachedExamples:
    """A visitor's examples at the latest prediction: ``own`` by version, from ``samples``."""

    samples: tuple[OwnSample, ...]
    own: Mapping[str, Example]


class VisitorExamplesCache:
    """The visitors' examples in this process; threads share the cache."""

    def __init__(self, most: int = VISITORS_KEPT, unused: float = UNUSED) -> None:
        self._most, self._unused = most, unused
        # In the order of the last use, with its time.
        self._known: OrderedDict[tuple[str, str], tuple[float, _CachedExamples]] = OrderedDict()
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(READERS)

    def __len__(self) -> int:
        """Return the number of visitors' examples."""
        return len(self._known)

    def of(self, database: Database, networks: Embeds, contributor: str) -> VisitorExamples:
        """Return a contributor's examples; they are read when they are used."""
        return VisitorExamples(self, database, networks, contributor)

    @contextmanager
    def reading(self, database: Database) -> Iterator[Session]:
        """Open a transaction that reads; raise TimeoutError if earlier readers do not come to their end."""
        if not self._places.acquire(timeout=MOMENT):
            raise TimeoutError("Others wait for the database.")
        try:
            with database.reading() as session:
                yield session
        finally:
            self._places.release()

    def find(self, whose: tuple[str, str]) -> _CachedExamples | None:
        """Return the cached examples of a contributor in a set."""
        with self._lock:
            return self._known[whose][1] if whose in self._known else None

    def keep(self, whose: tuple[str, str], known: _CachedExamples | None) -> None:
        """Cache these examples, or none, and drop examples that were not used for long."""
        with self._lock:
            self._known.pop(whose, None)
            if known is not None:
                self._known[whose] = time.monotonic(), known
            while len(self._known) > self._most or self._oldest() < time.monotonic() - self._unused:
                self._known.popitem(last=False)

    def _oldest(self) -> float:
        return next((used for used, _ in self._known.values()), inf)


@dataclass(frozen=True)
class VisitorExamples:
    """One contributor's examples."""

    cache: VisitorExamplesCache
    database: Database
    networks: Embeds
    contributor: str

    def adapt(
        self, set_name: str, model_predictions: tuple[ModelPrediction, ...], confusable: Sequence[Sequence[str]] = ()
    ) -> tuple[ModelPrediction, ...]:
        """Return the predictions of the learned versions adapted to these examples; see ``personalisation.adapt``.

        They are unchanged if no example resembles the drawing, or if the database cannot be read.
        """
        versions = {one.version for one in model_predictions if one.role == "learned" and one.embedding is not None}
        if not versions:
            return model_predictions
        try:
            own = self._own(set_name, versions)
        except SQLAlchemyError as error:
            log.warning("Answered without the visitor's own drawings: %s", type(error).__name__)
            return model_predictions
        return personalisation.adapt(model_predictions, own, confusable)

    def _own(self, set_name: str, versions: Collection[str]) -> Mapping[str, Example]:
        whose = self.contributor, set_name
        with self.cache.reading(self.database) as session:
            samples = own_samples(session, set_name, self.contributor, NEWEST)
        if not samples:
            self.cache.keep(whose, None)
            return {}
        known = self.cache.find(whose)
        if known is None or known.samples != samples or known.own.keys() != versions:
            known = _CachedExamples(samples, self._embedded(set_name, samples, versions, known))
        self.cache.keep(whose, known)
        return known.own

    def _embedded(
        self, set_name: str, samples: tuple[OwnSample, ...], versions: Collection[str], known: _CachedExamples | None
    ) -> dict[str, Example]:
        """Return the examples by version; only drawings that a version has not embedded yet are embedded."""
        before = {version: _by_sample(known, version) for version in versions}
        new = [one for one in samples if any(one.id not in seen for seen in before.values())]
        squares: dict[str, Square] = {}
        if new:
            with self.cache.reading(self.database) as session:
                squares = squares_of(session, new)
        own = {}
        for version, seen in before.items():
            missing = [one.id for one in samples if one.id not in seen and one.id in squares]
            rows = self.networks.embeddings(set_name, version, [squares[one] for one in missing]) if missing else None
            keys = seen | (dict(zip(missing, rows, strict=True)) if rows is not None else {})
            there = [one for one in samples if one.id in keys]
            if there:
                own[version] = Example(np.stack([keys[one.id] for one in there]), tuple(one.label for one in there))
        return own


def _by_sample(known: _CachedExamples | None, version: str) -> dict[str, NDArray[np.float32]]:
    if known is None or version not in known.own or len(known.own[version].labels) != len(known.samples):
        return {}
    return dict(zip((one.id for one in known.samples), known.own[version].keys, strict=True))
