"""Spans of OpenTelemetry: of a request, of a run, of a delivery. Its own variables (``OTEL_*``) say where they go."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from functions.errors import BadSettings
from functions.telemetry.request_id import current_request

Value = str | int | float | bool
REQUEST_ID = "inkloop.request_id"
NOT_INSTALLED = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install -r requirements-telemetry.txt, "
    "or set OTEL_SDK_DISABLED=true."
)

# One for the process, as of logging: every package may have something to trace. None: nothing is traced.
_tracer: Any = None


def require() -> None:
    """Raise BadSettings if OpenTelemetry is not installed."""
    try:
        import opentelemetry.exporter.otlp.proto.http.trace_exporter
        import opentelemetry.sdk.trace  # noqa: F401
    except ImportError:
        raise BadSettings(NOT_INSTALLED) from None


def start(process: str, exporter: Any = None) -> Any:
    """Begin to send spans; return the provider. ``exporter`` replaces the one that sends them by HTTP.

    Raises:
        BadSettings: OpenTelemetry is not installed.
    """
    global _tracer
    require()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource.create()  # by OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, if they are set
    if str(named.attributes["service.name"]).startswith("unknown_service"):
        named = named.merge(Resource({"service.name": f"inkloop-{process}"}))
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    _tracer = provider.get_tracer("inkloop")
    return provider


def stop() -> None:
    """Trace nothing more."""
    global _tracer
    _tracer = None


def is_on() -> bool:
    """Tell whether spans are sent."""
    return _tracer is not None


def span(name: str, facts: Mapping[str, Value] | None = None) -> AbstractContextManager[Any]:
    """Return a span for a ``with`` block, with the request's id and more ``facts``; its value is None if nothing is traced."""
    if _tracer is None:
        return nullcontext()
    asked = {REQUEST_ID: current_request()} if current_request() is not None else {}
    started: AbstractContextManager[Any] = _tracer.start_as_current_span(name, attributes={**asked, **(facts or {})})
    return started


def open_span(name: str, facts: Mapping[str, Value], headers: Mapping[str, str]) -> Any:
    """Begin the span of a request; ``headers`` may name the trace that it belongs to. The caller ends it."""
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    asked = {REQUEST_ID: current_request() or ""}
    known = {key.lower(): value for key, value in headers.items() if key.lower() in ("traceparent", "tracestate")}
    return _tracer.start_span(name, context=extract(known), kind=SpanKind.SERVER, attributes={**asked, **facts})
