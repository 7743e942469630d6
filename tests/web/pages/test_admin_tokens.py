"""The owner's page of API tokens."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient

from functions.records.tables import Token, now
from functions.records.tokens import list_tokens
from functions.web.platform import Platform
from tests.support.pages import sign_in


def test_a_new_token_is_shown_once_and_works(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post(
        "/admin/tokens", data={"csrf": csrf, "name": "laptop", "scope": "admin", "days": "90"}, follow_redirects=True
    ).text
    token = re.search(r"<code[^>]*>(ink_[^<]+)</code>", page)[1]
    assert "ink_" not in client.get("/admin/tokens").text
    stranger = client.application.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 202
    assert client.post("/admin/tokens", data={"csrf": csrf, "name": " ", "scope": "admin"}).status_code == 400


def test_the_owner_revokes_a_token_on_the_page(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post("/admin/tokens", data={"csrf": csrf, "name": "<stolen>", "scope": "admin"}, follow_redirects=True).text
    headers = {"Authorization": f"Bearer {re.search(r'<code[^>]*>(ink_[^<]+)</code>', page)[1]}"}
    assert "&lt;stolen&gt;" in page
    question = client.get(re.search(r'href="(/admin/tokens/[0-9a-f]{32}/revocation)"', page)[1]).text
    assert "Revoke the token “&lt;stolen&gt;”?" in question
    token = re.search(r'name="token" value="([0-9a-f]{32})"', question)[1]
    assert client.get("/admin/tokens/none/revocation").status_code == 404
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).location == "/admin/tokens"
    stranger = client.application.test_client()
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 401
    assert "“&lt;stolen&gt;” no longer works" in client.get("/admin/tokens").text
    assert "stolen" not in client.get("/admin/tokens").text
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).status_code == 303
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": "none"}).status_code == 404
    assert client.get(f"/admin/tokens/{token}/revocation").status_code == 404


def test_a_token_gets_the_chosen_scopes_and_end_and_the_page_tells_both(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    asked = {"csrf": csrf, "name": "reader", "scope": ["read", "contribute"], "days": "30"}
    page = client.post("/admin/tokens", data=asked, follow_redirects=True).text
    with here.database.reading() as session:
        (token,) = list_tokens(session)
    assert token.scopes == "contribute read"
    assert timedelta(days=29) < token.expires - token.created < timedelta(days=31)
    assert "Never used" in page
    assert "Valid until" in page
    for wrong in ({"scope": []}, {"scope": "root"}, {"days": "9000"}):
        assert client.post("/admin/tokens", data={**asked, **wrong}).status_code == 400
    with here.database.writing() as session:
        session.get_one(Token, token.id).expires = now()
    assert "Expired" in client.get("/admin/tokens").text
