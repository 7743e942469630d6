"""An attacker who owns a receiver, its name server and its answers does not reach the inside."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from functions.worker.webhook_post import Undelivered, post, resolve

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def receiver(answer: Answer) -> Iterator[tuple[int, list[BaseHTTPRequestHandler]]]:
    """Yield the port of a server on 127.0.0.1, and the requests that it got."""
    got: list[BaseHTTPRequestHandler] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(self)
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_port, got
    server.shutdown()
    server.server_close()


def says(status: int, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    return answer


def test_the_body_and_the_headers_arrive_at_the_named_host() -> None:
    with receiver(says(204)) as (port, got):
        look_up = lambda host, at: ["127.0.0.1"]  # noqa: E731
        post(f"http://bot.example:{port}/a?b=c", b"{}", {"webhook-id": "1"}, anywhere=True, look_up=look_up)
    (request,) = got
    assert (request.path, request.body, request.headers["webhook-id"]) == ("/a?b=c", b"{}", "1")
    assert request.headers["Host"] == f"bot.example:{port}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0", "169.254.169.254"]
)
def test_no_spelling_of_an_inner_address_is_connected(host: str) -> None:
    with receiver(says(200)) as (port, got), pytest.raises(Undelivered, match=r"public|looked up"):
        post(f"http://{host}:{port}/", b"{}", {})
    assert got == []


def test_a_name_with_one_inner_address_among_public_ones_is_not_connected() -> None:
    asked = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["1.1.1.1", "fe80::1%eth0"]

    with pytest.raises(Undelivered, match="not on the public internet"):
        post("https://bot.example/", b"{}", {}, look_up=look_up)
    assert asked == ["bot.example"]


def test_a_name_that_resolves_twice_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server says first a public, then an inner address: the connection goes to the first one."""
    connected, asked = [], []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["1.1.1.1"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Undelivered, match="cannot be reached"):
        post("http://bot.example/", b"{}", {}, look_up=look_up)
    assert (asked, connected) == (["bot.example"], [("1.1.1.1", 80)])


def test_a_redirect_is_not_followed() -> None:
    with receiver(says(200)) as (inner, reached):
        with receiver(says(307, Location=f"http://127.0.0.1:{inner}/")) as (port, got), pytest.raises(Undelivered, match="307"):
            post(f"http://127.0.0.1:{port}/", b"{}", {}, anywhere=True)
        assert (len(got), reached) == (1, [])


def test_an_answer_that_never_ends_is_given_up() -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        for _ in range(200):
            request.wfile.write(b"H")
            time.sleep(0.05)

    def silently(request: BaseHTTPRequestHandler) -> None:
        try:
            drip(request)
        except OSError:
            return

    began = time.monotonic()
    with receiver(silently) as (port, _), pytest.raises(Undelivered, match="in time"):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, anywhere=True, patience=0.3)
    assert time.monotonic() - began < 8  # the receiver would drip for ten seconds


def test_an_endless_body_is_not_read() -> None:
    with receiver(says(200, **{"Content-Length": str(10**12)})) as (port, _):
        post(f"http://127.0.0.1:{port}/", b"{}", {}, anywhere=True)


def test_a_receiver_without_a_right_certificate_gets_nothing() -> None:
    with receiver(says(200)) as (port, got), pytest.raises(Undelivered, match="TLS"):
        post(f"https://127.0.0.1:{port}/", b"{}", {}, anywhere=True)
    assert got == []


def test_a_name_without_an_address_is_said() -> None:
    with pytest.raises(Undelivered, match="looked up"):
        post("https://nobody.invalid/", b"{}", {})
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]
