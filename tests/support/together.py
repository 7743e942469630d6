"""The same thing, done in several threads at once."""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from typing import Any


def together(count: int, act: Any) -> tuple[list[threading.Thread], list[Any]]:
    """Do something in threads of their own; what they return is complete when all have ended."""
    found: list[Any] = []

    def run() -> None:
        with suppress(OSError, http.client.HTTPException):  # the server may be killed meanwhile
            found.append(act())

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, found
