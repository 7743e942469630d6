"""What the owner's pages have in common."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.support.pages import sign_in


def test_news_is_shown_once_after_the_redirect(client: FlaskClient) -> None:
    csrf = sign_in(client)
    client.post("/admin/run", data={"csrf": csrf, "set": "digits", "kind": "learn"})
    assert "The run has been requested." in client.get("/admin/runs").text
    assert "The run has been requested." not in client.get("/admin/runs").text


def test_a_page_of_a_set_that_is_not_there_says_so(client: FlaskClient) -> None:
    sign_in(client)
    for name in ("moderation", "versions", "runs"):
        assert client.get(f"/admin/{name}/none").status_code == 404


def test_an_odd_field_counts_as_missing(client: FlaskClient) -> None:
    csrf = sign_in(client)
    for odd in ("\x00", "x" * 65):
        assert client.post("/admin/tokens", data={"csrf": csrf, "name": odd}).status_code == 400
