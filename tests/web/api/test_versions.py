from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from functions import registry
from functions.records.tables import Prediction, Run
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.learned_versions import learned
from tests.support.sample_drawings import SEVEN

SET = "/api/v1/sets/digits"


def test_the_versions_are_told_newest_first_with_what_is_live(client: FlaskClient, here: Platform) -> None:
    made = learned(here)
    answer = client.get(f"{SET}/versions").json
    assert answer["next"] is None
    assert answer["versions"][0]["id"] == made
    assert {one["id"]: (one["live"], one["original"]) for one in answer["versions"]} == {
        made: (False, False),
        "digits-cnn-1": (True, True),
        "digits-fnn-1": (True, True),
    }


def test_the_versions_page_without_gaps(client: FlaskClient, here: Platform) -> None:
    learned(here)
    seen, cursor = [], None
    for _ in range(3):
        page = client.get(f"{SET}/versions", query_string={"limit": 1, **({"cursor": cursor} if cursor else {})}).json
        seen += [one["id"] for one in page["versions"]]
        cursor = page["next"]
    assert cursor is None
    assert len(set(seen)) == 3


def test_a_version_has_a_card_a_lineage_and_a_gate_report(client: FlaskClient, here: Platform) -> None:
    version = client.get(f"/api/v1/versions/{learned(here)}").json
    assert version["card"] == {"seed": 1}
    assert version["labels"] == list("0123456789")
    assert version["lineage"] == ["digits-cnn-1"]
    assert version["gate"] == {"accepted": True, "reason": "not worse"}


def test_a_device_is_told_which_networks_answer_and_only_if_they_are_others(client: FlaskClient, here: Platform) -> None:
    answer = client.get(f"{SET}/networks")
    told = answer.json
    assert (told["set"], told["confusable"]) == ("digits", [])
    places = [("fnn", "original"), ("fnn", "learned"), ("cnn", "original"), ("cnn", "learned")]
    assert [(one["learner"], one["role"]) for one in told["networks"]] == places
    for one in told["networks"]:
        version = client.get(f"/api/v1/versions/{one['version']}").json
        assert (one["labels"], one["sha256"]) == (version["labels"], version["sha256"])
    known = {"If-None-Match": answer.headers["ETag"]}
    assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get(f"{SET}/networks", headers=known).status_code == 304
    made = learned(here)
    with here.database.writing() as session:
        registry.activate(session, made, "test")
    newer = client.get(f"{SET}/networks", headers=known)
    assert newer.status_code == 200
    assert {one["version"] for one in newer.json["networks"]} == {"digits-fnn-1", "digits-cnn-1", made}


