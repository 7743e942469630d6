from __future__ import annotations

import hashlib

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions import registry
from functions.records import outbox
from functions.records.tables import DrawingRow, Prediction, SymbolSetRow, Version
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.platform_fakes import quiet_times
from tests.support.sample_drawings import BLANK, SEVEN

PREDICTIONS = "/api/v1/sets/digits/predictions"


def publish(here: Platform, learner: str, tflite: bytes) -> None:
    """Make a network live."""
    sha256 = hashlib.sha256(tflite).hexdigest()
    with here.database.writing() as session:
        version = Version(id=f"new-{learner}", set_name="digits", learner=learner, sha256=sha256, labels=list(tiny_models.DIGITS))
        session.add(version)
        session.flush()
        registry.activate(session, version.id, "a test")
    here.store.put(registry.artefact_key(version, "tflite"), tflite, "application/octet-stream")


def ask(client: FlaskClient, **fields: object) -> dict:
    answer = client.post(PREDICTIONS, json={**SEVEN, **fields})
    assert answer.status_code == 200, answer.json
    return answer.json


def correct(client: FlaskClient, prediction: str, status: int = 202, **body: object) -> dict:
    answer = client.post(f"/api/v1/predictions/{prediction}/correction", json=body)
    assert answer.status_code == status, answer.json
    return answer.json


def test_a_prediction_has_an_answer_and_four_opinions(client: FlaskClient) -> None:
    prediction = ask(client)
    assert prediction["id"] is None
    assert prediction["set"] == "digits"
    assert prediction["answer"]["status"] == "sure"
    assert [(one["learner"], one["role"]) for one in prediction["models"]] == [
        ("fnn", "original"),
        ("fnn", "learned"),
        ("cnn", "original"),
        ("cnn", "learned"),
    ]
    assert prediction["models"][0]["top"][0]["label"] == "1"
    assert len(prediction["models"][0]["top"]) == 3
    assert [one["reject"] for one in prediction["models"]] == [0.0] * 4
    assert prediction["answer"]["alternatives"] == []
    assert "square" not in prediction


def test_without_consent_nothing_is_kept_and_nobody_is_remembered(client: FlaskClient, here: Platform) -> None:
    answer = client.post(PREDICTIONS, json=SEVEN)
    assert "Set-Cookie" not in answer.headers
    with here.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(DrawingRow)) == 0


def test_without_consent_the_database_may_be_away(client: FlaskClient, here: Platform) -> None:
    here.database.engine.dispose()
    here.settings.home.joinpath("inkloop.sqlite").unlink()
    assert ask(client)["answer"]["label"] is not None


def test_with_consent_drawing_and_answer_are_kept(client: FlaskClient, here: Platform) -> None:
    prediction = ask(client, consent=True)
    with here.database.reading() as session:
        row = session.get_one(Prediction, prediction["id"])
        assert row.answer == prediction["answer"]
        assert row.opinions == {"models": prediction["models"]}
    outbox.drain(here.database, here.store)
    assert len([key for key in here.store.keys("drawings/digits/") if key.endswith(".png")]) == 1


def test_the_square_comes_when_it_is_asked_for(client: FlaskClient) -> None:
    square = ask(client, square=True)["square"]
    assert len(square) == 784
    assert 0 == min(square) < max(square) <= 1


def test_a_blank_drawing_is_answered_empty_and_never_kept(client: FlaskClient) -> None:
    prediction = ask(client, **BLANK, consent=True)
    assert prediction["id"] is None
    assert prediction["answer"] == {"status": "empty", "label": None, "p": None, "alternatives": []}
    assert [one["top"] for one in prediction["models"]] == [[], [], [], []]


def test_an_unknown_set_is_not_there(client: FlaskClient) -> None:
    for name in ("letters", "%00", "Digits", "ä"):
        answer = client.post(f"/api/v1/sets/{name}/predictions", json=SEVEN)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "unknown_set")


def test_a_correction_makes_a_sample_and_asks_for_a_run(client: FlaskClient, here: Platform) -> None:
    made = correct(client, ask(client, consent=True)["id"], label="7")
    assert made["status"] == "accepted"
    sample = client.get(f"/api/v1/samples/{made['sample']}").json
    assert (sample["label"], sample["source"]) == ("7", "correction")
    run = client.get(f"/api/v1/runs/{made['run']}").json
    assert (run["kind"], run["state"]) == ("learn", "queued")
    assert quiet_times(here.database) == [here.settings.learn_after]


def test_right_takes_the_answers_label(client: FlaskClient) -> None:
    prediction = ask(client, consent=True)
    made = correct(client, prediction["id"], verdict="right")
    assert client.get(f"/api/v1/samples/{made['sample']}").json["label"] == prediction["answer"]["label"]


def test_what_the_networks_reject_is_answered_not_a_symbol_and_right_keeps_it_so(client: FlaskClient, here: Platform) -> None:
    for learner in ("fnn", "cnn"):
        publish(here, learner, tiny_models.tiny_network(len(tiny_models.DIGITS)))
    here.runtime.refresh()
    prediction = ask(client, consent=True)
    assert prediction["answer"] == {"status": "not_a_symbol", "label": None, "p": 0.9, "alternatives": []}
    assert [one["reject"] for one in prediction["models"]] == [0.0, 0.9, 0.0, 0.9]
    made = correct(client, prediction["id"], verdict="right")
    assert client.get(f"/api/v1/samples/{made['sample']}").json["label"] is None


