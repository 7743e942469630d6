"""Health checks: whether the process is alive, and whether it is ready."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from functions.records.outbox_room import longest_waiting
from functions.web.platform import Platform, platform
from functions.web.readiness import Found

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Answer 200 while the process is alive."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> Response:
    """Answer 200 when this process is ready to serve, else 503; the reasons also tell what a ready process cannot do now."""
    here = platform()
    found = here.readiness.found(lambda: _look(here))
    response = jsonify(status="not ready" if found.reasons else "ready", reasons=found.reasons or found.also)
    if found.reasons:
        response.status_code = 503
        response.headers["Retry-After"] = "1"
    return response


def _look(here: Platform) -> Found:
    """Find out in a thread of its own, without a request."""
    reasons = [*here.runtime.ready(), *here.write_health.reasons(here.database, here.settings.used_home)]
    if reasons:
        return Found(reasons)
    return Found([], [*here.runtime.substitutes(), *here.outbox_room.reasons(here.database), *_late(here)])


def _late(here: Platform) -> list[str]:
    """Return a sentence about drawings that the object store should have by now: they are safe, and nobody is refused."""
    with here.database.reading() as session:
        late = longest_waiting(session)
    return [] if late is None else [f"Drawings wait for the object store, the oldest for {late.minutes} min."]
