"""Health checks: whether the process is alive, and whether it is ready."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from functions.records.outbox_room import longest_waiting
from functions.web.platform import platform

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Answer 200 while the process is alive."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> Response:
    """Answer 200 when this process is ready to serve, else 503; the reasons also tell what a ready process cannot do now."""
    here = platform()
    reasons = [*here.runtime.ready(), *here.write_health.reasons(here.database, here.settings.used_home)]
    also = reasons or [*here.runtime.substitutes(), *here.outbox_room.reasons(here.database), *_late()]
    response = jsonify(status="not ready" if reasons else "ready", reasons=also)
    if reasons:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return response


def _late() -> list[str]:
    """Return a sentence about drawings that the object store should have by now: they are safe, and nobody is refused."""
    with platform().database.reading() as session:
        late = longest_waiting(session)
    return [] if late is None else [f"Drawings wait for the object store, the oldest for {late.minutes} min."]
