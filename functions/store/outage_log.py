"""What a log says about an outage: once when it begins, once an hour while it lasts, and when it is over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

AGAIN = 3600.0  # seconds between two lines about one outage


class OutageLog:
    """The outages of some parts, by name. A part may be a server, or a file that cannot be read."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._away: dict[str, tuple[float, float]] = {}  # part: when its outage began, when it was logged last

    def away(self, part: str, reason: object) -> None:
        """Note that a part cannot be used, and log it if it is news, or was not said for an hour."""
        at = self._clock()
        since, said = self._away.get(part, (at, at - AGAIN))
        if at - said >= AGAIN:
            self._log.warning("%s cannot be used%s: %s", part, _for(at - since), reason)
            said = at
        self._away[part] = since, said

    def is_away(self, part: str) -> bool:
        """Tell whether a part could not be used at the last try."""
        return part in self._away

    def back(self, part: str) -> None:
        """Note that a part can be used; log it if it could not before."""
        if (found := self._away.pop(part, None)) is not None:
            self._log.warning("%s can be used again%s.", part, _for(self._clock() - found[0]).replace(" for", ", after", 1))

    def keep(self, parts: set[str]) -> None:
        """Forget the outages of all other parts, which nobody needs any more."""
        self._away = {part: times for part, times in self._away.items() if part in parts}


def _for(seconds: float) -> str:
    return f" for {seconds:.0f} s" if seconds >= 1 else ""
