"""The connections of a process, and which of them goes when there are too many or they hold too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from functions.web.security.addresses import site_of
from functions.web.server.connection import Connection, State

MOST_HELD = 64 * 2**20  # bytes of requests and answers in a process's memory


class OpenConnections:
    """All connections, in the order in which they began to wait; ``close`` closes one and removes it from here."""

    def __init__(self, close: Callable[[Connection], None], most_held: int = MOST_HELD) -> None:
        self._close, self._most_held = close, most_held
        self._open: dict[Connection, None] = {}
        self._held = 0  # bytes: at least as many as in fact, so that not every read must add all of them

    def __len__(self) -> int:
        return len(self._open)

    def all(self) -> list[Connection]:
        """Return all of them."""
        return list(self._open)

    def waiting(self) -> list[Connection]:
        """Return those that wait for their client, those that began to wait first in front."""
        return [one for one in self._open if one.state is not State.ANSWERING]

    def add(self, connection: Connection) -> None:
        """Put a connection that begins to wait behind the others."""
        self._open.pop(connection, None)
        self._open[connection] = None

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self._open.pop(connection, None)

    def hold(self, count: int) -> None:
        """Count bytes that a connection holds; drop connections while all together hold too many."""
        self._held += count
        while self._held > self._most_held:
            self._held = sum(one.held for one in self._open)
            if self._held > self._most_held and not self.drop_one():
                return

    def drop_one(self) -> bool:
        """Close who waits longest for its client, of the site and the sender with most such connections.

        Return whether there was one.
        """
        waiting = self.waiting()
        if not waiting:
            return False
        site = Counter(site_of(one.sender) for one in waiting).most_common(1)[0][0]
        there = [one for one in waiting if site_of(one.sender) == site]
        most = Counter(one.sender for one in there).most_common(1)[0][0]
        self._close(next(one for one in there if one.sender == most))
        return True
