"""The platform below a path of somebody else's host: a proxy serves it at ``/ink/`` and takes that off each path."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.web.security.identity import COOKIE
from functions.web_settings import OWN_PATHS
from tests.support.pages import PASSWORD, Reader
from tests.support.sample_drawings import SEVEN

PREFIX = "/ink"
PAGES = ("/", "/read", "/contribute", "/models", "/recognise/digits", "/admin/login", "/nothing-is-here")


WAYS = ["header", pytest.param("setting", marks=pytest.mark.long_run), "setting, and the proxy leaves the path as it is"]


@pytest.fixture(params=WAYS)
def behind(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Callable[..., TestResponse]:
    """A browser that asks a proxy for paths below the prefix."""
    by_header, leaves = request.param == "header", "leaves" in request.param
    client = make_app(proxies=1, prefix="" if by_header else PREFIX).test_client()

    def ask(path: str, method: str = "GET", **more: Any) -> TestResponse:
        assert path == PREFIX or path.startswith(f"{PREFIX}/"), f"{path} leads past the proxy"
        more["headers"] = {**more.pop("headers", {}), "X-Forwarded-For": "203.0.113.7"}
        if by_header:
            more["headers"]["X-Forwarded-Prefix"] = PREFIX
        # The browser of the tests compares a cookie's path with this root and path.
        target = path if leaves else path.removeprefix(PREFIX)
        return client.open(target, method=method, **more)

    return ask


def cookie_paths(answer: TestResponse) -> set[str]:
    """Return the paths of the cookies that an answer sets."""
    parts = [part.strip() for cookie in answer.headers.getlist("Set-Cookie") for part in cookie.split(";")]
    return {part.removeprefix("Path=") for part in parts if part.startswith("Path=")}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_file_of_a_page_is_below_the_prefix_and_there(behind: Callable[..., TestResponse], page: str) -> None:
    answer = behind(PREFIX + page)
    read = Reader(answer.text)
    addresses = [address for address in read.addresses if not address.startswith("#")]
    assert addresses
    for address in addresses:
        assert behind(address).status_code in (200, 302), address
    if read.data:
        assert behind(json.loads(read.data)["api"] + "/sets").status_code == 200


def test_forms_redirects_and_cookies_stay_below_the_prefix(behind: Callable[..., TestResponse]) -> None:
    wrong = behind(f"{PREFIX}/admin/login", "POST", data={"password": "wrong"})
    assert wrong.status_code == 403
    assert 'action="/' not in wrong.text.replace(f'action="{PREFIX}/', "")
    entered = behind(f"{PREFIX}/admin/login", "POST", data={"password": PASSWORD})
    assert (entered.status_code, entered.location) == (303, f"{PREFIX}/admin/")
    assert cookie_paths(entered) == {PREFIX}
    assert behind(f"{PREFIX}/admin").location.endswith(f"{PREFIX}/admin/")
    assert cookie_paths(behind(f"{PREFIX}/?lang=ru")) == {PREFIX}
    given = behind(f"{PREFIX}/api/v1/sets/digits/samples", "POST", json={**SEVEN, "label": "7"})
    assert given.status_code == 201
    assert given.headers["Set-Cookie"].startswith(COOKIE)
    assert cookie_paths(given) == {PREFIX}


def test_the_document_of_the_api_names_the_prefix(behind: Callable[..., TestResponse]) -> None:
    assert behind(f"{PREFIX}/api/v1/openapi.json").json["servers"] == [{"url": PREFIX}]


def test_a_kept_fragment_of_a_page_is_not_shown_below_another_prefix(make_app: Callable[..., Flask]) -> None:
    client = make_app(proxies=1).test_client()
    pages = {prefix: client.get("/models", headers={"X-Forwarded-Prefix": prefix}).text for prefix in ("/one", "/two")}
    assert "/two/" not in pages["/one"]
    assert "/one/" not in pages["/two"]


def test_probes_are_answered_without_the_prefix_too(make_app: Callable[..., Flask]) -> None:
    client: FlaskClient = make_app(prefix=PREFIX).test_client()
    assert {client.get(path).status_code for path in ("/healthz", f"{PREFIX}/healthz", "/readyz")} == {200}


def test_no_path_of_the_platforms_own_can_be_a_prefix(app: Flask) -> None:
    own = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}
    assert own <= set(OWN_PATHS)
