"""The heartbeat of a run: a thread that extends the lease and stores the progress, so that the work does not wait."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from functions.domain.run_step import Step
from functions.errors import LeaseLost
from functions.jobs.leases import Lease, beat
from functions.records.database import Database

log = logging.getLogger(__name__)

BEAT = 5.0  # seconds between two beats without progress: six of them fit into a lease
AT_MOST_EVERY = 0.5  # seconds between two writes of the progress; a page asks for it about as often


class Stopping(Exception):
    """The worker is stopping, and its run must be handed back."""


class Heartbeat:
    """Beats while the block runs. The work reports its progress with ``tell``, which raises when the work must end."""

    def __init__(self, database: Database, claim: Lease, stop: threading.Event) -> None:
        self._database, self._claim, self._stop = database, claim, stop
        self._news = threading.Event()
        self._over = threading.Event()
        self._lost = False
        self._now = (0.0, Step("starting"))
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._news.set()
        self._thread.join()

    def tell(self, progress: float, step: Step) -> None:
        """Report the progress (0..1) and the step; raise LeaseLost after another worker's takeover, Stopping at a stop."""
        if self._lost:
            raise LeaseLost(f"run {self._claim.run_id} belongs to another worker by now")
        if self._stop.is_set():
            raise Stopping
        self._now = (min(max(progress, 0.0), 1.0), step)
        self._news.set()

    def _beat(self) -> None:
        while not self._over.wait(AT_MOST_EVERY):
            self._news.wait(BEAT)
            self._news.clear()
            if self._over.is_set():
                return
            try:
                beat(self._database, self._claim, *self._now)
            except LeaseLost:
                self._lost = True
                return
            except Exception as error:  # an unavailable database costs a beat, not the run
                log.warning("A heartbeat did not reach the database: %s", type(error).__name__)
