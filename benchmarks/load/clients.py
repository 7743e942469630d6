"""A client that costs little beside the server it measures: prepared requests over a few kept connections, one loop."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Played:
    """What one load was answered: requests a second, the latency of each in seconds, and how many were not answered 2xx."""

    rate: float
    latencies: list[float] = field(repr=False)
    refused: int

    def latency(self, share: float) -> float:
        """Return a quantile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def prepared(path: str, body: bytes, content_type: str = "application/json", headers: Mapping[str, str] | None = None) -> bytes:
    """Return a POST as bytes."""
    lines = {"Host": "127.0.0.1", "Content-Type": content_type, "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def as_json(path: str, body: Any, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a POST of JSON as bytes."""
    return prepared(path, json.dumps(body).encode(), headers=headers)


class _Connection:
    """One kept connection with at most one request under way."""

    def __init__(self, port: int, selector: selectors.BaseSelector, source: str) -> None:
        self._port, self._selector, self._source = port, selector, source
        self._request = b""
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), source_address=(self._source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._received = b""

    def send(self, request: bytes) -> None:
        self.began, self._request = time.perf_counter(), request
        self._socket.sendall(request)

    def answered(self) -> int | None:
        """Read what came; return the status of the answer once all of it is there. What the server closed is opened again."""
        received = self._socket.recv(65536)
        if not received:
            self.close()
            self._connect()
            self._socket.sendall(self._request)
            return None
        self._received += received
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        if len(rest) < length:
            return None
        self._received = self._request = b""
        if b"connection: close" in head.lower():
            self.close()
            self._connect()
        return int(head[9:12])

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()


def play(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    connections: int = 8,
    rate: float | None = None,
    source: str = "127.0.0.1",
) -> Played:
    """Send the requests again and again for some seconds, over several connections at once.

    Without a ``rate`` each connection sends its next request as soon as the last one is answered. With a ``rate`` (requests a
    second) requests are due at fixed moments, and a latency counts from the moment that a request was due.
    """
    selector = selectors.DefaultSelector()
    idle = deque(_Connection(port, selector, source) for _ in range(connections))
    everything = list(idle)
    latencies: list[float] = []
    refused = 0
    supply = _forever(requests)
    began = time.perf_counter()
    due = began
    try:
        while (now := time.perf_counter()) < began + seconds or len(idle) < connections:
            while idle and now < began + seconds and (rate is None or due <= now):
                connection = idle.popleft()
                connection.send(next(supply))
                if rate is not None:
                    connection.began = due
                    due += 1 / rate
            patience = 0.2 if rate is None or not idle else max(0.0, min(0.2, due - time.perf_counter()))
            for key, _ in selector.select(patience):
                status = key.data.answered()
                if status is not None:
                    latencies.append(time.perf_counter() - key.data.began)
                    refused += not 200 <= status < 300
                    idle.append(key.data)
        return Played(len(latencies) / (time.perf_counter() - began), latencies, refused)
    finally:
        for connection in everything:
            connection.close()


def _forever(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests
