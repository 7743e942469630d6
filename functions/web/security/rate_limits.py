"""Rate limits for each contributor and each address."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from functions.settings import Settings
from functions.web.security.identity import cookie_contributor

# endpoint: (for one contributor, for one address). A session has two hundred drawings, and the page asks for predictions while
# the pen moves; a classroom shares one address. A visitor who deletes the cookie is still counted by the address.
LIMITS = {
    "api.predict": ("20 per second; 300 per minute", "3000 per minute"),
    "api.contribute": ("10 per second; 120 per minute", "1200 per minute"),
    "api.correct": ("10 per second; 120 per minute", "1200 per minute"),
    "admin.login": (None, "10 per minute; 50 per hour"),
}
ELSEWHERE = "1200 per minute"
FREE = ("health.healthz", "health.readyz", "static")  # a platform's own probes are never refused


def install(app: Flask, settings: Settings) -> None:
    """Count requests (in Redis where it is set, else in memory for each process) and answer 429 to too many."""
    limiter = Limiter(
        _address,
        default_limits=[ELSEWHERE],
        storage_uri=settings.redis_url or "memory://",
        in_memory_fallback_enabled=settings.redis_url is not None,  # the platform must work while Redis is unavailable
        enabled=settings.limits,
        default_limits_exempt_when=lambda: request.endpoint in FREE,
    )
    logging.getLogger("flask-limiter").setLevel(logging.ERROR)
    limiter.init_app(app)
    for endpoint, (for_contributor, for_address) in LIMITS.items():
        view: Callable[..., Any] = limiter.limit(for_address, key_func=_address)(app.view_functions[endpoint])
        if for_contributor is not None:
            view = limiter.limit(for_contributor, key_func=_contributor)(view)
        app.view_functions[endpoint] = cast(Callable[..., ResponseReturnValue], view)

    @app.after_request
    def _add_retry_after(response: Response) -> Response:
        if response.status_code == 429 and "Retry-After" not in response.headers:
            limit = limiter.current_limit
            wait = limit.reset_at - time.time() if limit is not None else 60
            response.headers["Retry-After"] = str(max(1, round(wait)))
        return response


def _contributor() -> str:
    return cookie_contributor() or _address()


def _address() -> str:
    address = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - no address is bound here
    if address.version == 6:  # one visitor has a whole /64
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
