"""Every view of the app, asked by everybody, against the one table of who may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from functions.records.contributors import create_token, list_tokens, revoke_token
from functions.records.tables import Sample
from functions.web.platform import Platform
from functions.web.security import access
from functions.web.security.access import ACCESS, Access
from functions.web.security.identity import SAFE_METHODS
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN

IN, SIGN_IN, NOT_SIGNED_IN, FORBIDDEN = "let in", "led to the sign-in", "401", "403"
ROLES = (
    *("stranger", "visitor", "author", "token", "revoked token"),
    *("session", "session with its CSRF token", "signed-out session"),
)

# Last: after these a sample is gone, a caller has no samples, and the owner is signed out.
ORDER = {"api.withdraw": 1, "api.withdraw_mine": 2, "admin.logout": 3, "pages.forget": 3}


@dataclass(frozen=True)
class Role:
    """A caller: a browser with its cookies, and what it sends with each request."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class House:
    """An app, its callers, and a sample of the author's that waits for the owner."""

    app: Flask
    roles: dict[str, Role]
    sample: str


@pytest.fixture
def house(make_app: Callable[..., Flask]) -> House:
    app = make_app(trust="moderated")
    here: Platform = app.extensions["inkloop"]
    visitor, author, owner, copied = (app.test_client() for _ in range(4))
    sample = author.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    visitor.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"})
    with here.database.writing() as session:
        good, bad = create_token(session, "good"), create_token(session, "bad")
        session.flush()
        revoke_token(session, next(token.id for token in list_tokens(session) if token.name == "bad"))
    sign_out = sign_in(copied)
    cookie = copied.get_cookie("inkloop_owner").value
    copied.post("/admin/logout", data={"csrf": sign_out})
    copied.set_cookie("inkloop_owner", cookie)
    csrf = sign_in(owner)
    return House(
        app,
        {
            "stranger": Role(app.test_client(use_cookies=False)),
            "visitor": Role(visitor),
            "author": Role(author),
            "token": Role(app.test_client(use_cookies=False), {"Authorization": f"Bearer {good}"}),
            "revoked token": Role(app.test_client(use_cookies=False), {"Authorization": f"Bearer {bad}"}),
            "session": Role(owner),
            "session with its CSRF token": Role(owner, {"X-CSRF-Token": csrf}),
            "signed-out session": Role(copied, {"X-CSRF-Token": sign_out}),
        },
        sample,
    )


def wanted(endpoint: str, method: str, role: str) -> set[str]:
    """Return what the table promises a role."""
    change = method not in SAFE_METHODS
    owner = role in ("token", "session with its CSRF token") or (role == "session" and not change)
    match ACCESS[endpoint]:
        case Access.ANYBODY:
            return {IN} if role != "revoked token" else {IN, NOT_SIGNED_IN}  # 401 where the view looks at the caller
        case Access.CONTRIBUTOR:
            return {IN} if role in ("visitor", "author", "token") else {NOT_SIGNED_IN}
        case Access.AUTHOR if role == "author" and not change:  # its receipt withdraws, not its cookie
            return {IN}
        case Access.AUTHOR:
            return {IN} if owner else {NOT_SIGNED_IN if role == "revoked token" else FORBIDDEN}
        case Access.OWNER if endpoint.startswith("admin."):  # pages are for sessions
            if role not in ("session", "session with its CSRF token"):
                return {SIGN_IN}
            return {IN} if owner else {FORBIDDEN}
        case Access.OWNER | Access.SCRAPER:
            return {IN} if owner else {FORBIDDEN if role == "session" else NOT_SIGNED_IN}
    raise AssertionError(endpoint)


def ask(house: House, rule: Rule, method: str, role: str) -> str:
    """Ask a view with ids that lead nowhere, except for the sample, and tell how the caller was received."""
    values = {
        name: house.sample if name == "sample_id" else "digits" if name == "set_name" else "none" for name in rule.arguments
    }
    path = house.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)
    who = house.roles[role]
    body = {} if method in SAFE_METHODS else {"json": {}}
    if rule.endpoint.startswith("admin.") and method == "POST":
        body = {"data": {"password": "wrong"}}
    answer = who.client.open(path, method=method, headers=who.headers, **body)
    if rule.endpoint == "admin.login":
        return IN
    if answer.status_code == 302 and answer.location.endswith("/admin/login"):
        return SIGN_IN
    return {401: NOT_SIGNED_IN, 403: FORBIDDEN}.get(answer.status_code, IN)


def test_every_view_receives_every_role_as_the_table_says(house: House) -> None:
    rules = sorted(house.app.url_map.iter_rules(), key=lambda rule: ORDER.get(rule.endpoint, 0))
    asked = [(rule, method) for rule in rules for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    assert len(asked) > 40
    odd = [
        f"{method} {rule.rule} by {role}: {found}, not {wanted(rule.endpoint, method, role)}"
        for rule, method in asked
        for role in ROLES
        if (found := ask(house, rule, method, role)) not in wanted(rule.endpoint, method, role)
    ]
    assert odd == []


def test_a_view_that_nobody_has_declared_stops_the_app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(ACCESS) == {rule.endpoint for rule in app.url_map.iter_rules()}
    monkeypatch.delitem(ACCESS, "api.metrics")
    with pytest.raises(LookupError, match=r"api\.metrics"):
        access.install(app)


def test_the_document_of_the_api_marks_the_owners_calls_as_the_table_does(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        if (operation := getattr(view, "operation", None)) is not None:
            assert operation.owner == (ACCESS[endpoint] is Access.OWNER), endpoint


def test_a_preflight_needs_no_rights(client: FlaskClient) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/v1/sets/digits/runs", headers={**asked, "Access-Control-Request-Headers": "authorization"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://a.example")


def test_nobody_reaches_anothers_sample_by_its_id(house: House) -> None:
    """Ids are no rights: who reads an id in a list still may neither see a waiting picture nor withdraw it."""
    here: Platform = house.app.extensions["inkloop"]
    for role in ("stranger", "visitor", "session"):
        who = house.roles[role]
        assert who.client.delete(f"/api/v1/samples/{house.sample}", headers=who.headers).status_code == 403
    with here.database.reading() as session:
        assert session.scalar(select(Sample.status).where(Sample.id == house.sample)) == "pending"
