from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.domain.scopes import Scope
from functions.records.tokens import create_token
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app(trust="moderated").test_client()


@pytest.fixture
def decide(client: FlaskClient) -> Callable[..., Any]:
    here: Platform = client.application.extensions["inkloop"]
    with here.database.writing() as session:
        moderator = {"Authorization": f"Bearer {create_token(session, 'moderator', [Scope.MODERATE])}"}
    return lambda sample, **body: client.post(f"/api/v1/samples/{sample}/decision", json=body, headers=moderator)


def give(client: FlaskClient) -> str:
    return client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]


def test_a_moderator_accepts_and_rejects(client: FlaskClient, decide: Callable[..., Any]) -> None:
    sample = give(client)
    assert decide(sample, decision="reject").json["status"] == "rejected"
    assert decide(sample, decision="accept").json["status"] == "accepted"
    assert client.get(f"/api/v1/samples/{sample}").json["status"] == "accepted"
    assert decide("none", decision="accept").status_code == 404


def test_a_moderator_gives_a_drawing_another_label(client: FlaskClient, decide: Callable[..., Any]) -> None:
    sample = give(client)
    made = decide(sample, decision="relabel", label="1").json
    assert (made["label"], made["status"]) == ("1", "accepted")
    assert made["id"] != sample
    assert client.get(f"/api/v1/samples/{sample}").status_code == 404
    assert decide(made["id"], decision="relabel", label=None).json["label"] is None
    assert decide(give(client), decision="relabel", label="x").status_code == 422


@pytest.mark.parametrize("body", [{}, {"decision": "relabel"}, {"decision": "accept", "label": "7"}, {"decision": "maybe"}])
def test_an_unclear_decision_is_refused(client: FlaskClient, decide: Callable[..., Any], body: dict[str, Any]) -> None:
    assert decide(give(client), **body).status_code == 400
