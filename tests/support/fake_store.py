"""A store that does what it is told: works, fails, or stops halfway."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from functions.errors import MissingObject, StoreUnavailable
from functions.store import Store


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

    def put_pieces(self, key: str, pieces: Iterable[bytes], content_type: str) -> None:
        self.put(key, b"".join(pieces), content_type)

    def size(self, key: str) -> int:
        return len(self.get(key))

    def read(self, key: str, start: int, length: int) -> bytes:
        return self.get(key)[start : start + length]

    def exists(self, key: str) -> bool:
        return key in self.objects

    def sha256(self, key: str) -> str | None:
        return hashlib.sha256(self.objects[key]).hexdigest() if key in self.objects else None

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


class LyingStore:
    """A store that acknowledges the next ``lies`` puts and deletes and does nothing, or keeps ``keeps`` bytes of a put."""

    def __init__(self, store: Store, lies: int = 0, keeps: int | None = None) -> None:
        self._store, self.lies, self._keeps = store, lies, keeps
        self._lock = threading.Lock()

    def put(self, key: str, body: bytes, content_type: str) -> None:
        if not self._lie():
            self._store.put(key, body, content_type)
        elif self._keeps is not None:
            self._store.put(key, body[: self._keeps], content_type)

    def delete(self, key: str) -> None:
        if not self._lie():
            self._store.delete(key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _lie(self) -> bool:
        with self._lock:
            lying = self.lies > 0
            self.lies -= lying
            return lying
