"""Every changing view of the owner's writes its act into the audit log: each is asked, and its row is looked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from functions import jobs
from functions.dataset.exchange.export import ExportRequest
from functions.domain.scopes import EVERYTHING
from functions.records.audit_log import ACTS, AuditFilter, all_acts
from functions.records.tables import Sample
from functions.records.tokens import create_token, list_tokens
from functions.verbs import define
from functions.verbs.export_run import request_export
from functions.web.platform import Platform
from functions.web.security.access import ACCESS, OWNERS, Access
from functions.web.security.audited import AUDITED
from functions.web.security.identity import SAFE_METHODS
from tests.support.pages import PASSWORD, sign_in
from tests.support.sample_drawings import SEVEN

PART = b"not an archive"


class Owner:
    """The owner in a browser, and with a token, on an app where drawings wait."""

    def __init__(self, app: Flask) -> None:
        self.app, self.here = app, app.extensions["inkloop"]
        self.browser = app.test_client()
        self.csrf = sign_in(self.browser)
        with self.here.database.writing() as session:
            self.token = {"Authorization": f"Bearer {create_token(session, 'laptop', EVERYTHING)}"}
        define.create_set(self.here.database, "runes", ["ᚠ", "ᚢ", "ᚦ"])

    def form(self, path: str, **fields: str) -> Any:
        answer = self.browser.post(path, data={"csrf": self.csrf, **fields})
        assert answer.status_code == 303, answer.text
        return answer

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        answer = self.app.test_client().open(f"/api/v1{path}", method=method, json=json, headers=self.token, **more)
        assert answer.status_code < 300, answer.text
        return answer

    def give(self) -> str:
        return str(self.app.test_client().post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"])

    def contributor(self, sample: str) -> str:
        with self.here.database.reading() as session:
            return str(session.get_one(Sample, sample).contributor_id)

    def live(self) -> str:
        return str(self.app.test_client().get("/api/v1/sets/digits/versions").json["versions"][0]["id"])

    def run(self) -> str:
        with self.here.database.writing() as session:
            return jobs.request(session, "digits", "train")

    def ended_export(self) -> str:
        run = request_export(self.here.database, "digits", ExportRequest("zip"))
        with self.here.database.writing() as session:
            jobs.cancel(session, run.id)
        return run.id

    def started_import(self) -> str:
        facts = {"name": "x.zip", "bytes": len(PART), "sha256": hashlib.sha256(PART).hexdigest(), "licence": "CC0-1.0"}
        return str(self.call("POST", "/sets/digits/imports", json=facts).json["run"]["id"])


def decide_and_undo(owner: Owner, decision: str) -> None:
    owner.form("/admin/moderate", sample=owner.give(), decision=decision, label="1", set="digits")
    page = owner.browser.get("/admin/moderation").text
    owner.form("/admin/moderate/undo", undo=re.search(r'name="undo" value="([^"]+)"', page)[1], set="digits")


def decide_about_all(owner: Owner) -> None:
    for decision in ("accept", "reject"):
        owner.form("/admin/moderate", contributor=owner.contributor(owner.give()), decision=decision, set="digits")
        page = owner.browser.get("/admin/moderation").text
        owner.form("/admin/moderate/undo", acts=re.search(r'name="acts" value="([^"]+)"', page)[1], set="digits")


def log_in_and_out(owner: Owner) -> None:
    owner.app.test_client().post("/admin/login", data={"password": "wrong"})
    for everywhere in ("", "on"):
        other = owner.app.test_client()
        other.post("/admin/logout", data={"csrf": sign_in(other), "everywhere": everywhere})
    owner.csrf = sign_in(owner.browser)


def moderate(owner: Owner) -> None:
    for decision in ("accept", "reject", "relabel"):
        decide_and_undo(owner, decision)
    decide_about_all(owner)


def decide(owner: Owner) -> None:
    for body in ({"decision": "accept"}, {"decision": "reject"}, {"decision": "relabel", "label": "1"}):
        owner.call("POST", f"/samples/{owner.give()}/decision", json=body)


def revoke(owner: Owner) -> None:
    owner.form("/admin/tokens", name="phone", scope="read")
    with owner.here.database.reading() as session:
        token = next(one.id for one in list_tokens(session) if one.name == "phone")
    owner.form("/admin/tokens/revoke", token=token)


def try_webhooks(owner: Owner) -> None:
    owner.form("/admin/webhooks", url="https://bot.example/x", event="version.live")
    made = owner.call("POST", "/webhooks", json={"url": "https://bot.example/x", "events": ["version.live"]}).json["id"]
    owner.call("POST", f"/webhooks/{made}/test")
    owner.form("/admin/webhooks/test", webhook=made)
    owner.call("DELETE", f"/webhooks/{made}")
    other = owner.call("GET", "/webhooks").json["webhooks"][0]["id"]
    owner.form("/admin/webhooks/remove", webhook=other)


# How each view of the table is asked so that it changes something.
ASK: dict[str, Callable[[Owner], Any]] = {
    "admin.activate": lambda owner: owner.form("/admin/activate", version=owner.live(), replaces=owner.live()),
    "admin.add_label": lambda owner: owner.form("/admin/sets/labels", set="runes", label="ᚨ"),
    "admin.cancel_run": lambda owner: owner.form("/admin/run/cancel", run=owner.run()),
    "admin.change_label": lambda owner: owner.form("/admin/sets/labels/change", set="runes", label="ᚦ", act="up"),
    "admin.change_set": lambda owner: owner.form("/admin/sets/change", set="runes", act="title", title="Runes"),
    "admin.create_set": lambda owner: owner.form("/admin/sets", name="greek", labels="α β"),
    "admin.delete_set": lambda owner: owner.form("/admin/sets/delete", set="greek"),
    "admin.login": log_in_and_out,
    "admin.logout": log_in_and_out,
    "admin.make_webhook": try_webhooks,
    "admin.moderate": moderate,
    "admin.remove_webhook": try_webhooks,
    "admin.test_webhook": try_webhooks,
    "admin.retract": lambda owner: owner.form("/admin/retract", contributor=owner.contributor(owner.give())),
    "admin.revoke": revoke,
    "admin.run": lambda owner: owner.form("/admin/run", set="digits", kind="train"),
    "admin.token": revoke,
    "admin.undo_decision": moderate,
    "api.activate": lambda owner: owner.call("POST", f"/versions/{owner.live()}/activation?replaces={owner.live()}"),
    "api.change_symbol_set": lambda owner: owner.call("PATCH", "/sets/runes", json={"title": "Old runes"}),
    "api.create_symbol_set": lambda owner: owner.call("POST", "/sets", json={"name": "hebrew", "labels": ["א", "ב"]}),
    "api.decide": decide,
    "api.delete_symbol_set": lambda owner: owner.call("DELETE", "/sets/hebrew"),
    "api.import_part": lambda owner: owner.call(
        "POST", f"/imports/{owner.started_import()}/parts/0", data=PART, content_type="application/octet-stream"
    ),
    "api.make_webhook": try_webhooks,
    "api.remove_webhook": try_webhooks,
    "api.test_webhook": try_webhooks,
    "api.remove_export": lambda owner: owner.call("DELETE", f"/exports/{owner.ended_export()}"),
    "api.retract_contributor": lambda owner: owner.call(
        "POST", f"/contributors/{owner.contributor(owner.give())}/retraction", json={}
    ),
    "api.start_export": lambda owner: owner.call("POST", "/sets/digits/exports", json={"format": "zip"}),
    "api.start_import": lambda owner: owner.started_import(),
    "api.start_run": lambda owner: owner.call("POST", "/sets/digits/runs", json={"kind": "train"}),
    "api.withdraw": lambda owner: owner.call("DELETE", f"/samples/{owner.give()}"),
}


@pytest.fixture
def owner(make_app: Callable[..., Flask]) -> Owner:
    return Owner(make_app(trust="moderated"))


def noted(here: Platform) -> list[str]:
    with here.database.reading() as session:
        return [row.act for row in all_acts(session, AuditFilter())]


def test_the_table_names_every_changing_view_of_the_owner(app: Flask) -> None:
    changing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if set(rule.methods or ()) - set(SAFE_METHODS) and ACCESS[rule.endpoint] in (*OWNERS, Access.OWNER, Access.RECEIPT)
    }
    assert set(AUDITED) == changing | {"admin.login"}
    assert {act for acts in AUDITED.values() for act in acts} <= set(ACTS)


def test_every_changing_view_of_the_owner_writes_its_act(owner: Owner) -> None:
    assert set(ASK) == set(AUDITED)
    missing = {}
    for endpoint, ask in ASK.items():
        before = len(noted(owner.here))
        ask(owner)
        written = noted(owner.here)
        new = written[: len(written) - before]
        if lacking := set(AUDITED[endpoint]) - set(new):
            missing[endpoint] = lacking
    assert missing == {}
    assert owner.browser.get("/admin/audit", headers={"Accept-Language": "ru"}).status_code == 200


def test_who_acted_is_told_and_no_secret_is(owner: Owner) -> None:
    owner.call("POST", "/sets/digits/runs", json={"kind": "train"})
    owner.form("/admin/sets/change", set="runes", act="title", title="Runes")
    acts = owner.call("GET", "/audit").json["acts"]
    assert [(one["act"], one["actor_kind"], one["actor"]) for one in acts[1:2]] == [("run_requested", "token", "laptop")]
    assert (acts[0]["act"], acts[0]["actor_kind"], acts[0]["set"], acts[0]["details"]) == (
        *("set_changed", "session", "runes"),
        {"title": ["", "Runes"]},
    )
    assert PASSWORD not in str(acts)
    assert owner.token["Authorization"].split()[1] not in str(acts)
