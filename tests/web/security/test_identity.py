from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.tables import Contributor, Sample
from functions.web.platform import Platform
from functions.web.security.identity import COOKIE
from tests.support.sample_drawings import SEVEN

SAMPLES = "/api/v1/sets/digits/samples"
BODY = {**SEVEN, "label": "7"}


def contributors(here: Platform) -> int:
    with here.database.reading() as session:
        return session.scalar(select(func.count(func.distinct(Sample.contributor_id)))) or 0


def test_a_visitor_is_remembered_from_the_first_drawing_that_is_kept(client: FlaskClient, here: Platform) -> None:
    assert "Set-Cookie" not in client.get("/api/v1/sets").headers
    first = client.post(SAMPLES, json=BODY)
    cookie = first.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=31536000" in cookie
    assert "Secure" not in cookie
    assert "Set-Cookie" not in client.post(SAMPLES, json=BODY).headers
    assert contributors(here) == 1


def test_over_https_the_cookie_stays_there_and_the_browser_too(client: FlaskClient) -> None:
    answer = client.post(SAMPLES, json=BODY, base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_a_forged_cookie_is_nobody(client: FlaskClient, here: Platform) -> None:
    client.post(SAMPLES, json=BODY)
    with here.database.reading() as session:
        known = session.scalar(select(Contributor.id))
    for value in (known, f"{known}.AAAA", "", "."):
        forger = client.application.test_client()
        forger.set_cookie(COOKIE, value)
        assert "Set-Cookie" in forger.post(SAMPLES, json=BODY).headers
    assert contributors(here) == 5


def test_a_malformed_authorization_is_refused_where_something_is_kept(client: FlaskClient) -> None:
    for header in ("", "Bearer", "Bearer ", "Basic dTpw", "ink_abc", "Bearer ink_wrong", "Bearer \xff"):
        answer = client.post(SAMPLES, json=BODY, headers={"Authorization": header})
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "not_signed_in"), header


def test_another_sites_page_may_use_the_api_without_cookies(client: FlaskClient) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    preflight = client.options(SAMPLES, headers={**asked, "Access-Control-Request-Headers": "content-type,idempotency-key"})
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://elsewhere.example"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert "idempotency-key" in preflight.headers["Access-Control-Allow-Headers"].lower()
    answer = client.post(SAMPLES, json=BODY, headers={"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://elsewhere.example"
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Set-Cookie" not in answer.headers
    refused = client.post(SAMPLES, json={}, headers={"Origin": "https://elsewhere.example"})
    assert refused.headers["Access-Control-Allow-Origin"] == "https://elsewhere.example"
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": "https://elsewhere.example"}).headers


def test_another_sites_form_changes_nothing(client: FlaskClient, here: Platform) -> None:
    headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
    form = {"strokes": "[[[1,1],[90,90]]]", "width": "280", "height": "280", "label": "7"}
    answer = client.post(SAMPLES, data=form, content_type="multipart/form-data", headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "not_allowed")
    assert contributors(here) == 0


def test_what_changes_is_not_kept_by_caches(client: FlaskClient) -> None:
    for path in ("/api/v1/sets", SAMPLES, "/api/v1/nothing"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_proxy_is_believed_only_where_there_is_one(make_app: Callable[..., Flask]) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    assert "Strict-Transport-Security" not in make_app().test_client().get("/healthz", headers=forwarded).headers
    assert "Strict-Transport-Security" in make_app(proxies=1).test_client().get("/healthz", headers=forwarded).headers


def test_one_address_shares_its_limit_whatever_cookie_it_shows(make_app: Callable[..., Flask]) -> None:
    app = make_app(limits=True)
    statuses = [app.test_client().post("/admin/login", data={"password": "wrong"}).status_code for _ in range(60)]
    assert statuses[0] == 403
    assert statuses[-1] == 429  # fifty an hour
    elsewhere = {"REMOTE_ADDR": "2001:db8::1"}
    assert app.test_client().post("/admin/login", data={"password": "x"}, environ_overrides=elsewhere).status_code == 403
