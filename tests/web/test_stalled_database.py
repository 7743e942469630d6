"""The platform on PostgreSQL while a table is locked, and while the server has stopped: what clients are answered."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from benchmarks.load.honest_clients import DRAWING, SET, ask
from tests.support.stopped_postgres import stopped
from tests.support.tiny_models import ship
from tests.support.together import together
from tests.support.web_server import WebServer, until_loaded, web_server

pytestmark = pytest.mark.starts_early
LABELLED = DRAWING[:-1] + b', "label": "7"}'


@pytest.fixture
def server(tmp_path: Path, postgres_url: str) -> Iterator[WebServer]:
    """One web process on PostgreSQL."""
    ship(tmp_path / "models")
    chosen = {"DATABASE_URL": postgres_url, "INKLOOP_MODELS": str(tmp_path / "models"), "INKLOOP_TRUST": "open"}
    with web_server(tmp_path / "home", "main:app", **chosen) as running:
        until_loaded(running)
        yield running


def request(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes, float]:
    """Send one request; return the status, the headers, the body and the seconds until then."""
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, headers | ({"Content-Type": "application/json"} if body else {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(), time.monotonic() - began


def contribute(server: WebServer) -> tuple[int, Any, bytes, float]:
    return request(server.port, "POST", f"{SET}/samples", LABELLED)


def cookie_of(server: WebServer) -> str:
    status, headers, *_ = contribute(server)
    assert status == 201
    return str(headers["Set-Cookie"]).partition(";")[0]


@pytest.mark.long_run
def test_writers_that_wait_for_a_lock_leave_predictions_and_health_alone(server: WebServer, postgres_url: str) -> None:
    cookie, engine = cookie_of(server), create_engine(postgres_url)
    with engine.begin() as lock:
        lock.execute(text("LOCK TABLE samples IN ACCESS EXCLUSIVE MODE"))
        writers, answers = together(16, lambda: contribute(server))
        time.sleep(0.5)
        adapted, adapting = together(4, lambda: request(server.port, "POST", f"{SET}/predictions", DRAWING, Cookie=cookie))
        plain = ask(server.port, 3, clients=2)
        health = ask(server.port, 1, clients=1, method="GET", path="/healthz")
        ready = request(server.port, "GET", "/readyz")
    for thread in (*writers, *adapted):
        thread.join()
    engine.dispose()
    assert (plain.failed, health.failed) == (0, 0), (plain, server.log)
    assert max(health.seconds) < 2
    assert ready[3] < 5
    assert [status for status, *_ in adapting] == [200] * 4  # by the networks alone, if the visitor's drawings cannot be read
    assert max(took for *_, took in adapting) < 10
    assert {status for status, *_ in answers} <= {201, 503}
    assert all(headers["Retry-After"] for status, headers, *_ in answers if status == 503)
    assert contribute(server)[0] == 201


@pytest.mark.long_run
def test_a_server_that_has_stopped_costs_neither_health_nor_predictions(server: WebServer, postgres_url: str) -> None:
    cookie = cookie_of(server)
    with stopped(postgres_url):
        adapted, adapting = together(4, lambda: request(server.port, "POST", f"{SET}/predictions", DRAWING, Cookie=cookie))
        ready = [request(server.port, "GET", "/readyz") for _ in range(2)]
        writers, refused = together(4, lambda: contribute(server))
        plain = ask(server.port, 3, clients=2)
        health = ask(server.port, 1, clients=1, method="GET", path="/healthz")
        for thread in (*adapted, *writers):
            thread.join()
    assert [status for status, *_ in ready] == [503, 503]
    assert all(json.loads(body)["reasons"] for _, _, body, _ in ready)
    assert max(took for *_, took in ready) < 5
    assert (plain.failed, health.failed) == (0, 0), (plain, server.log)
    assert max(health.seconds) < 2
    assert [status for status, *_ in adapting] == [200] * 4
    assert [(status, bool(headers["Retry-After"])) for status, headers, *_ in refused] == [(503, True)] * 4
    until = time.monotonic() + 20
    while request(server.port, "GET", "/readyz")[0] != 200:
        assert time.monotonic() < until, server.log
        time.sleep(0.2)
    assert contribute(server)[0] == 201
