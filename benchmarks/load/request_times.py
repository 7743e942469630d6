"""Time the requests of one process on an idle machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from benchmarks.end_to_end import Drawing, strokes_of
from functions import registry
from functions.app import create_app
from functions.records.figures import figures
from functions.records.tables import Sample
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.training import lanes, training_set
from functions.web.platform import Platform as Opened

API = "/api/v1"
Clock = Callable[[], float]  # seconds


class StillRuntime(LiveModels):
    """Live models without a watching thread, which would outlive the platform."""

    def watch(self) -> None:
        """Do nothing."""


def time_requests(opened: Opened, supply: Iterator[Drawing], rounds: int, clock: Clock = time.perf_counter) -> dict[str, float]:
    """Return the median milliseconds of each request, and of gathering a quick run's training set."""
    runtime = StillRuntime(opened.database, Artefacts(opened.store, opened.settings.models))
    here = replace(opened, runtime=runtime)
    runtime.refresh()
    client = create_app(here.settings, here).test_client()
    client.post("/admin/login", data={"password": opened.settings.admin_password})
    paths = {name: path.format(**_names(here)) for name, path in PAGES.items()}
    found: dict[str, list[float]] = {}

    def timed(name: str, act: Callable[[], Any]) -> Any:
        began = clock()
        answer = act()
        found.setdefault(name, []).append(1000 * (clock() - began))
        if getattr(answer, "status_code", 200) >= 400:
            raise SystemExit(f"{name} was answered {answer.status_code}: {answer.text}")
        return answer

    for number in range(rounds):
        if number % 10 == 0:
            client.delete_cookie("inkloop_contributor")  # another visitor
        _send(client, next(supply), timed)
        for name, path in paths.items():
            timed(name, lambda path=path: client.get(path))
        timed("figures of /metrics", lambda: _figures(here))
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
    "GET a version": f"{API}/versions/{{version}}",
    "GET what the owner did": f"{API}/audit",
    "page Recognise": "/recognise/digits",
    "page Contribute": "/contribute/digits",
    "page Models": "/models/digits",
    "page of a version": "/models/digits/versions/{version}",
    "page Compare": "/models/digits/compare",
    "page About": "/about",
    "page Dataset": "/dataset/digits",
    "page Dataset, older than half": "/dataset/digits?cursor={sample}",
    "page Dataset, one label and split": "/dataset/digits?label=7&split=test",
    "page Dataset, doubted ones": "/dataset/digits?doubted=yes",
    "page of a drawing": "/dataset/digits/{sample}",
    "page of a drawing's versions": "/dataset/digits/{sample}/versions",
    "page My drawings": "/mine",
    "page Overview": "/admin/",
    "page Moderation": "/admin/moderation/digits",
    "page Moderation, reported": "/admin/moderation/digits?status=reported",
    "page Sets": "/admin/sets",
    "page Runs": "/admin/runs/digits",
    "page Runs, older than half": "/admin/runs/digits?cursor={run}",
    "page Versions": "/admin/versions/digits",
    "page Audit log": "/admin/audit",
    "page Audit log, one act": "/admin/audit?act=version_activated",
    "page Audit log, one object": "/admin/audit?object={version}",
    "page Contributors": "/admin/contributors",
    "page Contributors, older than half": "/admin/contributors?cursor={contributor}",
    "page of a contributor": "/admin/contributors/{contributor}",
}


def _names(here: Opened) -> dict[str, str]:
    """Return what the addresses name: a sample from the middle that a run learned, and a live version."""
    with here.database.reading() as session:
        learned = select(Sample).where(Sample.taught_to.is_not(None), Sample.source == "contribution").order_by(Sample.id)
        ends = session.scalar(select(func.min(Sample.id))), session.scalar(select(func.max(Sample.id)))
        middle = sum(int(str(end)[:12], 16) for end in ends) // 2
        sample = session.scalars(learned.where(Sample.id >= f"{middle:012x}").limit(1)).one()
        version = registry.live(session, "digits")["cnn"].id
        return {"sample": sample.id, "contributor": sample.contributor_id, "run": str(sample.taught_to), "version": version}


def _figures(here: Opened) -> None:
    with here.database.reading() as session:
        figures(session)


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
