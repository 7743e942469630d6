"""Asks a platform that runs in processes of its own."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any


def answers(url: str, seconds: float) -> bool:
    """Return whether ``url`` answers 200 within ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def ask(url: str, body: Any = None, *, method: str | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Send a request, with ``body`` as JSON if it is given; return the status and what came."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if data is not None else {}
    request = urllib.request.Request(url, data=data, method=method, headers={**sent, **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
