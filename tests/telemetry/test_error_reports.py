"""What Sentry gets of an error, and what it never gets."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from functions.errors import BadSettings
from functions.telemetry import error_reports
from functions.telemetry.request_id import for_request

DSN = "https://key@sentry.invalid/2"


class Kept(Transport):
    """Keeps the events instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        """Keep the event of an envelope."""
        if (event := envelope.get_event()) is not None:
            self.events.append(event)


@pytest.fixture
def kept():
    transport = Kept()
    error_reports.start(DSN, "web", transport)
    yield transport
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_a_logged_error_is_reported_with_its_stack_and_its_request(kept):
    def view() -> None:
        drawing = [[["a-drawing-of-a-person"]]]
        raise ValueError(f"{len(drawing)} strokes")

    with for_request("request-1"):
        try:
            view()
        except ValueError:
            logging.getLogger("inkloop").exception("request request-1 failed")
    (event,) = kept.events
    assert event["exception"]["values"][0]["value"] == "1 strokes"
    assert (event["tags"]["request_id"], event["tags"]["process"]) == ("request-1", "web")
    assert "a-drawing-of-a-person" not in json.dumps(
        [one["stacktrace"]["frames"][-1].get("vars") for one in event["exception"]["values"]]
    )
    assert not {*error_reports.LEFT_OUT} & {*event}


def test_warnings_and_breadcrumbs_are_not_reported(kept):
    logging.getLogger("inkloop").warning("from 203.0.113.9")
    logging.getLogger("inkloop").error("A thing went wrong.")
    (event,) = kept.events
    assert "203.0.113.9" not in json.dumps(event, default=str)


def test_a_missing_library_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(BadSettings, match=r"requirements-telemetry\.txt"):
        error_reports.start(DSN, "web")
