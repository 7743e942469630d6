"""The owner's session: renewed when it begins, and at its end also for who has copied its cookie."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from functions.records.tables import OwnerSessionRow
from functions.web.platform import Platform
from tests.support.pages import PASSWORD, sign_in

COOKIE = "inkloop_owner"
RUNS = "/api/v1/sets/digits/runs"


def copy_of(client: FlaskClient) -> FlaskClient:
    """Return another browser with the same session cookie."""
    thief = client.application.test_client()
    thief.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    return thief


def is_owner(client: FlaskClient) -> bool:
    return client.get("/admin/").status_code == 200


def test_a_copied_cookie_opens_nothing_after_the_owner_has_signed_out(client: FlaskClient) -> None:
    csrf = sign_in(client)
    thief = copy_of(client)
    assert is_owner(thief)
    client.post("/admin/logout", data={"csrf": csrf})
    assert not is_owner(client)
    assert not is_owner(thief)
    assert thief.post(RUNS, json={"kind": "train"}, headers={"X-CSRF-Token": csrf}).status_code == 401


def test_signing_out_leaves_the_owners_other_browsers_signed_in_unless_everywhere_is_asked(app: Flask) -> None:
    laptop, phone = app.test_client(), app.test_client()
    csrf, other_csrf = sign_in(laptop), sign_in(phone)
    laptop.post("/admin/logout", data={"csrf": csrf})
    assert is_owner(phone)
    sign_in(laptop)
    phone.post("/admin/logout", data={"csrf": other_csrf, "everywhere": "on"})
    assert not is_owner(phone)
    assert not is_owner(laptop)


def test_signing_in_renews_session_and_csrf_token(client: FlaskClient) -> None:
    csrf = sign_in(client)
    thief = copy_of(client)
    client.post("/admin/login", data={"password": PASSWORD})
    assert not is_owner(thief)
    page = client.get("/admin/").text
    assert re.search(r'name="csrf" value="([^"]+)"', page)[1] != csrf


def test_a_cookie_from_before_the_sign_in_is_not_the_session_afterwards(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, "planted")
    sign_in(client)
    assert client.get_cookie(COOKIE).value != "planted"
    stranger = app.test_client()
    stranger.set_cookie(COOKIE, "planted")
    assert not is_owner(stranger)


def test_a_session_ends_after_its_time_though_its_cookie_is_sent_on(client: FlaskClient, here: Platform) -> None:
    sign_in(client)
    with here.database.writing() as session:
        for row in session.query(OwnerSessionRow):
            row.expires -= timedelta(hours=12, seconds=1)
    assert not is_owner(client)


def test_every_process_knows_who_has_signed_out(make_app: Callable[..., Flask], postgres_url: str) -> None:
    one, other = make_app(database_url=postgres_url), make_app(database_url=postgres_url)
    client = one.test_client()
    csrf = sign_in(client)
    elsewhere = other.test_client()
    elsewhere.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    assert is_owner(elsewhere)
    client.post("/admin/logout", data={"csrf": csrf})
    assert not is_owner(elsewhere)