def test_a_declared_look_alike_is_told(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        session.get_one(SymbolSetRow, "digits").confusable = [["1", "7"]]
    for learner in ("fnn", "cnn"):
        publish(here, learner, tiny_models.tiny_network(7, sureness=0.5))
    here.runtime.refresh()
    answer = ask(client)["answer"]
    assert (answer["status"], answer["label"]) == ("unsure", "7")
    assert [one["label"] for one in answer["alternatives"]] == ["1"]
    assert 0.1 * answer["p"] <= answer["alternatives"][0]["p"] < answer["p"]


def test_a_set_that_has_learned_nothing_says_so_and_collects(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        session.add(SymbolSetRow(name="letters", labels=["a", "b"], origin="owner"))
    here.runtime.refresh()
    for drawn in (SEVEN, BLANK):
        answer = client.post("/api/v1/sets/letters/predictions", json=drawn)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "nothing_learned")
    assert client.get("/readyz").status_code == 200
    assert client.post("/api/v1/sets/letters/samples", json={**SEVEN, "label": "a"}).status_code == 201
    for part in ("samples", "versions", "runs", "metrics"):
        assert client.get(f"/api/v1/sets/letters/{part}").status_code == 200
    told = {one["name"]: one for one in client.get("/api/v1/sets").json["sets"]}
    assert told["letters"]["live"] == {}
    assert (told["letters"]["origin"], told["digits"]["origin"]) == ("owner", "shipped")
    assert told["letters"]["counts"] == {"a": 1, "b": 0}


def test_what_is_not_a_symbol_is_kept_and_taught(client: FlaskClient) -> None:
    made = correct(client, ask(client, consent=True)["id"], label=None)
    assert client.get(f"/api/v1/runs/{made['run']}").json["state"] == "queued"
    assert client.get(f"/api/v1/samples/{made['sample']}").json["label"] is None
    assert [one["id"] for one in client.get("/api/v1/sets/digits/samples?label=").json["samples"]] == [made["sample"]]


def test_the_same_correction_again_is_the_same_sample(client: FlaskClient) -> None:
    prediction = ask(client, consent=True)["id"]
    first = correct(client, prediction, label="7")
    assert correct(client, prediction, label="7") == first


def test_another_label_replaces_the_sample(client: FlaskClient, here: Platform) -> None:
    prediction = ask(client, consent=True)["id"]
    first = correct(client, prediction, label="7")
    outbox.drain(here.database, here.store)
    second = correct(client, prediction, label="1")
    outbox.drain(here.database, here.store)
    assert second["sample"] != first["sample"]
    assert client.get(f"/api/v1/samples/{first['sample']}").status_code == 404
    assert {key.split("/")[2] for key in here.store.keys("samples/digits/")} == {"1"}
    assert list(here.store.keys("drawings/")) == []


def test_the_receipt_of_a_correction_withdraws_it_for_good(client: FlaskClient) -> None:
    prediction = ask(client, consent=True)["id"]
    made = correct(client, prediction, label="7")
    assert client.delete(f"/api/v1/samples/{made['sample']}?receipt={made['receipt']}").status_code == 202
    assert correct(client, prediction, 409, label="7")["error"]["code"] == "conflict"


def test_a_correction_needs_no_cookie(app: Flask, client: FlaskClient) -> None:
    prediction = ask(client, consent=True)["id"]
    correct(app.test_client(use_cookies=False), prediction, label="7")


def test_a_correction_is_exactly_one_thing(client: FlaskClient) -> None:
    prediction = ask(client, consent=True)["id"]
    for body in ({}, {"verdict": "right", "label": "7"}, {"verdict": "wrong"}, {"verdict": None}, {"label": 7}, {"image": "x"}):
        assert correct(client, prediction, 400, **body)["error"]["code"] == "malformed", body


def test_a_correction_to_an_unknown_label_is_refused(client: FlaskClient) -> None:
    assert correct(client, ask(client, consent=True)["id"], 422, label="x")["error"]["code"] == "unknown_label"


def test_a_correction_of_an_unknown_prediction_is_not_there(client: FlaskClient) -> None:
    for prediction in ("0" * 32, "%00", "x" * 500):
        assert correct(client, prediction, 404, label="7")["error"]["code"] == "unknown_prediction"


def test_a_correction_in_a_moderated_house_waits_and_the_owners_does_not(make_app) -> None:
    from functions.records.tokens import create_token

    app = make_app(trust="moderated")
    client = app.test_client()
    prediction = ask(client, consent=True)["id"]
    made = correct(client, prediction, label="7")
    assert (made["status"], made["run"]) == ("pending", None)
    with app.extensions["inkloop"].database.writing() as session:
        token = create_token(session, "tests")
    address = f"/api/v1/predictions/{prediction}/correction"
    answer = client.post(address, json={"label": "1"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.json["status"] == "accepted"
