"""What this process is doing just now."""

from __future__ import annotations

import threading
from collections.abc import Hashable


class UnderWay:
    """The keys of the requests that are being answered: each key is in use once at a time."""

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()
        self._changed = threading.Condition()

    def begin(self, key: Hashable, patience: float) -> bool:
        """Wait up to ``patience`` seconds until a key is free, and take it; return False if it is not free by then."""
        with self._changed:
            if not self._changed.wait_for(lambda: key not in self._keys, patience):
                return False
            self._keys.add(key)
            return True

    def end(self, key: Hashable) -> None:
        """Give a key back."""
        with self._changed:
            self._keys.discard(key)
            self._changed.notify_all()
