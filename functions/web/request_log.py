"""One line in the log for each request, without its query, its body or its cookies: a sentence, or JSON.

As JSON the line also names what the request made: a sample, a prediction, a run. The lines of workers name them again, in the
keys of objects and the ids of runs, so a request can be followed to its end.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from flask import Flask, Response, g, request

from functions.domain.log_line import OWN, JsonLine
from functions.web.security.addresses import client_address

log = logging.getLogger("inkloop.requests")

PROBES = ("health.healthz", "health.readyz", "static")  # asked all the time, and nothing to learn from
LONGEST = 200  # characters of a path
MAKING = ("api.contribute", "api.correct", "api.predict")  # their answers name what they made
MADE = {"id": "made", "sample": "sample", "run": "run"}  # of an answer, and as the line names it


def install(app: Flask, as_json: bool = False) -> None:
    """Log the requests of ``app``; to be installed first, so that the time is that of everything else."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLine("web") if as_json else logging.Formatter("%(asctime)s web %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    if as_json and not logging.getLogger().handlers:  # what else a web process says: errors, outages
        others = logging.StreamHandler(sys.stderr)
        others.setFormatter(JsonLine("web"))
        logging.getLogger().addHandler(others)
    app.before_request(_begin)
    app.after_request(_note_facts if as_json else _note)


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


def _note_facts(response: Response) -> Response:
    if request.endpoint not in PROBES or response.status_code >= 500:
        facts: dict[str, Any] = {
            "method": request.method,
            "path": _in_one_line(request.path),
            "view": request.endpoint,
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.began), 1),
            "from": str(client_address() or ""),
            "request_id": g.request_id,
        }
        if request.endpoint in MAKING and response.status_code < 300:
            answer = response.get_json(silent=True) or {}
            facts |= {name: answer[key] for key, name in MADE.items() if answer.get(key)}
        log.info("request", extra={OWN: facts})
    return response


def _in_one_line(path: str) -> str:
    """Return a path without line breaks and control characters, which would forge lines or command a terminal."""
    return path.encode("unicode_escape").decode("ascii")[:LONGEST]
