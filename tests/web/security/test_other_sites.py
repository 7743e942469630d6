"""A cookie counts only for this site's own pages: whatever another site's page sends is a stranger's."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.records.tables import Sample
from functions.web.platform import Platform
from functions.web.security.other_sites import from_another_site
from tests.support.pages import PASSWORD, sign_in
from tests.support.sample_drawings import SEVEN

SAMPLES = "/api/v1/sets/digits/samples"
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},  # a sibling domain: its requests have the cookie
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
)
OWN = ({}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"})


def contributors(here: Platform) -> int:
    with here.database.reading() as session:
        return len({sample.contributor_id for sample in session.query(Sample)})


@pytest.mark.parametrize("headers", FOREIGN)
def test_what_another_sites_page_sends_is_not_the_visitors(client: FlaskClient, here: Platform, headers: dict[str, str]) -> None:
    own = client.post(SAMPLES, json={**SEVEN, "label": "7"})
    cookie = client.get_cookie("inkloop_contributor").value
    given = client.post(SAMPLES, json={**SEVEN, "label": "7"}, headers=headers)
    assert given.status_code == 201
    assert "Set-Cookie" not in given.headers
    assert contributors(here) == 2
    assert client.delete("/api/v1/contributors/me/samples", headers=headers).status_code == 401
    assert client.get(f"/api/v1/samples/{own.json['id']}").status_code == 200
    assert client.get_cookie("inkloop_contributor").value == cookie
    assert client.post("/admin/login", data={"password": PASSWORD}, headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OWN)
def test_what_the_sites_own_page_changes_is_the_visitors(client: FlaskClient, here: Platform, headers: dict[str, str]) -> None:
    for _ in range(2):
        assert client.post(SAMPLES, json={**SEVEN, "label": "7"}, headers=headers).status_code == 201
    assert contributors(here) == 1
    assert client.delete("/api/v1/contributors/me/samples", headers=headers).json["samples"] == 2
    sign_in(client)


def test_a_declared_proxys_host_is_the_sites_own(app: Flask) -> None:
    with app.test_request_context(headers={"Origin": "https://ink.example", "Host": "ink.example"}):
        assert not from_another_site()
