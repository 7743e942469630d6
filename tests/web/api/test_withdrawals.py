"""Taking back all of one's own, and the owner's retraction, through the API and the owner's pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.records import outbox
from functions.records.snapshots import keep_snapshot
from functions.records.tables import Run, Sample, Version
from functions.web.platform import Platform
from tests.support import learned_versions
from tests.support.pages import sign_in
from tests.support.sample_drawings import ONE, SEVEN

MINE = "/api/v1/contributors/me/samples"


def give(client: FlaskClient, label: str = "7") -> str:
    return client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": label}).json["id"]


def ask(client: FlaskClient) -> str:
    return client.post("/api/v1/sets/digits/predictions", json={**ONE, "consent": True}).json["id"]


def author(here: Platform, sample: str) -> str:
    with here.database.reading() as session:
        return session.get_one(Sample, sample).contributor_id


def learn(here: Platform, sample: str) -> str:
    """Publish a version that learned from a sample."""
    version = learned_versions.learned(here)
    with here.database.writing() as session:
        keep_snapshot(session, "digits", "5" * 64, [sample])
        session.get_one(Version, version).snapshot_id = "5" * 64
    return version


def test_everything_of_ones_own_is_taken_back_and_nothing_of_others(app: Flask, client: FlaskClient, here: Platform) -> None:
    mine, prediction = [give(client), give(client, "1")], ask(client)
    stranger = app.test_client()
    other = give(stranger)
    learned = learn(here, mine[0])
    answer = client.delete(MINE)
    assert (answer.status_code, answer.json) == (202, {"drawings": 3, "samples": 2, "versions": [learned]})
    outbox.drain(here.database, here.store)
    assert {key.rpartition("/")[2].partition(".")[0] for key in here.store.keys("samples/")} == {other}
    assert list(here.store.keys("drawings/")) == []
    assert [one["id"] for one in client.get("/api/v1/sets/digits/samples").json["samples"]] == [other]
    assert client.get(f"/api/v1/samples/{mine[0]}.png").status_code == 404
    corrected = client.post(f"/api/v1/predictions/{prediction}/correction", json={"label": "1"})
    assert (corrected.status_code, corrected.json["error"]["code"]) == (409, "conflict")
    assert client.delete(MINE).json == {"drawings": 0, "samples": 0, "versions": [learned]}


def test_whom_nobody_knows_has_nothing_to_take_back(client: FlaskClient, here: Platform) -> None:
    give(client)
    answer = client.application.test_client().delete(MINE)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "not_signed_in")
    assert client.delete(f"{MINE}?all=1").status_code == 400
    assert len(client.get("/api/v1/sets/digits/samples").json["samples"]) == 1


def test_a_version_and_a_withdrawal_tell_of_each_other(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    sample = give(client)
    learned = learn(here, sample)
    assert client.get(f"/api/v1/versions/{learned}").json["withdrawn"] == {"own": 0, "line": 0}
    assert client.delete(f"/api/v1/samples/{sample}", headers=owner).json["versions"] == [learned]
    assert client.get(f"/api/v1/versions/{learned}").json["withdrawn"] == {"own": 1, "line": 1}
    assert client.get("/api/v1/versions/digits-cnn-1").json["withdrawn"] == {"own": 0, "line": 0}


def test_only_the_owner_retracts(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    sample = give(client)
    learned = learn(here, sample)
    address = f"/api/v1/contributors/{author(here, sample)}/retraction"
    assert client.post(address, json={"forget": True}).status_code == 401
    assert client.post("/api/v1/contributors/nobody/retraction", json={}, headers=owner).json["error"]["code"] == (
        "unknown_contributor"
    )
    answer = client.post(address, json={"forget": True}, headers=owner)
    assert answer.status_code == 202
    (run,) = answer.json["runs"]
    assert answer.json == {"drawings": 1, "samples": 1, "versions": [learned], "runs": [run]}
    told = client.get(f"/api/v1/runs/{run}").json
    assert (told["kind"], told["forgets"], told["state"]) == ("train", True, "queued")


def test_the_owner_retracts_from_the_pages_and_goes_back(client: FlaskClient, here: Platform) -> None:
    visitor = client.application.test_client()
    sample = give(visitor)
    contributor, learned = author(here, sample), learn(here, sample)
    csrf = sign_in(client)
    client.post("/admin/activate", data={"csrf": csrf, "version": learned})
    found = client.get("/admin/contributors", query_string={"sample": f" {sample} "})
    assert (found.status_code, found.headers["Location"]) == (303, f"/admin/contributors/{contributor}")
    before = client.get(f"/admin/contributors/{contributor}").text
    assert "accepted" in before
    assert "Live versions" not in before
    answer = client.post("/admin/retract", data={"csrf": csrf, "contributor": contributor, "forget": "on"})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "waits for a worker" in page
    assert "Until the run ends, the versions below stay live." in page
    assert f"<code>{learned[-8:] if len(learned) >= 32 else learned}</code></a> (learned from them)" in page
    assert "<td>Digits</td><td>CNN</td>" in page
    assert 'href="/admin/versions/digits/digits-cnn-1"' in page
    client.post("/admin/activate", data={"csrf": csrf, "version": "digits-cnn-1"})
    assert "(learned from them)" not in client.get(answer.headers["Location"]).text
    assert visitor.get("/api/v1/sets/digits/samples").json["samples"] == []


def test_without_the_checkbox_nothing_is_trained(client: FlaskClient, here: Platform) -> None:
    sample = give(client)
    learn(here, sample)
    csrf = sign_in(client)
    client.post("/admin/retract", data={"csrf": csrf, "contributor": author(here, sample)})
    with here.database.reading() as session:
        assert session.query(Run).where(Run.kind == "train").count() == 0
        assert session.get_one(Sample, sample).status == "withdrawn"


@pytest.mark.parametrize("odd", ["nobody", "\x00", "%00", "é"])
def test_who_is_not_there_is_told_as_such(client: FlaskClient, odd: str) -> None:
    csrf = sign_in(client)
    assert client.get(f"/admin/contributors/{odd}").status_code == 404
    assert client.get("/admin/contributors", query_string={"sample": odd}).status_code == 404
    assert client.post("/admin/retract", data={"csrf": csrf, "contributor": odd}).status_code == 404


def test_a_retraction_needs_the_sessions_token(client: FlaskClient, here: Platform) -> None:
    sample = give(client)
    assert client.post("/admin/retract", data={"contributor": author(here, sample)}).status_code == 302
    sign_in(client)
    assert client.post("/admin/retract", data={"contributor": author(here, sample)}).status_code == 403
    with here.database.reading() as session:
        assert session.get_one(Sample, sample).status == "accepted"


def test_the_queue_leads_to_the_contributor(app: Flask, client: FlaskClient, here: Platform) -> None:
    sample = give(client)
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = "pending"
    sign_in(client)
    assert f"/admin/contributors/{author(here, sample)}" in client.get("/admin/moderation").text
