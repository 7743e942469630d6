from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from functions.records.tables import Run, now
from functions.records.tokens import create_token
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN
from tests.support.tiny_models import ship
from tests.support.web_server import web_server

TOKEN = "a-token-for-prometheus-alone"


def value(page: str, name: str, **labels: str) -> float | None:
    """Return the value of a metrics page with a name and these labels, None if there is none."""
    families = text_string_to_metric_families(page)
    found = [one.value for family in families for one in family.samples if one.name == name and one.labels == labels]
    return found[0] if found else None


def owner(here: Platform) -> dict[str, str]:
    with here.database.writing() as session:
        return {"Authorization": f"Bearer {create_token(session, 'prometheus')}"}


def test_strangers_see_no_metrics(client: FlaskClient, make_app: Callable[..., Flask]) -> None:
    refused = client.get("/metrics")
    assert (refused.status_code, refused.json["error"]["code"]) == (401, "not_signed_in")
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    other = make_app(metrics_token=TOKEN).test_client()
    assert other.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
    assert other.get("/metrics").status_code == 401


def test_the_metrics_token_opens_the_metrics_and_nothing_else(make_app: Callable[..., Flask]) -> None:
    client = make_app(metrics_token=TOKEN).test_client()
    token = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=token).status_code == 200
    assert client.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=token).status_code == 401


def test_the_owner_sees_what_the_platform_does(client: FlaskClient, here: Platform) -> None:
    given = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json
    asked = client.post("/api/v1/sets/digits/predictions", json={**SEVEN, "consent": True}).json
    client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": "7"})
    page = client.get("/metrics", headers=owner(here))
    assert page.content_type.startswith("text/plain; version=")
    found = partial(value, page.text)
    assert found("inkloop_samples", set="digits", status=given["status"])
    assert found("inkloop_outbox_objects") >= 2
    assert found("inkloop_outbox_bytes") > 500
    assert 0 <= found("inkloop_outbox_age_seconds") < 60
    assert found("inkloop_runs", kind="learn", state="queued") == 1
    assert found("inkloop_live_version", set="digits", learner="cnn", version="digits-cnn-1") == 1
    assert found("inkloop_live_accuracy_answers", set="digits") == 1
    assert found("inkloop_live_accuracy", set="digits") in (0, 1)
    assert found("inkloop_requests_total", view="api.contribute", status="201") >= 1


def test_every_metric_is_documented(client: FlaskClient, here: Platform) -> None:
    page = client.get("/metrics", headers=owner(here)).text
    shown = {name for name in re.findall(r"^# TYPE (\w+)", page, re.MULTILINE) if not name.endswith("_created")}
    told = set(re.findall(r"`(inkloop_\w+)", Path("docs/monitoring.md").read_text()))
    assert shown == told


def test_the_figures_are_counted_now_and_then_and_not_for_each_scrape(client: FlaskClient, here: Platform) -> None:
    token = owner(here)
    before = value(client.get("/metrics", headers=token).text, "inkloop_outbox_objects")
    client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"})
    assert value(client.get("/metrics", headers=token).text, "inkloop_outbox_objects") == before


def test_any_process_of_a_web_server_answers_for_all_of_them(tmp_path: Path) -> None:
    ship(tmp_path / "models")
    environ = {"INKLOOP_MODELS": str(tmp_path / "models"), "INKLOOP_METRICS_TOKEN": TOKEN, "WEB_WORKERS": "3"}
    with web_server(tmp_path / "home", "main:app", **environ) as server:
        address = f"http://127.0.0.1:{server.port}"
        for _ in range(30):  # connections of their own, so that several processes get some
            assert requests.get(f"{address}/api/v1/sets", timeout=20).status_code == 200
        pages = [requests.get(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20) for _ in range(6)]
        assert {value(page.text, "inkloop_requests_total", view="api.sets", status="200") for page in pages} == {30}


@pytest.mark.parametrize("quantile", ["0.5", "1"])
def test_runs_are_told_with_their_durations(client: FlaskClient, here: Platform, quantile: str) -> None:
    with here.database.writing() as session:
        for seconds in (1, 2, 60):
            session.add(
                Run(set_name="digits", kind="learn", state="done", started=now(), finished=now() + timedelta(seconds=seconds))
            )
    found = partial(value, client.get("/metrics", headers=owner(here)).text)
    assert found("inkloop_run_seconds", kind="learn", quantile=quantile) == pytest.approx(2 if quantile == "0.5" else 60, abs=0.5)
    assert found("inkloop_runs", kind="learn", state="done") == 3
