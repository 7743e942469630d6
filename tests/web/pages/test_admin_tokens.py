"""The owner's page of API tokens."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.support.pages import sign_in


def test_a_new_token_is_shown_once_and_works(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post("/admin/tokens", data={"csrf": csrf, "name": "laptop"}, follow_redirects=True).text
    token = re.search(r"<code[^>]*>(ink_[^<]+)</code>", page)[1]
    assert "ink_" not in client.get("/admin/tokens").text
    stranger = client.application.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 202
    assert client.post("/admin/tokens", data={"csrf": csrf, "name": " "}).status_code == 400


def test_the_owner_revokes_a_token_on_the_page(client: FlaskClient) -> None:
    csrf = sign_in(client)
    page = client.post("/admin/tokens", data={"csrf": csrf, "name": "<stolen>"}, follow_redirects=True).text
    headers = {"Authorization": f"Bearer {re.search(r'<code[^>]*>(ink_[^<]+)</code>', page)[1]}"}
    assert "&lt;stolen&gt;" in page
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)[1]
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).location == "/admin/tokens"
    stranger = client.application.test_client()
    assert stranger.post("/api/v1/sets/digits/runs", json={"kind": "learn"}, headers=headers).status_code == 401
    assert "“&lt;stolen&gt;” opens nothing any more" in client.get("/admin/tokens").text
    assert "stolen" not in client.get("/admin/tokens").text
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": token}).status_code == 303
    assert client.post("/admin/tokens/revoke", data={"csrf": csrf, "token": "none"}).status_code == 404
