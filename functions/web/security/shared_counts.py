"""Count requests against limits: in this process at once, and together with the other processes soon after.

A process counts by itself until a count reaches an eighth of its limit. From then on it adds the count to those of the others
once a second, in the background. So an ordinary visitor causes no write, and no request waits. Together ``n`` processes allow at
most ``1 + (n - 1) / 8`` of a limit, and what arrives within a second. A ``strict`` limit is counted with the others first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from functions.web.security.meeting_places import Away, MeetingPlace

log = logging.getLogger(__name__)

SHARE = 8  # an eighth of a limit is counted alone
EXCHANGE = 1.0  # seconds between two exchanges
SHORTEST = 10.0  # seconds; a shorter window is over before an exchange would help
SWEEP = 10_000  # windows that are kept before ended ones are looked for
A_WHILE = 3600.0  # seconds between two warnings about the same meeting place
RESPITE = 10.0  # seconds in which a meeting place that was away is not asked again


@dataclass(frozen=True)
class Limit:
    """At most ``most`` requests in ``seconds``."""

    most: int
    seconds: float
    strict: bool = False


@dataclass
class Window:
    """The requests of one key since its count began: of this process (``sent`` to the others), and of the others."""

    limit: Limit
    ends: float
    count: int = 0
    sent: int = 0
    elsewhere: int = 0


class SharedCounts:
    """The counts of one process; ``places`` are where it meets the others, the best one first."""

    def __init__(self, places: Sequence[MeetingPlace]) -> None:
        self._places = places
        self._away: dict[str, float] = {}  # when a place was away
        self._warned: dict[str, float] = {}
        self._lock = threading.Lock()
        self._windows: dict[str, Window] = {}
        self._sweep_at = SWEEP
        self._due: set[str] = set()
        self._thread: threading.Thread | None = None

    def wait(self, key: str, limit: Limit) -> float | None:
        """Count a request; return None if it is within the limit, else the seconds until the count ends."""
        moment = time.time()
        with self._lock:
            window = self._window(key, limit, moment)
            if window.count + window.elsewhere >= limit.most:
                return window.ends - moment
            window.count += 1
            if not limit.strict:
                if limit.seconds >= SHORTEST and SHARE * window.count >= limit.most:
                    self._due.add(key)
                    self._start()
                return None
        # Without the others, this process's own count, which is within the limit, decides.
        return window.ends - moment if self.exchange([key]).get(key, 0) > limit.most else None

    def exchange(self, keys: Sequence[str] | None = None) -> dict[str, int]:
        """Add some counts, by default all that are due, to those of the other processes, and return what all have counted."""
        with self._lock:
            chosen = list(self._due) if keys is None else keys
            self._due.difference_update(chosen)
            windows = {key: self._windows[key] for key in chosen if key in self._windows}
            counts = {key: (window.count - window.sent, window.ends) for key, window in windows.items()}
            for window in windows.values():
                window.sent = window.count
        for place in self._places if counts else ():
            if time.monotonic() - self._away.get(place.name, -RESPITE) < RESPITE:
                continue
            try:
                totals = place.add(counts)
            except Away as error:
                self._note(place, error)
                continue
            with self._lock:
                for key, window in windows.items():
                    total, window.ends = totals[key]
                    window.elsewhere = max(0, total - window.sent)
            return {key: total for key, (total, _) in totals.items()}
        return {}

    def _window(self, key: str, limit: Limit, moment: float) -> Window:
        window = self._windows.get(key)
        if window is None or window.ends <= moment:
            if len(self._windows) >= self._sweep_at:
                self._windows = {key: one for key, one in self._windows.items() if one.ends > moment}
                self._sweep_at = max(SWEEP, 2 * len(self._windows))
            window = self._windows[key] = Window(limit, moment + limit.seconds)
        return window

    def _start(self) -> None:
        # Threads do not survive a fork, so each process starts its own when it first needs it.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._keep_exchanging, name="limits", daemon=True)
            self._thread.start()

    def _keep_exchanging(self) -> None:
        while True:
            time.sleep(EXCHANGE)
            try:
                self.exchange()
            except Exception:
                log.exception("the counts of requests could not be exchanged")

    def _note(self, place: MeetingPlace, error: Away) -> None:
        moment = time.monotonic()
        self._away[place.name] = moment
        if moment - self._warned.get(place.name, -A_WHILE) >= A_WHILE:
            self._warned[place.name] = moment
            log.warning("%s does not count requests now (%s): limits are counted without it.", place.name.capitalize(), error)
