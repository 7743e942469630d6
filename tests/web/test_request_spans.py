"""A span for each request, without what a person sent."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from functions.telemetry import tracing
from tests.support.sample_drawings import SEVEN

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_request_is_a_span_of_the_callers_trace(make_app: Callable[..., Flask]) -> None:
    exporter = InMemorySpanExporter()
    provider = tracing.start("web", exporter)
    try:
        client = make_app().test_client()
        headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        asked = client.post("/api/v1/sets/digits/predictions", json=SEVEN, headers=headers)
        client.get("/healthz")
        client.get("/nothing-here/hidden?token=hidden")
        provider.force_flush()
    finally:
        tracing.stop()
        provider.shutdown()
    predicted, missing = exporter.get_finished_spans()
    assert predicted.name == "POST /api/v1/sets/<set_name>/predictions"
    assert f"{predicted.context.trace_id:032x}" == TRACE
    assert predicted.attributes["http.response.status_code"] == 200
    assert predicted.attributes["inkloop.request_id"] == asked.headers["X-Request-Id"]
    assert (missing.name, missing.attributes["http.response.status_code"]) == ("GET", 404)
    assert "hidden" not in "".join(span.to_json() for span in (predicted, missing))
