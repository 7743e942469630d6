"""Every view of the app, asked by everybody, against the one table of who may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from functions import jobs
from functions.domain.scopes import Scope, scopes_of
from functions.records.tables import Run, Sample, now
from functions.records.tokens import create_token, list_tokens, revoke_token
from functions.web.api.openapi import describe
from functions.web.platform import Platform
from functions.web.security import access
from functions.web.security.access import ACCESS, Access
from functions.web.security.identity import SAFE_METHODS
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN

IN, SIGN_IN, NOT_SIGNED_IN, FORBIDDEN = "let in", "led to the sign-in", "401", "403"
ROLES = (
    *("stranger", "visitor", "author", "revoked token", "expired token"),
    *(f"{scope} token" for scope in Scope),
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
    """An app, its callers, a sample of the author's that waits for the owner, and an export that only the owner may fetch."""

    app: Flask
    roles: dict[str, Role]
    sample: str
    export: str


@pytest.fixture
def house(make_app: Callable[..., Flask]) -> House:
    app = make_app(trust="moderated")
    here: Platform = app.extensions["inkloop"]
    visitor, author, owner, copied = (app.test_client() for _ in range(4))
    sample = author.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    visitor.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"})
    with here.database.writing() as session:
        good = {scope: create_token(session, scope, [scope]) for scope in Scope}
        bad, over = create_token(session, "bad"), create_token(session, "over", expires=now())
        session.add(exported := Run(set_name="digits", kind=jobs.EXPORT, state="done"))
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
            **{f"{scope} token": _bearer(app, text) for scope, text in good.items()},
            "revoked token": _bearer(app, bad),
            "expired token": _bearer(app, over),
            "session": Role(owner),
            "session with its CSRF token": Role(owner, {"X-CSRF-Token": csrf}),
            "signed-out session": Role(copied, {"X-CSRF-Token": sign_out}),
        },
        sample,
        exported.id,
    )


def _bearer(app: Flask, text: str) -> Role:
    return Role(app.test_client(use_cookies=False), {"Authorization": f"Bearer {text}"})


def wanted(endpoint: str, method: str, role: str) -> set[str]:
    """Return what the table promises a role."""
    change, asked = method not in SAFE_METHODS, ACCESS[endpoint]
    void, token = role in ("revoked token", "expired token"), role.endswith(" token") and "CSRF" not in role
    scopes = scopes_of([role.removesuffix(" token")]) if token and not void else frozenset()
    session = role == "session with its CSRF token" or (role == "session" and not change)
    owner = session or asked.scope in scopes
    match asked:
        case Access.ANYBODY | Access.CONSENTING:  # 401 where the view looks at the caller
            return {IN, NOT_SIGNED_IN} if void else {IN}
        case Access.SENDER:
            return {NOT_SIGNED_IN} if void else {IN} if owner or not token else {FORBIDDEN}
        case Access.CONTRIBUTOR:
            return {IN} if role in ("visitor", "author") or (owner and token) else {FORBIDDEN} if scopes else {NOT_SIGNED_IN}
        case Access.AUTHOR if role == "author":
            return {IN}
        case Access.AUTHOR | Access.RECEIPT:
            return {IN} if owner else {NOT_SIGNED_IN if void else FORBIDDEN}
        case Access.OWNER:
            if role not in ("session", "session with its CSRF token"):
                return {SIGN_IN}
            return {IN} if session else {FORBIDDEN}
        case Access.SCRAPER | Access.PUBLIC | Access.READER | Access.MODERATOR | Access.ADMIN:
            return {IN} if owner else {FORBIDDEN if role == "session" or scopes else NOT_SIGNED_IN}
    raise AssertionError(endpoint)


def ask(house: House, rule: Rule, method: str, role: str) -> str:
    """Ask a view with ids that lead nowhere, except for the sample, and tell how the caller was received."""
    known = {"sample_id": house.sample, "set_name": "digits"}
    if "exported" in rule.endpoint:
        known["run_id"] = house.export
    values = {name: known.get(name, "none") for name in rule.arguments}
    if rule.endpoint == "api.export":
        values["format"] = "zip"
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


def test_the_document_of_the_api_names_the_scopes_of_the_table(app: Flask) -> None:
    named = {
        operation["operationId"]: operation.get("security", [])
        for operations in describe(app)["paths"].values()
        for operation in operations.values()
    }
    for endpoint, asked in ACCESS.items():
        if endpoint.startswith("api."):
            scopes = [one["token"] for one in named[endpoint.removeprefix("api.")] if "token" in one]
            assert scopes == ([[asked.scope]] if asked.scope else []), endpoint


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/api/v1/sets/digits/runs", "admin"),
        ("POST", "/api/v1/sets/digits/samples", "contribute"),
        ("GET", "/api/v1/sets/digits/export?format=zip", "read"),
        ("POST", "/api/v1/samples/none/decision", "moderate"),
    ],
)
def test_a_refusal_names_the_scope_for_people_and_for_programs(house: House, method: str, path: str, scope: str) -> None:
    who = house.roles["moderate token" if scope in ("admin", "contribute") else "contribute token"]
    answer = who.client.open(path, method=method, headers=who.headers)
    assert answer.status_code == 403
    assert f"'{scope}'" in answer.json["error"]["message"]
    assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scope}"'
    if scope != "contribute":
        answer = house.roles["stranger"].client.open(path, method=method)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, f'Bearer scope="{scope}"')


def test_drawings_of_a_token_count_as_the_owners_only_if_it_may_do_everything(house: House) -> None:
    def status(role: str) -> str:
        who = house.roles[role]
        return who.client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}, headers=who.headers).json["status"]

    assert (status("contribute token"), status("admin token")) == ("pending", "accepted")


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
