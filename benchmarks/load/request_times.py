"""Time the requests of one process on an idle machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient

from benchmarks.end_to_end import Drawing, strokes_of
from functions import registry
from functions.app import create_app
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.training import lanes, training_set
from functions.web.platform import Platform as Opened

API = "/api/v1"


class StillRuntime(LiveModels):
    """Live models without a watching thread, which would outlive the platform."""

    def watch(self) -> None:
        """Do nothing."""


def time_requests(opened: Opened, supply: Iterator[Drawing], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each request, and of gathering a quick run's training set."""
    runtime = StillRuntime(opened.database, Artefacts(opened.store, opened.settings.models))
    here = replace(opened, runtime=runtime)
    runtime.refresh()
    client = create_app(here.settings, here).test_client()
    client.post("/admin/login", data={"password": opened.settings.admin_password})
    found: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        answer = act()
        found.setdefault(name, []).append(1000 * (time.perf_counter() - began))
        if getattr(answer, "status_code", 200) >= 400:
            raise SystemExit(f"{name} was answered {answer.status_code}: {answer.text}")
        return answer

    for number in range(rounds):
        if number % 10 == 0:
            client.delete_cookie("inkloop_contributor")  # another visitor
        _send(client, next(supply), timed)
        for name, path in PAGES.items():
            timed(name, lambda path=path: client.get(path))
        timed("training set of a quick run", lambda: _gather(here))
    return {name: statistics.median(times) for name, times in found.items()}


PAGES = {
    "GET sets": f"{API}/sets",
    "GET metrics": f"{API}/sets/digits/metrics",
    "GET prompts": f"{API}/sets/digits/prompts",
    "GET samples": f"{API}/sets/digits/samples",
    "GET samples, one label's that wait": f"{API}/sets/digits/samples?label=7&status=pending",
    "GET runs": f"{API}/sets/digits/runs",
    "GET versions": f"{API}/sets/digits/versions",
    "page Contribute": "/contribute/digits",
    "page Models": "/models/digits",
    "page Dataset": "/dataset/digits",
    "page My drawings": "/mine",
    "page Overview": "/admin/",
    "page Moderation": "/admin/moderation/digits",
    "page Runs": "/admin/runs/digits",
    "page Versions": "/admin/versions/digits",
    "page Audit log": "/admin/audit",
}


def _gather(here: Opened) -> None:
    with here.database.reading() as session:
        symbols, live = registry.symbol_set(session, "digits"), registry.live(session, "digits")
        training_set.gather(session, symbols, tuple(live["cnn"].labels), lanes.QUICK, seed=1)


def _send(client: FlaskClient, drawing: Drawing, timed: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Contribute a drawing, ask for a prediction, and correct it."""
    body, label = strokes_of(drawing), drawing["label"]
    timed("contribute", lambda: client.post(f"{API}/sets/digits/samples", json={**body, "label": label}))
    timed("predict", lambda: client.post(f"{API}/sets/digits/predictions", json=body))
    answer = timed("predict, kept", lambda: client.post(f"{API}/sets/digits/predictions", json={**body, "consent": True})).json
    timed("correct", lambda: client.post(f"{API}/predictions/{answer['id']}/correction", json={"label": label}))
