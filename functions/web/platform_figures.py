"""What the database says about the whole platform, as Prometheus's metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.monitoring import accuracy
from functions.records.database import Database
from functions.records.figures import Figures, figures
from functions.verbs.metrics import MetricsCache

SOONEST = 5.0  # seconds between two counts
SHARE = 20  # the time between two counts, in times that one takes
QUANTILES = (0.5, 0.9, 1.0)
Values = Mapping[Any, float]  # by the values of the labels, a tuple of strings


class PlatformFigures:
    """The figures of the platform, counted now and then: several scrapers cost no more than one."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._kept: list[Metric] = []
        self._next = 0.0

    def of(self, database: Database, metrics: MetricsCache) -> list[Metric]:
        """Return the figures, which may be some seconds old."""
        with self._counting:
            if (begun := time.monotonic()) >= self._next:
                with database.reading() as session:
                    self._kept = [*_of_database(figures(session)), *_of_sets(session, metrics)]
                ended = time.monotonic()
                self._next = ended + max(SOONEST, SHARE * (ended - begun))
            return self._kept


def _of_database(found: Figures) -> Iterator[Metric]:
    yield _gauge("inkloop_outbox_objects", "Objects that wait for the object store.", {(): found.outbox.rows})
    yield _gauge("inkloop_outbox_bytes", "Bytes that wait for the object store.", {(): found.outbox.bytes})
    yield _gauge("inkloop_outbox_age_seconds", "Seconds that the oldest of them has waited.", {(): found.outbox_age})
    yield _gauge("inkloop_samples", "Samples by set and status.", found.samples, "set", "status")
    yield _gauge("inkloop_runs", "Runs by kind and state.", found.runs, "kind", "state")
    seconds = {
        (kind, f"{share:g}"): some[min(len(some) - 1, int(share * len(some)))]
        for kind, some in found.run_seconds.items()
        for share in QUANTILES
        if some
    }
    yield _gauge("inkloop_run_seconds", "Seconds of the newest hundred runs of a kind, by quantile.", seconds, "kind", "quantile")
    about = "Decisions of the gate about the newest five hundred versions, by verdict and reason."
    yield _gauge("inkloop_gate_decisions", about, found.decisions, "set", "learner", "verdict", "reason")


def _of_sets(session: Session, metrics: MetricsCache) -> Iterator[Metric]:
    live: dict[tuple[str, ...], float] = {}
    right: dict[tuple[str, ...], float] = {}
    counts: dict[tuple[str, ...], float] = {}
    for symbols in registry.symbol_sets(session):
        for version in registry.live(session, symbols.name).values():
            live[symbols.name, version.learner, version.id] = 1
        found = accuracy(metrics.of_set(session, symbols.name).recent)
        if (share := found.answer.share) is not None:
            right[symbols.name,] = share
            counts[symbols.name,] = found.answer.count
    yield _gauge("inkloop_live_version", "1 for each version that answers now.", live, "set", "learner", "version")
    yield _gauge("inkloop_live_accuracy", "The share of right answers among the newest that people labelled.", right, "set")
    yield _gauge("inkloop_live_accuracy_answers", "How many labelled answers that share is of.", counts, "set")


def _gauge(name: str, about: str, found: Values, *labels: str) -> Metric:
    family = GaugeMetricFamily(name, about, labels=labels)
    for key, value in sorted(found.items()):
        family.add_metric(key, value)
    return family
