"""One client's socket: the bytes that came, the request that they are, and the bytes that must still go."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from gunicorn import http
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData, ParseException
from gunicorn.http.parser import Parser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from functions.web.security.behind_proxies import client_behind
from functions.web.server.framing import MOST_HEAD, ChunkedBody, head_arrived

AT_ONCE = 64 * 1024  # bytes of one read
SEND_BUFFER = 128 * 1024  # bytes; the system would keep megabytes for each slow reader
CHUNKING = 2  # a chunked body may take this many times the bytes of the longest body: its chunks have sizes


class State(Enum):
    """What happens to a connection now."""

    IDLE = auto()  # between two requests
    RECEIVING = auto()
    ANSWERING = auto()  # queued, or in a thread
    SENDING = auto()
    LEFTOVERS = auto()  # answered; the client may still be sending


@dataclass(frozen=True)
class Bounds:
    """What the app's settings say about requests: bytes of the longest body, and the proxies in front."""

    body: int = 2**30
    proxies: int = 0


class Connection:
    """A socket that never blocks, with a buffer on each side of it.

    Only the poller's thread reads; the thread that has the request, and then the poller's thread again, writes.
    """

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any, bounds: Bounds) -> None:
        self.socket, self.client, self.server = sock, client, server
        self.state = State.IDLE
        self.deadline = 0.0  # monotonic seconds; the poller then drops the client, or the thread refuses what has queued so long
        self.registered = 0  # the events that the poller looks for; 0 for none
        self.on_ready: Callable[[Connection], None]
        self.cut = False  # whether the rest of the answer cannot be made
        self.keep = False  # whether another request may follow this one
        self.request: Any = None
        self.rest: Iterator[bytes] | None = None  # what follows in the answer once the client has taken what is there
        self.output = self.sock = Output()  # gunicorn writes to ``sock``
        self.received = bytearray()
        self._searched = 0
        self._chunked: ChunkedBody | None = None
        self._cut = False  # whether a request is answered without all of its body
        self._bounds = bounds
        self.sender = self._sender("")  # one address, as limits count it
        self._parser: Parser = http.get_parser(cfg, self, client)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self) -> int:
        """Read what has come; return the number of bytes, 0 at the end, or raise OSError (BlockingIOError where nothing came)."""
        data = self.socket.recv(AT_ONCE)
        self.received += data
        return len(data)

    @property
    def held(self) -> int:
        """How many bytes of the process this connection takes."""
        return len(self.received) + len(self.output)

    def begin_request(self) -> bool:
        """Parse the head when it is there; return whether this call has parsed it.

        Raises gunicorn's ParseException or StopIteration for a request that it refuses.
        """
        if not head_arrived(self.received, self._searched):
            self._searched = len(self.received)
            if self._searched > MOST_HEAD:
                raise LimitRequestHeaders("request head too long")
            return False
        self._searched = 0
        self.request = next(self._parser)
        self.received[:0] = self._parser.unreader.take_buffered()
        self.request.body = _CheckedBody(self.request.body.reader)
        if self._bounds.proxies:
            self.sender = self._sender(",".join(value for name, value in self.request.headers if name == "X-FORWARDED-FOR"))
        if isinstance(self.request.body.reader, ChunkedReader):
            self._chunked = ChunkedBody()
        return True

    def _sender(self, forwarded_for: str) -> str:
        peer = self.client[0] if isinstance(self.client, tuple) else ""
        return client_behind(peer, forwarded_for, self._bounds.proxies)

    def body_arrived(self) -> bool:
        """Tell whether the request's body is there, or is longer than any that the app accepts."""
        if self._chunked is not None:
            if self._chunked.arrived(self.received):
                return True
            self._cut = self._chunked.too_many or len(self.received) > CHUNKING * self._bounds.body
        else:
            length = self.request.body.reader.length
            self._cut = length > self._bounds.body
            if length <= len(self.received):
                self._cut = False
                return True
        if self._cut:
            self.request.force_close()  # the rest of the body must not be read as another request
        return self._cut

    def expects_continue(self) -> bool:
        """Tell once whether the client waits for a sign before it sends the body."""
        expected, self.request._expected_100_continue = self.request._expected_100_continue, False
        return bool(expected)

    def end_request(self) -> bool:
        """Discard what is left of the body; return whether the next request can be found behind it."""
        try:
            return not self._cut and bool(self._parser.finish_body())
        except (BadRequest, RequestEntityTooLarge):
            return False

    def forget_request(self) -> None:
        """Be ready for the next request, whose bytes may be there already."""
        self.received[:0] = self._parser.unreader.take_buffered()
        self.request = self._chunked = self.rest = None

    def recv(self, size: int) -> bytes:
        """Hand received bytes to gunicorn's parser, which takes this connection for a socket; none is left at the end."""
        if not self.received and self._cut:
            raise RequestEntityTooLarge
        data = bytes(self.received[:size])
        del self.received[:size]
        return data

    def refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        """Answer with an error in the API's form, and end the connection."""
        body = json.dumps({"error": {"code": code, "message": message, "request_id": token_hex(16)}}).encode()
        again = "Retry-After: 1\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n{again}"
        self.output.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def flush(self) -> bool:
        """Send what can be sent now; return whether all is sent, or raise OSError."""
        return self.output.send_to(self.socket)

    def more(self) -> None:
        """Put the next piece of the answer into the output; at its end there is no rest."""
        piece = None if self.rest is None else next(self.rest, None)
        if piece is None:
            self.rest = None
        else:
            self.output.sendall(piece)

    def close(self) -> None:
        """Close the socket; what the client did not read is dropped by the system too."""
        if len(self.output) or self.rest is not None:
            with suppress(OSError):
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def late(self) -> bool:
        """Tell whether the client had enough time for what the poller waits for."""
        return self.deadline < time.monotonic()


class Output:
    """The bytes of an answer. gunicorn takes it for a socket; no answer of the app is endless, so none waits for its reader."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._rest = memoryview(b"")

    def sendall(self, data: bytes) -> None:
        """Add bytes."""
        self._parts.append(bytes(data))

    send = sendall

    def gettimeout(self) -> float:
        """Say that it does not block, as gunicorn asks."""
        return 0.0

    def shutdown(self, how: int) -> None:
        """Refuse: gunicorn would close a broken answer's socket, but nothing of the answer has been sent yet."""
        raise OSError

    def close(self) -> None:
        """Do nothing, see ``shutdown``."""

    def send_to(self, sock: Any) -> bool:
        """Send what the socket takes without blocking; return whether that is all."""
        if self._parts:
            self._rest, self._parts = memoryview(b"".join([self._rest, *self._parts])), []
        while self._rest:
            try:
                self._rest = self._rest[sock.send(self._rest) :]
            except (BlockingIOError, InterruptedError):
                return False
        return True

    def clear(self) -> None:
        """Drop what was not sent."""
        self._rest, self._parts = memoryview(b""), []

    def __bytes__(self) -> bytes:
        return b"".join([self._rest, *self._parts])

    def __len__(self) -> int:
        return len(self._rest) + sum(map(len, self._parts))


class _CheckedBody(Body):  # type: ignore[misc]  # gunicorn has no types
    """A body whose faults are the client's: gunicorn's own errors would look like the app's."""

    def _read_reader(self, size: int) -> bytes:
        try:
            return bytes(super()._read_reader(size))
        except (ParseException, NoMoreData) as error:
            raise BadRequest from error
