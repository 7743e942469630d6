"""Slow clients: sockets that hold a server's connections with as few bytes as they can. Only for servers on this machine."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Literal, Self

Kind = Literal["idle", "slow head", "slow body", "slow reader"]
KINDS: tuple[Kind, ...] = ("idle", "slow head", "slow body", "slow reader")
STEP = 0.5  # seconds between two bytes of one socket
ESTABLISHED = 1  # Linux's TCP_ESTABLISHED
BIGGEST = "/static/vendor/bootstrap/bootstrap.min.css"
OPENINGS: dict[Kind, bytes] = {
    "idle": b"",
    "slow head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "slow body": b"POST /api/v1/sets/digits/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{",
    "slow reader": f"GET {BIGGEST} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 20,
}


class SlowSockets(threading.Thread):
    """Keeps ``count`` sockets of a kind open, and sends or reads a byte of each now and then; a dropped one is opened again."""

    def __init__(self, port: int, kind: Kind, count: int) -> None:
        super().__init__(daemon=True)
        self._port, self._kind, self._count = port, kind, count
        self._ended = threading.Event()
        self._sockets: list[tuple[socket.socket, float]] = []
        self.lives: list[float] = []  # seconds that the server kept those that it dropped

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()
        for one, _ in self._sockets:
            one.close()

    @property
    def open(self) -> int:
        """How many are open now."""
        return len(self._sockets)

    def run(self) -> None:
        """Open, step, open again."""
        while not self._ended.is_set():
            with suppress(OSError):  # a full backlog: at the next step
                while len(self._sockets) < self._count and not self._ended.is_set():
                    self._sockets.append((self._opened(), time.monotonic()))
            self._sockets = [one for one in self._sockets if self._step(*one)]
            self._ended.wait(STEP)

    def _opened(self) -> socket.socket:
        one = socket.socket()
        if self._kind == "slow reader":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # so that the answer does not fit on the way
        one.settimeout(2)
        one.connect(("127.0.0.1", self._port))
        one.sendall(OPENINGS[self._kind])
        one.setblocking(False)
        return one

    def _step(self, one: socket.socket, began: float) -> bool:
        try:
            if self._kind in ("slow head", "slow body"):
                one.send(b"1")
            if one.recv(1) and _is_open(one):
                return True
        except BlockingIOError:
            if _is_open(one):
                return True
        except OSError:
            pass
        one.close()
        self.lives.append(time.monotonic() - began)
        return False


def _is_open(one: socket.socket) -> bool:
    """Tell whether the connection is whole; what has come can be read after its end, and a slow reader would not notice."""
    if not hasattr(socket, "TCP_INFO"):  # not on Linux
        return True
    return one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
