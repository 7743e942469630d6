"""Honest clients beside slow ones: each asks at fixed moments, and counts what it was answered and after how long."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

SET = "/api/v1/sets/digits"
DRAWING = json.dumps({"strokes": [[[80, 60], [200, 60], [120, 220]]], "width": 280, "height": 280}).encode()
PATIENCE = 10.0  # seconds


@dataclass
class Answers:
    """The seconds of each good answer, and the number of others."""

    seconds: list[float] = field(default_factory=list, repr=False)
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)  # of those others

    @property
    def share(self) -> float:
        """The share of good answers."""
        return len(self.seconds) / max(1, len(self.seconds) + self.failed)

    def within(self, share: float) -> float:
        """Return the seconds within which this share of the good answers came; infinite without any."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def ask(
    port: int, seconds: float, *, clients: int = 8, pause: float = 0.2, method: str = "POST", path: str = f"{SET}/predictions"
) -> Answers:
    """Let several clients ask for some seconds; every third request comes over a new connection."""
    answers, lock = Answers(), threading.Lock()
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        connection, turn = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE), 0
        time.sleep(pause * number / clients)
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                headers = {"Content-Type": "application/json"} if method == "POST" else {}
                connection.request(method, path, DRAWING if method == "POST" else None, headers)
                answer = connection.getresponse()
                answer.read()
                reason = "" if answer.status == 200 else str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                reason = type(error).__name__
            took = time.perf_counter() - began
            with lock:
                if reason:
                    answers.failed += 1
                    answers.reasons[reason] += 1
                else:
                    answers.seconds.append(took)
            turn += 1
            if reason or turn % 3 == 0:
                connection.close()
            time.sleep(max(0.0, pause - took))
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
