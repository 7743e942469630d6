"""One line in the log for each request, without its query, its body or its cookies."""

from __future__ import annotations

import logging
import sys
import time

from flask import Flask, Response, g, request

from functions.web.security.addresses import client_address

log = logging.getLogger("inkloop.requests")

PROBES = ("health.healthz", "health.readyz", "static")  # asked all the time, and nothing to learn from
LONGEST = 200  # characters of a path


def install(app: Flask) -> None:
    """Log the requests of ``app``; to be installed first, so that the time is that of everything else."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s web %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    app.before_request(_begin)
    app.after_request(_note)


def _begin() -> None:
    g.began = time.perf_counter()


def _note(response: Response) -> Response:
    if request.endpoint not in PROBES or response.status_code >= 500:
        log.info(
            "%s %s %d %.1f ms from %s, request %s",
            request.method,
            _in_one_line(request.path),
            response.status_code,
            1000 * (time.perf_counter() - g.began),
            client_address() or "nobody",
            g.request_id,
        )
    return response


def _in_one_line(path: str) -> str:
    """Return a path without line breaks and control characters, which would forge lines or command a terminal."""
    return path.encode("unicode_escape").decode("ascii")[:LONGEST]
