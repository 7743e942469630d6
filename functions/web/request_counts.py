"""Counts the requests of this machine's web processes, for the metrics page.

gunicorn's processes share their counts through files, prometheus-client's multiprocess mode. ``deploy/gunicorn.py`` turns that on
before this module is imported. Any process can then answer for all of them. The counts begin again when the web server starts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from functions.domain.answer import Answer

BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)  # seconds; a request waits 15 at most
NO_VIEW = "none"
PROBE = "health.readyz"  # its 503 is an answer, not a failure
# On a full disk a process cannot make its files of counts, or makes them empty. A request is answered all the same.
NO_ROOM = (OSError, ValueError)
BYTES = 2**20  # of a file of counts; all views, statuses and labels take a third of it
AGAIN = 60.0  # seconds until a process that found no room looks for it again
# One for each process, as prometheus-client has it: counters of one name must be one object.
OWN = CollectorRegistry()
REQUESTS = Counter("inkloop_requests", "Requests that were answered, by view and status.", ("view", "status"), registry=OWN)
SECONDS = Histogram("inkloop_request_seconds", "Seconds of requests, by view.", ("view",), buckets=BUCKETS, registry=OWN)
ANSWERS = Counter(
    "inkloop_answers", "Predictions, by set, status and label of the answer.", ("set", "status", "label"), registry=OWN
)


class Room:
    """Whether a process may count: whether its files of counts have all their blocks on the disk.

    prometheus-client maps sparse files into memory. On a full disk a write to such memory ends the process (SIGBUS). So nothing
    is counted before the files are filled with zeros, which is how that library begins as well.
    """

    def __init__(self) -> None:
        self._files: list[Path] = []
        self._found, self._looks_at, self._lock = True, 0.0, Lock()

    def share(self, folder: Path, process: int) -> None:
        """Count into files of ``folder`` from now on; to be called in each process of a web server."""
        self._files = [folder / f"{kind}_{process}.db" for kind in ("counter", "histogram")]  # as prometheus-client names them
        self._found = False

    def found(self) -> bool:
        """Return whether there is room. A process that found none looks again after a minute."""
        if self._found:
            return True
        with self._lock, suppress(OSError):
            if not self._found and time.monotonic() >= self._looks_at:
                self._looks_at = time.monotonic() + AGAIN
                for file in self._files:
                    _fill(file)
                self._found = True
        return self._found


def _fill(file: Path) -> None:
    if file.exists():  # of an earlier process with this number: prometheus-client counts on
        return
    draft = file.with_suffix(".draft")
    try:
        draft.write_bytes(bytes(BYTES))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


ROOM = Room()


def install(app: Flask) -> None:
    """Count the requests of ``app``; to be installed first, so that the time is that of everything else."""
    seconds: dict[str, Histogram] = {}  # a dictionary is faster than the library's look for labels, which takes a lock
    counts: dict[tuple[str, int], Counter] = {}

    @app.before_request
    def begin() -> None:
        g.counted_from = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        view, status = request.endpoint or NO_VIEW, response.status_code
        if not ROOM.found():
            return response
        with suppress(*NO_ROOM):
            if (view, status) not in counts:
                seconds[view] = SECONDS.labels(view)
                counts[view, status] = REQUESTS.labels(view, str(status))  # last: another thread looks for this one
            counts[view, status].inc()
            seconds[view].observe(time.perf_counter() - g.counted_from)
        return response


def count_answer(set_name: str, answer: Answer) -> None:
    """Count a prediction of a set by its answer. Sets and labels are few, and strangers cannot add any."""
    with suppress(*NO_ROOM):
        if not ROOM.found():
            return
        ANSWERS.labels(set_name, answer.status, answer.label or "").inc()


def counted() -> Iterator[Metric]:
    """Yield the counts of all processes of this web server."""
    if values.ValueClass is values.MutexValue:
        yield from OWN.collect()
    else:
        yield from MultiProcessCollector(CollectorRegistry()).collect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Failures:
    """Answers since this web server started: ``errors`` of the server, and ``unavailable`` (503), which asks to try again."""

    errors: int
    unavailable: int


def failures() -> Failures:
    """Count the server's own errors among the answers of all processes of this web server."""
    errors = unavailable = 0
    for sample in (one for metric in counted() if metric.name == "inkloop_requests" for one in metric.samples):
        if not sample.name.endswith("_total") or sample.labels["view"] == PROBE:
            continue
        if sample.labels["status"] == "503":
            unavailable += int(sample.value)
        elif sample.labels["status"].startswith("5"):
            errors += int(sample.value)
    return Failures(errors, unavailable)
