"""The headers of every answer: the request id, the security headers, and CORS."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request
from flask_cors import CORS

from functions.telemetry.request_id import begin_request

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # WebAssembly runs the networks on a visitor's device; scripts gain no eval
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",  # else no browser can install the app
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
_ANY_ORIGIN = re.compile(r"https?://[^/\s]+\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: Flask, origins: tuple[str, ...] | None = None) -> None:
    """Give every request of ``app`` an id and every answer its headers.

    Scripts of the sites ``origins`` may call the API, None stands for every site. Each is told its own origin, never ``*``.
    So ``null`` is told nothing, which any page can be that hides its origin.
    """
    app.before_request(_name)
    app.after_request(_protect)
    CORS(
        app,
        resources={r"/api/v1/.*": {"origins": [_ANY_ORIGIN] if origins is None else list(origins)}},
        supports_credentials=False,
        methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
        expose_headers=["ETag", "Link", "Retry-After", "WWW-Authenticate", "X-Request-Id"],
        max_age=600,
    )


def _name() -> None:
    given = request.headers.get("X-Request-Id", "")
    # A router in front may give requests ids; the same id helps to find a request in its logs. Odd ids are replaced.
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    begin_request(g.request_id)


def _protect(response: Response) -> Response:
    api = request.path.startswith("/api/")
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if api else "same-origin"
    response.headers.setdefault("Content-Security-Policy", CSP)
    if api:
        response.vary.add("Origin")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={365 * 24 * 3600}"
    if "Cache-Control" not in response.headers and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
