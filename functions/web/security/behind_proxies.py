"""What the declared proxies in front say about a request: client, scheme, host and prefix. Nobody else is believed."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from functions.service_urls import HOST
from functions.web.security.addresses import Address, counted_as, parse_address
from functions.web_settings import PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_HOST = re.compile(rf"(?:{HOST.pattern}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?")
A_WHILE = 3600.0  # seconds between two warnings about the same proxy
PROBES = ("/healthz", "/readyz")  # a platform asks these past its own proxy


def said_by_proxies(text: str, proxies: int) -> list[str]:
    """Return the values that the proxies added, the farthest proxy first; what stands before them anybody may have sent."""
    return [value.strip() for value in text.rsplit(",", proxies)[-proxies:]] if text and proxies else []


def client_behind(peer: str, forwarded_for: str, proxies: int) -> str:
    """Return who sends: the client that the declared proxies name, else the peer, as limits count it."""
    named = [parse_address(text) for text in (*said_by_proxies(forwarded_for, proxies), peer)]
    return counted_as(next((address for address in named if address is not None), None))


class BehindProxies:
    """A WSGI app behind ``proxies`` proxies, each of which appends to the ``X-Forwarded`` headers, or sets them.

    A ``prefix`` from the settings is used whatever the proxies say. The proxy may take it off the path, or leave it. The router
    of a PaaS, which nobody ``declared``, says only who the client is, and the scheme: what a client says of host and prefix
    comes through.
    """

    def __init__(self, app: WSGIApplication, proxies: int, prefix: str = "", *, declared: bool = True) -> None:
        self._app, self._proxies, self._prefix, self._declared = app, proxies, prefix, declared
        self._warned = -A_WHILE

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Rewrite the environment by what the proxies say, and pass the request on."""
        if self._proxies:
            self._believe(environ)
        if self._prefix:
            environ["SCRIPT_NAME"] = self._prefix
            rest = environ.get("PATH_INFO", "").removeprefix(self._prefix)
            if rest.startswith("/") or not rest:
                environ["PATH_INFO"] = rest
        return self._app(environ, start_response)

    def _believe(self, environ: WSGIEnvironment) -> None:
        if (client := self._client(environ)) is not None:
            environ["REMOTE_ADDR"] = str(client)
        if (scheme := self._said(environ, "PROTO").lower()) in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if not self._declared:
            return
        if _HOST.fullmatch(host := self._said(environ, "HOST")):
            environ["HTTP_HOST"] = host
        if PREFIX.fullmatch(prefix := self._said(environ, "PREFIX").rstrip("/")):
            environ["SCRIPT_NAME"] = prefix

    def _client(self, environ: WSGIEnvironment) -> Address | None:
        """Return the farthest address that a proxy vouches for; None, with a warning, if no proxy names an address."""
        named = self._all_said(environ, "FOR")
        found = [parse_address(text) for text in named]
        if (not found or found[0] is None) and environ.get("PATH_INFO") not in PROBES:
            self._warn(named)
        return next((address for address in found if address is not None), None)

    def _said(self, environ: WSGIEnvironment, what: str) -> str:
        return next(iter(self._all_said(environ, what)), "")

    def _all_said(self, environ: WSGIEnvironment, what: str) -> list[str]:
        return said_by_proxies(environ.get(f"HTTP_X_FORWARDED_{what}", ""), self._proxies)

    def _warn(self, named: list[str]) -> None:
        if (moment := time.monotonic()) - self._warned < A_WHILE:
            return
        self._warned = moment
        log.warning(
            "INKLOOP_PROXIES is %d, but the X-Forwarded-For of a request names no client (%.100r):"
            " visitors whom no proxy names share the limits of one address.",
            self._proxies,
            named,
        )
