"""Clients that ask several web servers all the time, as through a router."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from typing import Any

import requests

from tests.support.sample_drawings import SEVEN

CLIENTS = 4


class Load:
    """Clients that predict and contribute all the time, each request at the next web server of ``addresses``.

    A client rests for ``pause`` seconds after each answer.
    """

    def __init__(self, addresses: list[str], pause: float = 0.0) -> None:
        self._addresses, self._pause = addresses, pause
        self.statuses, self.errors = Counter[tuple[str, int]](), list[str]()
        self.answers = Counter[str]()  # by address
        self._lock, self._stop, self._next = threading.Lock(), threading.Event(), itertools.count()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def count(self) -> int:
        """Return the number of answered requests."""
        return sum(self.statuses.values())

    def add(self, address: str) -> None:
        """Send requests to one more web server."""
        with self._lock:
            self._addresses.append(address)

    def take_out(self, address: str) -> None:
        """Send no more requests to a web server, as a router does before it is stopped."""
        with self._lock:
            self._addresses.remove(address)

    def _ask(self) -> None:
        web = requests.Session()
        while not self._stop.is_set():
            with self._lock:
                number = next(self._next)
                address = self._addresses[number % len(self._addresses)]
            kind, body = ("samples", {**SEVEN, "label": "7"}) if number % 3 else ("predictions", dict[str, Any](SEVEN))
            try:
                status = web.post(f"{address}/api/v1/sets/digits/{kind}", json=body, timeout=60).status_code
            except requests.RequestException as error:
                self.errors.append(f"{address}: {error}")
            else:
                with self._lock:
                    self.statuses[kind, status] += 1
                    self.answers[address] += 1
            self._stop.wait(self._pause)
