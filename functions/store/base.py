"""What an object store promises. Every store passes the same contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

LONGEST_KEY = 900  # bytes; S3 allows 1024 with the bucket's prefix


class Store(Protocol):
    """Named, whole objects. All calls may come from any thread.

    Every call raises ``StoreUnavailable`` when the store cannot be reached, refuses us or cannot write,
    and ``ValueError`` for a key that is not one (see ``checked``).
    """

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object whole and durably, over an older one if there is one. Repeating it changes nothing."""

    def put_new(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object only if there is none yet; return whether this call wrote it."""

    def get(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            MissingObject: there is none.
        """

    def exists(self, key: str) -> bool:
        """Tell whether there is an object."""

    def delete(self, key: str) -> None:
        """Remove an object; no matter if there is none."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Give the keys that start with ``prefix``, sorted by code point."""


def checked(key: str) -> str:
    """Return ``key`` if it is safe in a folder as in a bucket: names joined by '/', none of them empty or starting with a dot.

    Raises:
        ValueError: it is not. Keys are made by the program, so this is a mistake in it and nothing to tell a person.
    """
    names = key.split("/")
    if any(not name or name.startswith(".") for name in names) or "\\" in key or not key.isprintable():
        raise ValueError(f"not a key: {key!r}")
    if len(key.encode()) > LONGEST_KEY or any(len(name.encode()) > 255 for name in names):
        raise ValueError(f"too long for a key: {key[:80]!r}...")
    return key
