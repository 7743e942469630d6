"""Spans of requests, runs and deliveries."""

from __future__ import annotations

import subprocess
import sys

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from functions import jobs
from functions.errors import BadSettings
from functions.records.outbox import Object, drain, send
from functions.records.tables import SymbolSetRow
from functions.settings import ROOT, Settings
from functions.telemetry import tracing
from functions.telemetry.request_id import for_request
from functions.worker.run_ending import ending
from tests.support.fake_store import FakeStore


@pytest.fixture
def spans():
    """Trace, and return a function that gives the spans that have ended."""
    exporter = InMemorySpanExporter()
    provider = tracing.start("test", exporter)

    def ended():
        provider.force_flush()
        return exporter.get_finished_spans()

    yield ended
    tracing.stop()
    provider.shutdown()


def test_a_run_and_a_delivery_are_spans_with_the_id_of_their_request(database, spans):
    with for_request("request-1"), database.writing() as session:
        session.add(SymbolSetRow(name="digits", labels=["1", "7"]))
        session.flush()
        send(session, Object("samples/digits/7/one.png", b"picture", "image/png"))
        run = jobs.request(session, "digits", jobs.QUICK)
    drain(database, FakeStore())
    with ending(database, jobs.lease(database)):
        pass
    delivery, learned = spans()
    assert (delivery.name, dict(delivery.attributes)) == ("deliver", {"inkloop.objects": 1})
    assert learned.name == "run learn"
    assert (learned.attributes["inkloop.run"], learned.attributes["inkloop.request_id"]) == (run, "request-1")
    assert learned.resource.attributes["service.name"] == "inkloop-test"


def test_without_the_variables_no_library_is_loaded_and_a_span_does_nothing():
    script = (
        "import sys, functions.app, functions.worker.__main__\n"
        "from functions.telemetry.tracing import span\n"
        "with span('run') as one: assert one is None\n"
        "sys.exit(bool({'opentelemetry.exporter', 'sentry_sdk'} & {*sys.modules}))"  # Redis's client loads the rest
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("environ", "traces"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_opentelemetrys_own_variables_decide(tmp_path, environ, traces):
    assert Settings.from_env({"INKLOOP_HOME": str(tmp_path), **environ}).traces is traces


def test_a_library_that_is_missing_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(BadSettings, match=r"requirements-telemetry\.txt"):
        tracing.start("web")
    assert not tracing.is_on()
