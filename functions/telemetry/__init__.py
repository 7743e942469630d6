"""What follows a request through the processes: its id, spans of a trace, and reports of errors.

Without ``OTEL_EXPORTER_OTLP_ENDPOINT`` and ``SENTRY_DSN`` no library is loaded, and a span costs a comparison.
"""

from __future__ import annotations

from functions.settings import Settings
from functions.telemetry import error_reports, tracing


def require(settings: Settings) -> None:
    """Raise BadSettings if a library is missing that the settings ask for."""
    if settings.traces:
        tracing.require()
    if settings.sentry_dsn is not None:
        error_reports.require()


def start(settings: Settings, process: str) -> None:
    """Begin to trace and to report the errors of a ``process`` (web or worker), as far as the settings ask for it.

    Raises:
        BadSettings: a library is missing.
    """
    if settings.traces:
        tracing.start(process)
    if settings.sentry_dsn is not None:
        error_reports.start(settings.sentry_dsn, process)
