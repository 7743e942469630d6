"""Whatever stands in the headers that the platform reads, no request is a fault, and no answer says what nobody decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from tests.support.sample_drawings import SEVEN

# As a server passes them on: any byte of latin-1 but a line's end.
junk = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=30)
TELLING = (
    *("null", "https://a.example", "http://[", "a b", "//evil.example", "/ink", "203.0.113.7:1", "[::1]", "unknown", "é", ""),
    *("Bearer", "Bearer x", "Bearer ink_", "same-origin", "cross-site", "navigate"),
    *("a=b; c", "inkloop_owner=.", "inkloop_contributor=x.y", "x" * 5000),
)
HEADERS = (
    *("HTTP_HOST", "HTTP_ORIGIN", "HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "HTTP_X_REQUEST_ID"),
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PREFIX", "HTTP_X_CSRF_TOKEN"),
    *("HTTP_SEC_FETCH_SITE", "HTTP_SEC_FETCH_MODE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_ACCEPT_LANGUAGE", "REMOTE_ADDR"),
)
headers = st.dictionaries(st.sampled_from(HEADERS), junk | st.sampled_from(TELLING), min_size=1, max_size=6)
REQUESTS = (
    ("GET", "/", None),
    ("GET", "/admin/", None),
    ("POST", "/api/v1/sets/digits/predictions", {**SEVEN, "consent": True}),
    ("DELETE", "/api/v1/contributors/me/samples", None),
    ("POST", "/api/v1/sets/digits/runs", {"kind": "train"}),
    ("OPTIONS", "/api/v1/sets", None),
)


@pytest.fixture
def limited(make_app: Callable[..., Flask]) -> Flask:
    return make_app(proxies=1, limits=True)


def test_no_header_is_a_fault(limited: Flask) -> None:
    @given(sent=headers, asked=st.sampled_from(REQUESTS))
    @examples(150)
    def check(sent: dict[str, str], asked: tuple[str, str, dict[str, Any] | None]) -> None:
        method, path, body = asked
        answer = limited.test_client(use_cookies=False).open(path, method=method, json=body, environ_overrides=sent)
        assert answer.status_code < 500
        assert answer.status_code != 202
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert all(value.isprintable() for _, value in answer.headers)
        assert answer.headers.get("Access-Control-Allow-Origin") in (None, sent.get("HTTP_ORIGIN", "").strip())
        assert answer.headers.get("Access-Control-Allow-Origin") not in ("null", "*")
        assert "evil" not in answer.headers.get("Location", "")

    check()


@pytest.mark.parametrize(
    "host", ["a" * 64, f"{'a' * 64}.example", "a..b", "é" * 40, "x" * 5000, "a_b", "[::1", "%zz", ":", "a:b:c"]
)
@pytest.mark.parametrize("path", ["/", "/admin/", "/nothing", "/api/v1/sets", "/healthz"])
def test_no_host_is_a_fault(limited: Flask, host: str, path: str) -> None:
    answer = limited.test_client(use_cookies=False).get(path, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code < 500
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
