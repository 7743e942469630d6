"""Posts to a receiver of a webhook, at an address that was looked up once and checked.

The owner names the receiver, but its name server, its redirects and whoever copies an admin token must not lead the worker into
the network behind it. So the name is looked up once, every address is checked, and the connection goes to that address, not to
the name. Nothing is followed, no proxy of the environment is used, and the answer's body is not read.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from urllib.parse import urlsplit

from functions.domain.problem import Problem
from functions.domain.webhooks import is_public

PATIENCE = 15.0  # seconds for all of a delivery: also a receiver that sends a byte now and then ends
Resolve = Callable[[str, int], list[str]]


class Undelivered(Exception):
    """The receiver did not take the delivery; the message is a sentence for the owner."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raise OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    anywhere: bool = False,
    look_up: Resolve = resolve,
    patience: float = PATIENCE,
) -> None:
    """Post a body; any answer but 2xx raises Undelivered, as does an address that is not public, unless ``anywhere``."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        addresses = look_up(host, port)
    except (OSError, UnicodeError):
        raise Undelivered(Problem("receiver_unknown")) from None
    if not addresses or not (anywhere or all(_is_public(address) for address in addresses)):
        raise Undelivered(Problem("receiver_private"))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _connected(addresses, port, host if secure else None, patience) as connection:
            wire = HTTPConnection(host, port)
            wire.sock = connection
            default = 443 if secure else 80
            wire.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
            wire.putheader("Host", _bracketed(host) if port == default else f"{_bracketed(host)}:{port}")
            for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
                wire.putheader(name, value)
            wire.endheaders(body)
            answer: HTTPResponse = wire.getresponse()
            status = answer.status
            answer.close()
    except ssl.SSLError as error:
        raise Undelivered(Problem("receiver_tls", answer=error.reason or type(error).__name__)) from None
    except TimeoutError:
        raise Undelivered(Problem("receiver_slow")) from None
    except (OSError, HTTPException) as error:
        raise Undelivered(Problem("receiver_away", answer=type(error).__name__)) from None
    if not 200 <= status < 300:
        raise Undelivered(Problem("receiver_answered", answer=status))


def _is_public(text: str) -> bool:
    return is_public(ip_address(text.partition("%")[0]))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def _connected(addresses: list[str], port: int, secure_name: str | None, patience: float) -> Iterator[socket.socket]:
    """Yield a connection to the first address that answers; it breaks when the time is over."""
    connection = _first(addresses, port, patience)
    over = threading.Event()

    def end() -> None:
        over.set()
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(patience, end)
    timer.daemon = True
    timer.start()
    try:
        if secure_name is not None:
            # The certificate must be that of the name, whatever address was connected.
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=secure_name)
        yield connection
    except (OSError, HTTPException):
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()


def _first(addresses: list[str], port: int, patience: float) -> socket.socket:
    *earlier, last = addresses[:3]
    for address in earlier:
        try:
            return socket.create_connection((address, port), patience / 3)
        except OSError:
            continue
    return socket.create_connection((last, port), patience / 3)
