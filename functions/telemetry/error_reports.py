"""Reports errors to Sentry: the error, its stack and the request's id, and nothing that a person drew or sent.

No integration looks at requests; local variables and addresses are not sent. What is logged as an error is reported.
"""

from __future__ import annotations

import logging
from typing import Any

from functions.errors import BadSettings
from functions.telemetry.request_id import current_request

NOT_INSTALLED = (
    "SENTRY_DSN is set, but Sentry's library is not installed: pip install -r requirements-telemetry.txt, or unset it."
)
LEFT_OUT = ("request", "user", "breadcrumbs", "extra", "server_name", "modules")


def require() -> None:
    """Raise BadSettings if Sentry's library is not installed."""
    try:
        import sentry_sdk  # noqa: F401
    except ImportError:
        raise BadSettings(NOT_INSTALLED) from None


def start(dsn: str, process: str, transport: Any = None) -> None:
    """Begin to report errors; ``transport`` replaces the one that sends them by HTTP.

    Raises:
        BadSettings: Sentry's library is not installed.
    """
    require()
    import sentry_sdk
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration
    from sentry_sdk.integrations.threading import ThreadingIntegration

    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            ThreadingIntegration(),
        ],
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,  # a drawing may be in one
        max_breadcrumbs=0,
        before_send=_reduced,
    )
    sentry_sdk.set_tag("process", process)


def _reduced(event: Any, hint: Any) -> Any:
    for part in LEFT_OUT:
        event.pop(part, None)
    if (asked := current_request()) is not None:
        event.setdefault("tags", {})["request_id"] = asked
    return event
