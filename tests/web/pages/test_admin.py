from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from functions.domain.problem import Problem, failure
from functions.records.password import make_password
from functions.records.tables import Run
from functions.verbs import define
from functions.web.platform import Platform
from tests.support.pages import PASSWORD, sign_in
from tests.support.sample_drawings import SEVEN

PAGES = ("moderation", "versions", "runs", "sets", "contributors", "tokens", "webhooks", "audit")

# Names and values in what the page of settings says.
SETTINGS = """
Redis Sentry Prometheus OpenTelemetry Ray Amazon json https cookie metrics public review requests random
problems owner open moderated mixed grown balance asked any settings
"""


def test_a_stranger_is_asked_for_the_password(client: FlaskClient) -> None:
    for path in ("/admin/", *(f"/admin/{name}" for name in PAGES)):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/login")
    assert client.get("/admin/login").status_code == 200


def test_a_wrong_password_opens_nothing(client: FlaskClient) -> None:
    for password in ("", "wrong", PASSWORD + " ", "\ud800"):
        answer = client.post("/admin/login", data={"password": password.encode("utf-8", "replace")})
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


def test_the_session_cookie_is_only_for_this_site(client: FlaskClient) -> None:
    cookie = client.post("/admin/login", data={"password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    elsewhere = client.application.test_client()
    cookie = elsewhere.post("/admin/login", data={"password": PASSWORD}, base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in cookie


def test_the_password_made_at_the_first_start_opens_too(make_app: Callable[..., Flask]) -> None:
    app = make_app(admin_password=None)
    here: Platform = app.extensions["inkloop"]
    assert app.test_client().post("/admin/login", data={"password": ""}).status_code == 403
    with here.database.writing() as session:
        made = make_password(session)
    assert app.test_client().post("/admin/login", data={"password": "wrong"}).status_code == 403
    sign_in(app.test_client(), made)


def test_a_form_of_a_million_fields_is_refused_unread(client: FlaskClient) -> None:
    body = b"a&b&" * 500_000
    form = {"path": "/admin/login", "method": "POST", "content_type": "application/x-www-form-urlencoded"}
    for more in ({"content_length": len(body)}, {"environ_overrides": {"wsgi.input_terminated": True}, "content_length": None}):
        sent = BytesIO(body)
        assert client.open(**form, **more, input_stream=sent).status_code == 413
        assert sent.tell() < 100_000
    parts = {f"field{number}": "x" for number in range(100)}
    assert client.post("/admin/login", data=parts, content_type="multipart/form-data").status_code == 413


def test_another_site_cannot_sign_a_visitor_in(client: FlaskClient) -> None:
    answer = client.post("/admin/login", data={"password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["activate", "run", "run/cancel", "moderate", "tokens", "logout"])
def test_a_change_needs_the_sessions_token(client: FlaskClient, path: str) -> None:
    sign_in(client)
    for given in ({}, {"csrf": "wrong"}, {"csrf": ""}):
        assert client.post(f"/admin/{path}", data=given).status_code == 403


def test_the_session_with_its_token_is_the_owner_for_the_api(client: FlaskClient) -> None:
    csrf = sign_in(client)
    runs = "/api/v1/sets/digits/runs"
    refused = client.post(runs, json={"kind": "train"})
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "not_allowed")
    assert client.post(runs, json={"kind": "train"}, headers={"X-CSRF-Token": "wrong"}).status_code == 403
    assert client.post(runs, json={"kind": "train"}, headers={"X-CSRF-Token": csrf}).status_code == 202


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    csrf = sign_in(client)
    client.post("/admin/logout", data={"csrf": csrf})
    assert client.get("/admin/").status_code == 302


def test_a_new_password_ends_every_session(app: Flask, client: FlaskClient, here: Platform) -> None:
    sign_in(client)
    app.extensions["inkloop"] = replace(here, settings=replace(here.settings, admin_password="another"))
    assert client.get("/admin/").status_code == 302


def test_the_overview_tells_what_waits_runs_and_went_live_and_how_much_room_is_left(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    client = app.test_client()
    client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"})
    csrf = sign_in(client)
    client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"})
    text = re.sub(r"<[^>]+>|\s+", " ", client.get("/admin/").text)
    for said in ("decision 1 Digits: 1", "retraining", "came with the platform", "Free disk space", "GB"):
        assert said in re.sub(r"\s+", " ", text), said


def test_the_overview_counts_the_servers_errors_and_says_where_to_look(app: Flask, client: FlaskClient) -> None:
    def fails() -> Response:
        raise RuntimeError("a bug")

    app.view_functions["pages.about"] = fails
    assert client.get("/about").status_code == 500
    sign_in(client)
    tile = client.get("/admin/").text.partition("Errors since the start")[2][:300]
    assert not tile.startswith("</dt><dd>0<")
    assert "log" in tile


def latin(client: FlaskClient, path: str, given: dict[str, str] | None = None) -> set[str]:
    """Return the Latin words of an owner's page in Russian, without code and what other programs said."""
    if given is None:
        page = client.get(f"{path}?lang=ru").text
    else:
        page = client.post(f"{path}?lang=ru", data=given, follow_redirects=True).text
    text = re.sub(r"<(code|script|option|kbd).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"digits-\w+-\w+|https?://\S+|\b[0-9a-f]{8,32}\b", "", text)))


def test_the_owners_pages_are_russian_where_the_owner_reads_russian(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    client, here = app.test_client(), app.extensions["inkloop"]
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    csrf = sign_in(client)
    client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"})
    client.post("/admin/webhooks", data={"csrf": csrf, "url": "https://example.org/hook", "event": "run.failed"})
    contributor = client.get(f"/admin/contributors?sample={sample}").headers["Location"]
    define.create_set(here.database, "runes", ["ᚠ", "ᚢ"])
    failed = (
        failure(Problem("bucket_away", answer="EndpointConnectionError")),
        {"reason": "Stopped.", "code": "worker_stopped", "attempts": 3},
    )
    with here.database.writing() as session:
        session.add_all(Run(set_name="digits", kind="train", state="failed", result=one) for one in failed)
    here.write_health.reasons = lambda *_: [Problem("database_readonly")]
    names = {"Inkloop", "API", "INKLOOP_TRAIN", "English", "EN", "CNN", "FNN", "UTC", "CSV", "digits", "runes", "fnn", "cnn"}
    names |= {"EndpointConnectionError"}
    question = "/admin/versions/digits/digits-cnn-1"
    paths = ("/admin/", *(f"/admin/{name}" for name in PAGES), "/admin/sets/digits", "/admin/sets/runes/deletion")
    for path in (*paths, question, contributor):
        assert latin(client, path) <= names, path
    assert 'lang="en"' not in client.get("/admin/?lang=ru").text.partition("<main")[2]
    mistakes: dict[str, tuple[dict[str, str], ...]] = {
        "sets": ({"name": "Runes", "labels": "a b"}, {"name": "digits", "labels": "a b"}, {"name": "x", "labels": "a"}),
        "sets/labels": ({"set": "digits", "label": "7"}, {"set": "digits", "label": "a b"}),
        "sets/change": ({"set": "digits", "act": "goal", "goal": "many"}, {"set": "digits", "act": "title", "title": "t" * 65}),
        "sets/labels/change": ({"set": "digits", "act": "remove", "label": "7"},),
    }
    for path, tries in mistakes.items():
        for given in tries:
            assert latin(client, f"/admin/{path}", {"csrf": csrf, **given}) <= names | {"Runes"}, (path, given)
    refused = client.post("/admin/sets/delete?lang=ru", data={"csrf": csrf, "set": "digits"}).text
    assert "Его можно скрыть." in refused
    settings = latin(client, "/admin/settings")
    assert {word for word in settings if not word.isupper()} <= names | {*SETTINGS.split()}
