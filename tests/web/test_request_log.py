"""The log of requests: enough to find a request again, and nothing that a stranger could use."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.domain.log_line import JsonLine
from functions.web.request_log import log
from tests.support.sample_drawings import SEVEN


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.formatted: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())
        self.formatted.append(self.format(record))


@pytest.fixture
def lines(client: FlaskClient) -> Iterator[list[str]]:
    kept = Lines()
    log.addHandler(kept)
    yield kept.lines
    log.removeHandler(kept)


def test_each_request_is_one_line_with_its_id(client: FlaskClient, lines: list[str]) -> None:
    answer = client.post("/api/v1/sets/digits/predictions", json=SEVEN)
    assert len(lines) == 1
    line = r"POST /api/v1/sets/digits/predictions 200 \d+\.\d ms from 127\.0\.0\.1, request (\w+)"
    assert (found := re.fullmatch(line, lines[0]))
    assert found.group(1) == answer.headers["X-Request-Id"]


def test_probes_are_not_logged(client: FlaskClient, lines: list[str]) -> None:
    client.get("/healthz")
    client.get("/readyz")
    assert lines == []


@pytest.mark.parametrize("path", ["/a%0Ab", "/a%0D%0Ab", "/a%1B[31mb", "/a%E2%80%A8b", "/a%C2%85b", f"/{'x' * 3000}"])
def test_a_path_forges_no_line(client: FlaskClient, lines: list[str], path: str) -> None:
    client.get(path)
    assert len(lines) == 1
    assert lines[0].isascii()
    assert lines[0].isprintable()
    assert len(lines[0]) < 400


def test_secrets_stay_out_of_the_log(client: FlaskClient, lines: list[str]) -> None:
    client.set_cookie("visitor", "hidden-cookie")
    client.get("/api/v1/sets?token=hidden-query", headers={"Authorization": "Bearer hidden-token", "X-Request-Id": "hidden id"})
    client.post("/admin/login", data={"password": "hidden-password"})
    assert len(lines) == 2
    assert "hidden" not in "".join(lines)


def test_as_json_a_line_names_what_its_request_made(make_app: Callable[..., Flask]) -> None:
    client, kept = make_app(log="json").test_client(), Lines()
    kept.setFormatter(JsonLine("web"))
    log.addHandler(kept)
    try:
        asked = client.post("/api/v1/sets/digits/predictions", json={**SEVEN, "consent": True})
        corrected = client.post(f"/api/v1/predictions/{asked.json['id']}/correction", json={"label": "1"})
        client.get("/api/v1/nothing?token=hidden")
    finally:
        log.removeHandler(kept)
    lines = [json.loads(line) for line in kept.formatted]
    assert [(line["view"], line["status"]) for line in lines] == [("api.predict", 200), ("api.correct", 202), (None, 404)]
    assert [line["request_id"] for line in lines[:2]] == [answer.headers["X-Request-Id"] for answer in (asked, corrected)]
    assert lines[0]["made"] == asked.json["id"]
    assert (lines[1]["sample"], lines[1]["run"]) == (corrected.json["sample"], corrected.json["run"])
    assert all(line["ms"] >= 0 and line["from"] == "127.0.0.1" for line in lines)
    assert "hidden" not in "".join(kept.formatted)
