"""A store that does what it is told: works, fails, or stops halfway."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from functions.errors import MissingObject, StoreUnavailable


class FakeStore:
    """Objects in a dictionary; ``before`` is called with the name of each write and its key just before it happens."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.down = False
        self.before: Callable[[str, str], None] = lambda call, key: None
        self._lock = threading.Lock()

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._note("put", key)
        self.objects[key] = body

    def put_new(self, key: str, body: bytes, content_type: str) -> bool:
        self._note("put", key)
        with self._lock:
            return self.objects.setdefault(key, body) is body

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise MissingObject("There is no such object.")
        return self.objects[key]

    def exists(self, key: str) -> bool:
        return key in self.objects

    def delete(self, key: str) -> None:
        self._note("delete", key)
        self.objects.pop(key, None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    def _note(self, call: str, key: str) -> None:
        with self._lock:
            self.calls.append((call, key))
        self.before(call, key)
        if self.down:
            raise StoreUnavailable("The store is down.")
