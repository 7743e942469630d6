"""How a set has grown: its accepted samples by the time at which they came."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.records.tables import Sample

PARTS = 24  # parts of equal length, from the first sample until now
SHORTEST = 3_600_000  # ms; a set of today is shown by the hour
KEPT = 300.0  # seconds; a million samples take a quarter of a second to count


@dataclass(frozen=True)
class Part:
    """The samples that came from ``begin`` on, until the next part begins."""

    begin: datetime
    count: int


def growth(session: Session, set_name: str) -> tuple[Part, ...]:
    """Return the accepted samples of a set in parts of time, oldest first; empty for a set without samples.

    The ids of samples begin with their time in milliseconds, so each part is one range of an index.
    """
    accepted = (Sample.set_name == set_name, Sample.status == "accepted")
    first_id = session.scalar(select(func.min(Sample.id)).where(*accepted))
    if first_id is None:
        return ()
    first, now = int(first_id[:12], 16), time.time_ns() // 1_000_000
    length = max((max(now, first) - first) // PARTS + 1, SHORTEST)
    found = []
    for begin in range(first, max(now, first) + 1, length):
        inside = (Sample.id >= f"{begin:012x}", Sample.id < f"{begin + length:012x}")
        count = session.scalar(select(func.count()).select_from(Sample).where(*accepted, *inside)) or 0
        found.append(Part(datetime.fromtimestamp(begin / 1000, UTC), count))
    return tuple(found)


class GrowthCache:
    """The growth of each set, counted at most every five minutes, by one thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, tuple[Part, ...]]] = {}
        self._counting = threading.Lock()

    def of_set(self, session: Session, set_name: str) -> tuple[Part, ...]:
        """Return the growth of a set, or what it was some minutes ago."""
        if (fresh := self._fresh(set_name)) is not None:
            return fresh
        _, old = self._kept.get(set_name, (0.0, ()))
        if not self._counting.acquire(blocking=not old):
            return old  # another thread counts just now
        try:
            if (fresh := self._fresh(set_name)) is not None:
                return fresh
            found = growth(session, set_name)
            self._kept[set_name] = time.monotonic(), found
            return found
        finally:
            self._counting.release()

    def _fresh(self, set_name: str) -> tuple[Part, ...] | None:
        counted_at, found = self._kept.get(set_name, (0.0, ()))
        return found if found and time.monotonic() - counted_at <= KEPT else None
