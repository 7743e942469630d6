"""Whether this process is ready: asked anew at most twice a second, by one thread, for which nobody waits long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from functions.domain.problem import Problem

KEPT = 0.5  # seconds
PATIENCE = (
    2.0  # seconds that a check may take: a database that works answers in milliseconds, and a prober gives up after seconds
)
SLOW = Problem("check_slow", seconds=round(PATIENCE))


@dataclass(frozen=True)
class Found:
    """The ``reasons`` why a process is not ready, and what else one should know of it."""

    reasons: list[str]
    also: list[str] = field(default_factory=list)


class Readiness:
    """Keeps what was found for some time. All calls are thread-safe."""

    def __init__(self, kept: float = KEPT, patience: float = PATIENCE) -> None:
        self._kept, self._patience = kept, patience
        self._lock = threading.Lock()
        self._found: Future[Found] | None = None
        self._began = self._ended = 0.0

    def found(self, check: Callable[[], Found]) -> Found:
        """Return what ``check`` finds, or found just now; or that a check takes too long, as one for a stopped server does.

        Whatever ``check`` raises is raised here.
        """
        with self._lock:
            if self._found is None or (self._found.done() and time.monotonic() - self._ended >= self._kept):
                self._found, self._began = Future(), time.monotonic()
                threading.Thread(target=self._check, args=(self._found, check), name="readiness", daemon=True).start()
            found, until = self._found, self._began + self._patience
        with suppress(TimeoutError):
            return found.result(max(0.0, until - time.monotonic()))
        return Found([SLOW])

    def _check(self, found: Future[Found], check: Callable[[], Found]) -> None:
        try:
            answer = check()
        except Exception as error:
            self._ended = time.monotonic()
            found.set_exception(error)
        else:
            self._ended = time.monotonic()
            found.set_result(answer)
