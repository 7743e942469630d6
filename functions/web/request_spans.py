"""A span of OpenTelemetry for each request: its method, its view and its status; no path, query, body or address."""

from __future__ import annotations

from flask import Flask, Response, g, request

from functions.telemetry import tracing

UNTRACED = ("health.healthz", "health.readyz", "static")


def install(app: Flask) -> None:
    """Trace the requests of ``app``, if spans are sent at all; to be installed after the requests have their ids."""
    if not tracing.is_on():
        return
    from opentelemetry.trace import Status, StatusCode, use_span

    @app.before_request
    def begin() -> None:
        if request.endpoint in UNTRACED:
            return
        route = request.url_rule.rule if request.url_rule is not None else ""
        facts = {"http.request.method": request.method, "http.route": route}
        g.span = tracing.open_span(f"{request.method} {route}".strip(), facts, dict(request.headers))
        g.within_span = use_span(g.span, end_on_exit=False)
        g.within_span.__enter__()  # what a view calls belongs to it

    @app.after_request
    def note(response: Response) -> Response:
        if "span" in g:
            g.span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                g.span.set_status(Status(StatusCode.ERROR))
        return response

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        if "span" in g:
            g.within_span.__exit__(None, None, None)
            g.pop("span").end()
