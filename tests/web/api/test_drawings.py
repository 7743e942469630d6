"""The API of kept drawings."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from functions.domain.scopes import Scope
from functions.records.tables import Sample
from functions.records.tokens import create_token
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN

SAMPLES = "/api/v1/sets/digits/samples"


def contribute(client: FlaskClient, **more: object) -> str:
    return client.post(SAMPLES, json={**SEVEN, "label": "7"}, **more).json["id"]


def test_a_program_sees_what_the_page_of_a_drawing_shows(client: FlaskClient) -> None:
    asked = client.post("/api/v1/sets/digits/predictions", json={**SEVEN, "consent": True}).json
    sample = client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": "7"}).json["sample"]
    told = client.application.test_client().get(f"/api/v1/samples/{sample}/drawing").json
    assert len(told["strokes"]["strokes"]) == len(SEVEN["strokes"])
    assert (len(told["square"]), max(told["square"])) == (784, 255)
    assert [(one["label"], one["by"]) for one in told["history"]] == [(asked["answer"]["label"], "networks"), ("7", "correction")]
    assert told["learned_by"] == []
    said = client.get(f"/api/v1/samples/{sample}/answers").json
    assert {(one["learner"], one["live"], one["learned"]) for one in said["answers"]} == {
        ("fnn", True, False),
        ("cnn", True, False),
    }


@pytest.mark.parametrize("what", ["drawing", "answers"])
def test_until_it_is_accepted_a_drawing_is_for_its_author_and_the_owner(client: FlaskClient, here: Platform, what: str) -> None:
    address = f"/api/v1/samples/{(sample := contribute(client))}/{what}"
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = "pending"
        reader = create_token(session, "reader", Scope.READ.contained)
        other = create_token(session, "other", Scope.CONTRIBUTE.contained)
    stranger = client.application.test_client()
    assert client.get(address).status_code == 200
    assert stranger.get(address).status_code == 403
    assert stranger.get(address, headers={"Authorization": f"Bearer {other}"}).status_code == 403
    assert stranger.get(address, headers={"Authorization": f"Bearer {reader}"}).status_code == 200
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = "withdrawn"
    assert client.get(address).status_code == 404


def test_who_gave_drawings_lists_them_with_their_receipts(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        token = {"Authorization": f"Bearer {create_token(session, 'robot', Scope.CONTRIBUTE.contained)}"}
    given = [contribute(client, headers=token) for _ in range(3)]
    contribute(client.application.test_client())
    page = client.get("/api/v1/contributors/me/samples?limit=2", headers=token)
    rest = client.get(f"/api/v1/contributors/me/samples?cursor={page.json['next']}", headers=token).json
    own = page.json["samples"] + rest["samples"]
    assert [one["id"] for one in own] == given[::-1]
    assert 'rel="next"' in page.headers["Link"] and rest["next"] is None
    assert {one["state"] for one in own} == {"teaches"}
    assert client.delete(f"/api/v1/samples/{given[0]}?receipt={own[-1]['receipt']}").status_code == 202
    left = client.get("/api/v1/contributors/me/samples", headers=token).json["samples"]
    assert [one["id"] for one in left] == given[:0:-1]
    assert client.application.test_client().get("/api/v1/contributors/me/samples").status_code == 401
