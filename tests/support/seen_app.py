"""An app that says what it believes about a request; ``app`` is the one that a real server loads."""

from __future__ import annotations

from flask import Flask, jsonify, request

from functions.web.security.addresses import client_address
from functions.web.security.behind_proxies import BehindProxies


def seen_app(proxies: int = 0, prefix: str = "", *, declared: bool = True) -> Flask:
    """Return an app with the one view ``/seen``."""
    made = Flask("seen")

    @made.get("/seen")
    def seen() -> object:
        client = client_address()
        return jsonify(client=client and str(client), scheme=request.scheme, host=request.host, prefix=request.script_root)

    made.wsgi_app = BehindProxies(made.wsgi_app, proxies, prefix, declared=declared)
    return made


app = seen_app()
