"""The contract of an object store. Every store passes the same contract suite."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from functions.domain.problem import Problem
from functions.errors import StoreUnavailable

LONGEST_KEY = 900  # bytes; S3 allows 1024 with the bucket's prefix


class Store(Protocol):
    """Objects by key, complete or absent. All calls are thread-safe.

    Every call raises StoreUnavailable when the store cannot be reached, refuses the call or cannot write, and ValueError for an
    invalid key (see ``checked``).
    """

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object completely and durably, or replace the existing one. Repeating the call changes nothing."""

    def put_new(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object unless it exists; return whether this call wrote it."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes, or raise MissingObject."""

    def put_pieces(self, key: str, pieces: Iterable[bytes], content_type: str) -> None:
        """Write an object of any length piece by piece; it appears when it is complete. An error of ``pieces`` leaves nothing."""

    def size(self, key: str) -> int:
        """Return the length of an object in bytes, or raise MissingObject."""

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes of an object from the byte ``start`` on, or raise MissingObject."""

    def exists(self, key: str) -> bool:
        """Tell whether there is an object."""

    def sha256(self, key: str) -> str | None:
        """Return the SHA-256 (hex) of an object's bytes as they are stored, None if there is no object."""

    def delete(self, key: str) -> None:
        """Delete an object if it exists."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that start with ``prefix``, sorted by code point."""


def put_checked(store: Store, key: str, body: bytes, content_type: str) -> None:
    """Write an object, and ask the store whether it has exactly these bytes; raise StoreUnavailable if it has not."""
    store.put(key, body, content_type)
    if store.sha256(key) != hashlib.sha256(body).hexdigest():
        raise StoreUnavailable(Problem("store_unwritten"))


def delete_checked(store: Store, key: str) -> None:
    """Delete an object, and ask the store whether it is gone; raise StoreUnavailable if it is not."""
    store.delete(key)
    if store.sha256(key) is not None:
        raise StoreUnavailable(Problem("store_undeleted"))


def checked(key: str) -> str:
    """Return ``key`` if it is safe in a folder and in a bucket: names joined by '/', none of them empty or starting with a dot.

    Any other key raises ValueError: only the program makes keys, so it is a bug and not a Situation.
    """
    names = key.split("/")
    if any(not name or name.startswith(".") for name in names) or "\\" in key or not key.isprintable():
        raise ValueError(f"not a key: {key!r}")
    if len(key.encode()) > LONGEST_KEY or any(len(name.encode()) > 255 for name in names):
        raise ValueError(f"too long for a key: {key[:80]!r}...")
    return key
