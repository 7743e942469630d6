from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.records.password import make_password
from functions.records.tables import Sample
from functions.web.platform import Platform
from tests.support.pages import PASSWORD, sign_in
from tests.support.sample_drawings import SEVEN


def test_a_stranger_is_asked_for_the_password(client: FlaskClient) -> None:
    for path in ("/admin/", "/admin/tokens"):
        answer = client.open(path, method="GET" if path.endswith("/") else "POST")
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


def test_another_site_cannot_sign_a_visitor_in(client: FlaskClient) -> None:
    answer = client.post("/admin/login", data={"password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["activate", "run", "moderate", "tokens", "logout"])
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


def test_the_owner_starts_a_run_from_the_page(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"}).status_code == 303
    assert [run["kind"] for run in client.get("/api/v1/sets/digits/runs").json["runs"]] == ["train"]
    assert "<td>waiting</td>" in client.get("/admin/").text
    assert "<td>ждёт</td>" in client.get("/admin/?lang=ru").text
    assert client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "x"}).status_code == 400
    assert client.post("/admin/run", data={"csrf": csrf, "set": "none", "kind": "train"}).status_code == 404


def test_the_owner_makes_a_version_live_from_the_page(client: FlaskClient) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/activate", data={"csrf": csrf, "version": "digits-cnn-1"}).status_code == 303
    assert client.post("/admin/activate", data={"csrf": csrf, "version": "\x00"}).status_code == 404
    late = {"csrf": csrf, "version": "digits-cnn-1", "replaces": "another"}  # the page was older than the last activation
    assert client.post("/admin/activate", data=late).status_code == 409


def test_a_new_token_is_shown_once_and_works(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post("/admin/tokens", data={"csrf": csrf, "name": "laptop"}).text
    token = re.search(r"<code>(ink_[^<]+)</code>", page)[1]
    assert "ink_" not in client.get("/admin/").text
    stranger = client.application.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 202
    assert client.post("/admin/tokens", data={"csrf": csrf, "name": " "}).status_code == 400


def test_the_owner_revokes_a_token_on_the_page(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post("/admin/tokens", data={"csrf": csrf, "name": "<stolen>"}).text
    headers = {"Authorization": f"Bearer {re.search(r'<code>(ink_[^<]+)</code>', page)[1]}"}
    assert "&lt;stolen&gt;" in page
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)[1]
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).location == "/admin/#tokens"
    stranger = client.application.test_client()
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 401
    assert "stolen" not in client.get("/admin/").text
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).status_code == 303
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": "none"}).status_code == 404


def test_the_owner_decides_about_samples_that_wait(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    visitor, client = app.test_client(), app.test_client()
    given = [visitor.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"] for _ in range(2)]
    csrf = sign_in(client)
    assert all(sample in client.get("/admin/").text for sample in given)
    for sample, decision, status in ((given[0], "accept", "accepted"), (given[1], "reject", "rejected")):
        answer = client.post("/admin/moderate", data={"csrf": csrf, "sample": sample, "decision": decision})
        assert answer.status_code == 303
        assert client.get(f"/api/v1/samples/{sample}").json["status"] == status
    assert client.post("/admin/moderate", data={"csrf": csrf, "sample": given[0], "decision": "x"}).status_code == 400


def test_the_owner_sees_why_samples_wait_and_decides_about_all_of_a_contributor(app: Flask, client: FlaskClient) -> None:
    hostile, other = app.test_client(), app.test_client()

    def give(visitor: FlaskClient, number: int) -> str:
        drawn = {**SEVEN, "strokes": [[[20 + 9 * number, 30], [250 - 7 * number, 260]], [[30, 20 * number], [260, 140]]]}
        return visitor.post("/api/v1/sets/digits/samples", json={**drawn, "label": "9"}).json["id"]

    given = [give(hostile, number) for number in range(12)]
    waits = given[3:]  # three surprises are believed
    csrf = sign_in(client)
    page = client.get("/admin/").text
    assert "these look hostile" in page
    assert "by this contributor seem wrong to both networks" in page
    assert "surprising to both networks, after 3 by this contributor today" in page
    assert f"Reject {len(waits)}" in page
    with app.extensions["inkloop"].database.reading() as session:
        contributor = session.get_one(Sample, waits[0]).contributor_id
    kept = give(other, 13)
    fields = {"csrf": csrf, "set": "digits", "contributor": contributor}
    assert client.post("/admin/moderate", data={**fields, "decision": "x"}).status_code == 400
    assert client.post("/admin/moderate", data={**fields, "decision": "reject"}).status_code == 303
    assert {client.get(f"/api/v1/samples/{sample}").json["status"] for sample in waits} == {"rejected"}
    assert client.get(f"/api/v1/samples/{given[0]}").json["status"] == "accepted"
    assert client.get(f"/api/v1/samples/{kept}").json["status"] != "rejected"


def test_the_owners_pages_are_russian_where_the_owner_reads_russian(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    client = app.test_client()
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    csrf = sign_in(client)
    client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "train"})
    contributor = client.get(f"/admin/contributors?sample={sample}").headers["Location"]
    names = {"Inkloop", "JavaScript", "API", "INKLOOP_TRAIN", "EN", "digits", "fnn", "cnn"}
    for path in ("/admin/", "/admin/sets", contributor):
        text = re.sub(r"<(code|script).*?</\1>|<[^>]+>", " ", client.get(f"{path}?lang=ru").text, flags=re.DOTALL)
        assert set(re.findall(r"[A-Za-z_]{2,}", re.sub(r"digits-\w+-\w+|UTC", "", text))) <= names, path
