from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.domain.webhooks import Event
from functions.records.tables import WebhookDelivery
from functions.records.tokens import create_token
from functions.records.webhooks import create_webhook
from functions.web.platform import Platform
from tests.support import learned_versions
from tests.support.sample_drawings import SEVEN

HOOKS = "/api/v1/webhooks"
BODY = {"url": "https://bot.example/x", "events": ["version.live", "sample.waiting"]}


def told(here: Platform) -> list[dict[str, object]]:
    with here.database.reading() as session:
        return [json.loads(body) for body in session.scalars(select(WebhookDelivery.body).order_by(WebhookDelivery.id))]


def test_a_webhook_is_made_tested_and_removed(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    made = client.post(HOOKS, json=BODY, headers=owner)
    assert made.status_code == 201
    assert made.json["secret"].startswith("whsec_")
    (listed,) = client.get(HOOKS, headers=owner).json["webhooks"]
    assert "secret" not in listed
    assert listed == {name: value for name, value in made.json.items() if name != "secret"}
    address = f"{HOOKS}/{made.json['id']}"
    assert client.post(f"{address}/test", headers=owner).json["waiting"] == 1
    assert [one["type"] for one in told(here)] == ["test"]
    assert client.delete(address, headers=owner).status_code == 200
    assert client.get(HOOKS, headers=owner).json == {"webhooks": []}
    assert client.delete(address, headers=owner).status_code == 404
    assert client.post(f"{address}/test", headers=owner).status_code == 404


def test_wrong_webhooks_are_refused(client: FlaskClient, owner: dict[str, str]) -> None:
    for wrong in ({"url": "ftp://a.example"}, {"url": "https://u:p@a.example"}, {"events": []}, {"events": ["all"]}):
        assert client.post(HOOKS, json={**BODY, **wrong}, headers=owner).status_code == 400


def test_what_happens_is_told(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    client, here = app.test_client(), app.extensions["inkloop"]
    with here.database.writing() as session:
        create_webhook(session, "https://bot.example/x", [*Event])
        token = {"Authorization": f"Bearer {create_token(session, 'owner')}"}
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    version = learned_versions.learned(here)
    assert client.post(f"/api/v1/versions/{version}/activation", headers=token).status_code == 200
    data = {one["type"]: one["data"] for one in told(here)}
    assert data["sample.waiting"] == {"set": "digits", "sample": sample, "status": "pending"}
    assert data["version.live"]["version"] == version
