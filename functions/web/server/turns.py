"""Whose request is next: sites take turns, and the senders of each."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, TypeVar

from functions.web.security.addresses import site_of

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """A queue for each sender; ``places`` tells how many requests may be under way now. All calls are thread-safe."""

    def __init__(self, places: Callable[[], int]) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._sites: OrderedDict[str, OrderedDict[str, deque[Item]]] = OrderedDict()  # both in the order of their turns
        self._under_way = 0

    def add(self, sender: str, item: Item) -> None:
        """Queue a request."""
        with self._lock:
            self._sites.setdefault(site_of(sender), OrderedDict()).setdefault(sender, deque()).append(item)

    def begin(self) -> Item | None:
        """Take the next request and a place for it; None where one of them is missing."""
        with self._lock:
            return self._next()

    def end(self) -> Item | None:
        """Give a place back, and take the next request as ``begin`` does."""
        with self._lock:
            self._under_way -= 1
            return self._next()

    def _next(self) -> Item | None:
        if not self._sites or self._under_way >= self._places():
            return None
        site, senders = self._sites.popitem(last=False)
        sender, queue = senders.popitem(last=False)
        item = queue.popleft()
        if queue:
            senders[sender] = queue  # behind all other senders of the site
        if senders:
            self._sites[site] = senders  # behind all other sites
        self._under_way += 1
        return item
