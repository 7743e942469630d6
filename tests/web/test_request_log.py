"""The log of requests: enough to find a request again, and nothing that a stranger could use."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from functions.web.request_log import log
from tests.support.sample_drawings import SEVEN


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())


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
