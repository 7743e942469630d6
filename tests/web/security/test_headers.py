"""The headers of every answer: pages, API, files, redirects and errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

SETS = "/api/v1/sets"
ANSWERS = {
    "a page": ("GET", "/", 200),
    "the API": ("GET", SETS, 200),
    "a file": ("GET", "/static/css/inkloop.css", 200),
    "a file that is not there": ("GET", "/static/none.css", 404),
    "a check": ("GET", "/healthz", 200),
    "a redirect to the sign-in": ("GET", "/admin/", 302),
    "a redirect to the right address": ("GET", "/admin", 308),
    "no page": ("GET", "/nothing", 404),
    "no call": ("GET", "/api/v1/nothing", 404),
    "a wrong method": ("DELETE", SETS, 405),
    "no rights": ("POST", "/api/v1/sets/digits/runs", 401),
    "a broken body": ("POST", "/api/v1/sets/digits/predictions", 415),
    "a fault": ("GET", "/api/v1/runs/fault", 500),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_the_security_headers(app: Flask, name: str) -> None:
    app.view_functions["api.run"] = lambda run_id: 1 / 0
    method, path, status = ANSWERS[name]
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "", 1), "WebAssembly may be compiled, and nothing else"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["X-Request-Id"]
    assert "Server" not in answer.headers or "Python" not in answer.headers["Server"]


def allowed(client: FlaskClient, origin: str, method: str = "GET") -> str | None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = client.open(SETS, method=method, headers=headers)
    assert answer.status_code == 200
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
    return answer.headers.get("Access-Control-Allow-Origin")


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_another_site_is_told_its_own_origin_and_a_hidden_one_nothing(client: FlaskClient, method: str) -> None:
    for origin in ("https://a.example", "http://localhost:3000", "https://b.example:8443"):
        assert allowed(client, origin, method) == origin
    for odd in ("null", "*", "", "file://", "a.example", "https://", "https://a.example/path", "https://a.example evil"):
        assert allowed(client, odd, method) is None


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_only_listed_sites_are_let_in_where_there_is_a_list(make_app: Callable[..., Flask], method: str) -> None:
    client = make_app(origins=("https://a.example",)).test_client()
    assert allowed(client, "https://a.example", method) == "https://a.example"
    for other in ("https://b.example", "https://a.example.evil.example", "https://a-example", "http://a.example", "null"):
        assert allowed(client, other, method) is None
    assert allowed(make_app(origins=()).test_client(), "https://a.example", method) is None


def test_pages_are_for_no_other_site(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Origin": "https://a.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
