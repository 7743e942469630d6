"""A proxy between the platform and a bucket, which fails on request.

The proxy is a process of its own (``python -m tests.torture.fault_proxy HOST PORT``): it reads the name of a fault a line, and
ends when its standard input ends. ``FaultProxy`` starts it and tells it what to do.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
HEALTHY = "healthy"
FAULTS = {
    "refuse": "closes each connection before it reads a request",
    "stall": "reads a request and is silent until the fault ends",
    "reset": "resets the connection in the middle of an upload",
    "busy": "answers 503",
    "cut": "passes the request on and cuts the answer in the middle",
    "lie": "answers a PUT with 200 and its right ETag, and stores nothing",
}
STALL = 30.0  # seconds at most; the store gives up earlier
NOT_PASSED_ON = {"connection", "expect", "transfer-encoding", "keep-alive"}
BUSY = b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>"


class FaultProxy:
    """A running proxy in front of ``endpoint``; the platform uses the proxy's own ``endpoint``."""

    def __init__(self, endpoint: str) -> None:
        upstream = urlsplit(endpoint)
        command = [sys.executable, "-m", "tests.torture.fault_proxy", str(upstream.hostname), str(upstream.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint = f"http://127.0.0.1:{self._read()}"

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def set(self, fault: str) -> None:
        """Fail in this way from now on; ``HEALTHY`` ends the fault."""
        self._ask(fault)

    def suffered(self) -> dict[str, int]:
        """Return how many requests each fault has met."""
        found: dict[str, int] = json.loads(self._ask("?"))
        return found

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._read()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the fault proxy has ended")
        return line.strip()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.fault = HEALTHY
        self.healthy = threading.Event()
        self.suffered: Counter[str] = Counter()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: broken connections are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    _upstream: http.client.HTTPConnection | None = None

    def handle_one_request(self) -> None:
        if self.server.fault == "refuse":
            self._suffer("refuse")
            self._reset()
            return
        super().handle_one_request()

    def _serve(self) -> None:
        fault, length = self.server.fault, int(self.headers.get("Content-Length", 0))
        if fault == "reset" and length:
            self.rfile.read(length // 2)
            self._suffer(fault)
            self._reset()
            return
        body = self.rfile.read(length)
        if fault == "stall":
            self._suffer(fault)
            self.server.healthy.wait(STALL)
            self._reset()
        elif fault == "busy":
            self._suffer(fault)
            self._answer(503, {"Content-Type": "application/xml"}, BUSY)
        elif fault == "lie" and self.command == "PUT":
            self._suffer(fault)
            self._answer(200, {"ETag": f'"{hashlib.md5(body).hexdigest()}"', **self._checksums(body)}, b"")
        else:
            self._pass_on(body, cut=fault == "cut")

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _serve  # noqa: N815 - the names of the base class

    def _pass_on(self, body: bytes, cut: bool) -> None:
        self._upstream = self._upstream or http.client.HTTPConnection(*self.server.upstream, timeout=STALL)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        self._upstream.request(self.command, self.path, body or None, headers)
        answer = self._upstream.getresponse()
        data = answer.read()
        if cut:
            self._suffer("cut")
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
            self._reset()
            return
        given = {name: value for name, value in answer.getheaders() if name.lower() not in NOT_PASSED_ON}
        self._answer(answer.status, given, data)

    def _answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response_only(status)
        if self.command != "HEAD" and status != 204:
            headers = {**headers, "Content-Length": str(len(data))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _checksums(self, body: bytes) -> dict[str, str]:
        if "x-amz-checksum-sha256" in self.headers:
            return {"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(body).digest()).decode()}
        return {}

    def _suffer(self, fault: str) -> None:
        self.server.suffered[fault] += 1

    def _reset(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # no lingering: the client gets a reset, not an end
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.wfile.flush()
        self.connection.close()

    def finish(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def main(host: str, port: str) -> None:
    """Serve until standard input ends."""
    server = _Server((host, int(port)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for line in sys.stdin:
        if (word := line.strip()) == "?":
            print(json.dumps(server.suffered), flush=True)
            continue
        server.healthy.set()  # what stalled goes on, also into another fault
        server.healthy = threading.Event()
        server.fault = word
        print(word, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