def test_the_owner_makes_a_version_live_and_rolls_back(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    made = learned(here)
    for version, label in ((made, "7"), ("digits-cnn-1", "2")):
        answer = client.post(f"/api/v1/versions/{version}/activation", headers=owner)
        assert (answer.status_code, answer.json["id"], answer.json["live"]) == (200, version, True)
        opinions = client.post(f"{SET}/predictions", json=SEVEN).json["models"]
        assert (opinions[3]["version"], opinions[3]["top"][0]["label"]) == (version, label)
        assert opinions[2]["version"] == "digits-cnn-1"


def test_only_the_owner_activates_and_starts_runs(client: FlaskClient) -> None:
    for address in ("/api/v1/versions/digits-cnn-1/activation", f"{SET}/runs"):
        for headers in ({}, {"Authorization": "Bearer ink_wrong"}, {"Authorization": "Basic eA=="}, {"Authorization": "Bearer"}):
            answer = client.post(address, json={"kind": "train"}, headers=headers)
            assert (answer.status_code, answer.json["error"]["code"]) == (401, "not_signed_in")
            assert answer.headers["WWW-Authenticate"] == 'Bearer scope="admin"'


def test_a_revoked_token_opens_nothing(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    from sqlalchemy import update

    from functions.records.tables import Token, now

    with here.database.writing() as session:
        session.execute(update(Token).values(revoked=now()))
    assert client.post(f"{SET}/runs", json={"kind": "train"}, headers=owner).status_code == 401


def test_the_owner_starts_a_run(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    for kind in ("train", "learn"):
        answer = client.post(f"{SET}/runs", json={"kind": kind}, headers=owner)
        assert (answer.status_code, answer.json["kind"], answer.json["state"]) == (202, kind, "queued")
        assert answer.json["result"] == {"activated": [], "rejected": []}
        assert client.get(f"/api/v1/runs/{answer.json['id']}").json == answer.json
    assert [run["kind"] for run in client.get(f"{SET}/runs").json["runs"]] == ["learn", "train"]


def test_a_run_is_of_a_known_kind(client: FlaskClient, owner: dict[str, str]) -> None:
    for body in ({"kind": "sleep"}, {}, {"kind": "train", "now": True}):
        assert client.post(f"{SET}/runs", json=body, headers=owner).status_code == 400


def test_a_finished_run_tells_what_was_activated_and_rejected(client: FlaskClient, here: Platform) -> None:
    result = {"activated": ["a"], "rejected": [{"version": "b", "reason": "worse"}]}
    with here.database.writing() as session:
        session.add(Run(id="c" * 32, set_name="digits", kind="learn", state="done", progress=1.0, result=result))
    run = client.get(f"/api/v1/runs/{'c' * 32}").json
    assert (run["progress"], run["result"]) == (1.0, result)


def test_what_is_not_there_is_named(client: FlaskClient) -> None:
    for address, code in (
        ("/api/v1/versions/none", "unknown_version"),
        ("/api/v1/versions/none/artefact", "unknown_version"),
        ("/api/v1/runs/none", "unknown_run"),
        ("/api/v1/samples/none", "unknown_sample"),
        ("/api/v1/sets/none/samples", "unknown_set"),
        ("/api/v1/sets/none/versions", "unknown_set"),
        ("/api/v1/sets/none/runs", "unknown_set"),
        ("/api/v1/sets/none/metrics", "unknown_set"),
        ("/api/v1/none", "not_found"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, code), address


def test_an_activation_names_the_version_that_it_replaces(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    address = f"/api/v1/versions/{learned(here)}/activation"
    late = client.post(f"{address}?replaces=another", headers=owner)
    assert (late.status_code, late.json["error"]["code"]) == (409, "conflict")
    assert client.post(f"{address}?replaces=digits-cnn-1", headers=owner).status_code == 200
    assert client.post(f"{address}?replaces=digits-cnn-1", headers=owner).status_code == 409
    assert client.post(address, headers=owner).status_code == 200  # a retry, which changes nothing
    assert client.post(f"{address}?instead=digits-cnn-1", headers=owner).status_code == 400


def test_a_version_whose_file_is_damaged_or_missing_cannot_be_activated(
    client: FlaskClient, here: Platform, owner: dict[str, str]
) -> None:
    made = learned(here)
    key = f"versions/digits/{made}.tflite"
    for damage in (lambda: here.store.put(key, b"damaged", "application/octet-stream"), lambda: here.store.delete(key)):
        damage()
        answer = client.post(f"/api/v1/versions/{made}/activation", headers=owner)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")
        assert "cannot be activated" in answer.json["error"]["message"]
    assert client.get("/api/v1/sets").json["sets"][0]["live"]["cnn"] == "digits-cnn-1"


def test_an_unknown_version_cannot_be_activated(client: FlaskClient, owner: dict[str, str]) -> None:
    answer = client.post("/api/v1/versions/none/activation", headers=owner)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "unknown_version")


def test_metrics_of_nothing_are_empty(client: FlaskClient) -> None:
    metrics = client.get(f"{SET}/metrics").json
    nothing = {"right": 0, "count": 0, "accuracy": None, "low": None, "high": None}
    assert (metrics["corrections"]["count"], metrics["corrections"]["answer"], metrics["corrections"]["models"]) == (
        0,
        nothing,
        [],
    )
    assert metrics["confusion"]["rows"] == [[0] * 10] * 10
    assert {one["id"] for one in metrics["versions"]} == {"digits-fnn-1", "digits-cnn-1"}


def test_metrics_count_a_rejection_as_right_only_of_what_is_not_a_symbol(client: FlaskClient, here: Platform) -> None:
    for label in ("1", None):  # the tiny networks reject nothing until one that rejects everything is live
        asked = client.post(f"{SET}/predictions", json={**SEVEN, "consent": True}).json
        client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": label})
    answered = int(asked["answer"]["label"])
    for learner in ("fnn", "cnn"):
        rejecting = learned(here, version_id=learner * 8, answer=len(tiny_models.DIGITS), learner=learner)
        with here.database.writing() as session:
            registry.activate(session, rejecting, "a test")
    here.runtime.refresh()
    for label in ("1", None, None):
        asked = client.post(f"{SET}/predictions", json={**SEVEN, "consent": True}).json
        client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": label})
    metrics = client.get(f"{SET}/metrics").json
    assert metrics["corrections"]["count"] == 5
    right = {(one["learner"], one["role"]): one["right"] for one in metrics["corrections"]["models"]}
    assert right == {("fnn", "original"): 2, ("fnn", "learned"): 3, ("cnn", "original"): 0, ("cnn", "learned"): 2}
    confusion = metrics["confusion"]
    assert confusion["rows"][1][answered] == confusion["rejected"][1] == confusion["not_a_symbol"][answered] == 1
    assert confusion["not_a_symbol_rejected"] == metrics["not_a_symbol"] - 1 == 2


def test_metrics_read_answers_from_before_networks_could_reject(client: FlaskClient, here: Platform) -> None:
    asked = client.post(f"{SET}/predictions", json={**SEVEN, "consent": True}).json
    with here.database.writing() as session:
        row = session.get_one(Prediction, asked["id"])
        row.answer = {"status": "sure", "label": "2", "p": 0.9}
        models = [{name: value for name, value in one.items() if name != "reject"} for one in row.opinions["models"]]
        row.opinions = {"models": models}
    client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"verdict": "right"})
    metrics = client.get(f"{SET}/metrics").json
    assert metrics["corrections"]["answer"]["right"] == metrics["confusion"]["rows"][2][2] == 1
    assert metrics["confusion"]["rejected"] == [0] * 10


def test_metrics_compare_each_answer_with_what_people_said(app: Flask, client: FlaskClient) -> None:
    for label in ("1", "1", "7"):  # the tiny FNN always says 1, the CNN 2
        asked = client.post(f"{SET}/predictions", json={**SEVEN, "consent": True}).json
        client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": label})
    metrics = client.get(f"{SET}/metrics").json
    assert metrics["corrections"]["count"] == 3
    accuracy = {(one["learner"], one["role"]): one["accuracy"] for one in metrics["corrections"]["models"]}
    assert accuracy["fnn", "original"] == accuracy["fnn", "learned"] == 0.666667
    assert accuracy["cnn", "learned"] == 0
    answered = int(asked["answer"]["label"])
    assert metrics["confusion"]["rows"][1][answered] == 2
    assert metrics["confusion"]["rows"][7][answered] == 1
    assert (metrics["balance"]["1"], metrics["balance"]["7"], metrics["balance"]["0"]) == (2, 1, 0)
    assert [part["count"] for part in metrics["growth"]] == [3]
