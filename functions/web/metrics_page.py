"""``/metrics`` for Prometheus: the requests of this web server, and what the database says about the whole platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric

from functions.web.platform import platform
from functions.web.request_counts import counted
from functions.web.security import access, keys

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
def page() -> Response:
    """Answer the owner, and whoever has INKLOOP_METRICS_TOKEN, in Prometheus's text format."""
    here = platform()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if here.settings.metrics_token is None or not keys.is_equal(here.settings.metrics_token, given):
        access.need()
    shown = CollectorRegistry()
    shown.register(_Shown([*counted(), *here.figures.of(here.database, here.metrics)]))
    return Response(generate_latest(shown), content_type=CONTENT_TYPE_LATEST)


class _Shown:
    """A collector of metrics that are there already."""

    def __init__(self, found: Sequence[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._found
