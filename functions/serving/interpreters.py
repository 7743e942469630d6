"""The interpreters of the live networks: at most two of a version."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from functions.learners.litert import OpenNetwork, open_network

AT_ONCE = 2  # threads that use a version; an answer takes a fifth of a millisecond, and a reading or a map holds one of the two


class Interpreters:
    """Interpreters by version; each is used by one thread at a time. All calls are thread-safe.

    There is none for each thread: a web process may have a hundred, most of which wait, and an interpreter takes megabytes.
    """

    def __init__(self) -> None:
        self._versions: dict[str, _Version] = {}  # changed by single operations, which threads cannot interrupt

    @contextmanager
    def interpreter(self, version: str, tflite: bytes) -> Iterator[OpenNetwork]:
        """Lend an interpreter of a version, whose network is ``tflite``; wait while others use all of them.

        A thread that has one of a version must not ask for another one of it.
        """
        lent = self._versions.setdefault(version, _Version())
        with lent.places:
            try:
                opened = lent.unused.pop()
            except IndexError:
                opened = open_network(tflite)
            try:
                yield opened
            finally:
                lent.unused.append(opened)

    def keep(self, versions: Collection[str]) -> None:
        """Forget the interpreters of all other versions."""
        for version in set(self._versions) - set(versions):
            self._versions.pop(version, None)

    def count(self) -> dict[str, int]:
        """Return the number of unused interpreters of each version."""
        return {version: len(lent.unused) for version, lent in list(self._versions.items())}


class _Version:
    def __init__(self) -> None:
        self.unused: list[OpenNetwork] = []
        self.places = threading.Semaphore(AT_ONCE)
