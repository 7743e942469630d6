"""The interpreters of the live networks: as many of a version as threads have used it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from functions.learners.litert import OpenNetwork, open_network


class Interpreters:
    """Interpreters that no thread uses now, by version; each is used by one thread at a time. All calls are thread-safe.

    There is none for each thread: a web process may have a hundred, most of which wait, and an interpreter takes megabytes.
    """

    def __init__(self) -> None:
        self._unused: dict[str, list[OpenNetwork]] = {}  # changed by single operations, which threads cannot interrupt

    @contextmanager
    def interpreter(self, version: str, tflite: bytes) -> Iterator[OpenNetwork]:
        """Lend an interpreter of a version, whose network is ``tflite``."""
        unused = self._unused.setdefault(version, [])
        try:
            opened = unused.pop()
        except IndexError:
            opened = open_network(tflite)
        yield opened
        unused.append(opened)

    def keep(self, versions: Collection[str]) -> None:
        """Forget the interpreters of all other versions."""
        for version in set(self._unused) - set(versions):
            self._unused.pop(version, None)

    def count(self) -> dict[str, int]:
        """Return the number of unused interpreters of each version."""
        return {version: len(unused) for version, unused in list(self._unused.items())}
