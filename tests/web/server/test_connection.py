"""One connection's buffers, with a socket pair in place of a client."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from gunicorn.config import Config

from functions.web.server.connection import Bounds, Connection


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, Connection]]:
    """A client's socket and the server's connection to it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, Connection(Config(), ours, ("192.0.2.1", 1), ("127.0.0.1", 80), Bounds(body=100, proxies=1))


def test_a_request_is_there_with_the_last_byte_of_its_body(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    client.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab")
    connection.receive()
    assert connection.begin_request()
    assert not connection.body_arrived()
    client.sendall(b"cGET /b HTTP/1.1\r\n\r\n")
    connection.receive()
    assert connection.body_arrived()
    assert connection.request.body.read() == b"abc"
    assert connection.end_request()
    connection.forget_request()
    assert connection.begin_request()
    assert connection.request.path == "/b"
    assert connection.sender == "192.0.2.1/32"


def test_the_sender_is_who_the_declared_proxy_names(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    for named, sender in {
        "8.8.8.8, 203.0.113.7:5000": "203.0.113.7/32",
        "2001:db8::1": "2001:db8::/64",
        "?": "192.0.2.1/32",
    }.items():
        client.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {named}\r\n\r\n".encode())
        connection.receive()
        assert connection.begin_request()
        assert connection.sender == sender
        connection.forget_request()


def test_nothing_is_read_where_nothing_came(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    with pytest.raises(BlockingIOError):
        connection.receive()
    client.close()
    assert connection.receive() == 0


def test_an_answer_is_held_until_the_client_takes_it(pair: tuple[socket.socket, Connection]) -> None:
    client, connection = pair
    connection.sock.sendall(b"x" * 3_000_000)
    assert not connection.flush()
    assert 0 < connection.held < 3_000_000
    got, all_sent = 0, False
    while got < 3_000_000:
        got += len(client.recv(65536))
        all_sent = connection.flush()
    assert all_sent
    assert connection.held == 0
