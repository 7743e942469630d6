"""A visitor's own drawings have a say in what they are answered, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from functions.records.tokens import create_token
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.sample_drawings import ONE, SEVEN, base64_png

PREDICTIONS = "/api/v1/sets/digits/predictions"
ANOTHER_SEVEN = {"strokes": [[[55, 70], [215, 62], [140, 235]]], "width": 280, "height": 280}


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """An app whose networks say 2 and show their embedding."""
    tiny_models.ship(tmp_path / "models", release="2", answers={"fnn": 2, "cnn": 2}, embeds=True, sureness=3.0)
    return make_app()


@pytest.fixture
def taught(client: FlaskClient) -> FlaskClient:
    """A visitor who has said that a drawing is a 7."""
    correct(client, ask(client, SEVEN, consent=True)["id"], label="7")
    return client


def ask(client: FlaskClient, drawn: dict = ANOTHER_SEVEN, headers: dict | None = None, **fields: object) -> dict:
    answer = client.post(PREDICTIONS, json={**drawn, **fields}, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def correct(client: FlaskClient, prediction: str, **body: object) -> dict:
    answer = client.post(f"/api/v1/predictions/{prediction}/correction", json=body)
    assert answer.status_code == 202, answer.json
    return answer.json


def test_before_anything_was_said_the_networks_answer(client: FlaskClient) -> None:
    prediction = ask(client)
    assert (prediction["answer"]["label"], prediction["adapted"], prediction["unadapted"]) == ("2", False, None)


def test_the_second_seven_is_right_at_once_and_the_networks_say_what_they_said(taught: FlaskClient) -> None:
    prediction = ask(taught)
    assert (prediction["answer"]["label"], prediction["adapted"]) == ("7", True)
    assert prediction["unadapted"]["label"] == "2"
    assert {one["top"][0]["label"] for one in prediction["models"]} == {"2"}


def test_what_is_unlike_it_is_answered_as_before(taught: FlaskClient) -> None:
    prediction = ask(taught, ONE)
    assert (prediction["answer"]["label"], prediction["adapted"], prediction["unadapted"]) == ("2", False, None)


def test_it_can_be_switched_off(taught: FlaskClient) -> None:
    assert ask(taught, adapt=False)["adapted"] is False
    assert ask(taught, adapt=False)["answer"]["label"] == "2"
    assert ask(taught)["adapted"] is True
    refused = taught.post(PREDICTIONS, json={**SEVEN, "adapt": "no"})
    assert refused.status_code == 400


def test_an_upload_is_adapted_too_and_can_say_that_it_wants_none(taught: FlaskClient) -> None:
    assert ask(taught, {"image": base64_png(ANOTHER_SEVEN)})["answer"]["label"] == "7"
    form = {"strokes": str(ANOTHER_SEVEN["strokes"]), "width": "280", "height": "280", "adapt": "false"}
    assert taught.post(PREDICTIONS, data=form, content_type="multipart/form-data").json["adapted"] is False


def test_it_is_for_nobody_else(taught: FlaskClient, app: Flask) -> None:
    assert ask(app.test_client())["answer"]["label"] == "2"
    assert ask(app.test_client(use_cookies=False))["answer"]["label"] == "2"


def test_a_lost_or_forged_cookie_is_nobody(taught: FlaskClient) -> None:
    taught.set_cookie("inkloop_contributor", "a" * 32 + ".forged")
    assert ask(taught)["answer"]["label"] == "2"
    taught.delete_cookie("inkloop_contributor")
    assert ask(taught)["answer"]["label"] == "2"


def test_a_token_has_no_hand(taught: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        owner = {"Authorization": f"Bearer {create_token(session, 'tests')}"}
    assert ask(taught, headers=owner)["adapted"] is False
    kept = ask(taught, SEVEN, headers=owner, consent=True)["id"]
    correct(taught, kept, label="3")
    assert ask(taught, headers=owner)["adapted"] is False


def test_a_contribution_speaks_too(client: FlaskClient) -> None:
    assert client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).status_code == 201
    assert ask(client)["answer"]["label"] == "7"


def test_what_was_said_to_be_no_symbol_is_none_only_for_them(client: FlaskClient, app: Flask) -> None:
    for drawn in (SEVEN, ANOTHER_SEVEN):  # the networks are quite sure that it is one
        correct(client, ask(client, drawn, consent=True)["id"], label=None)
    assert ask(client)["answer"]["status"] == "not_a_symbol"
    assert ask(app.test_client())["answer"]["status"] == "sure"


def test_another_label_counts_instead(taught: FlaskClient) -> None:
    kept = ask(taught, SEVEN, consent=True)["id"]
    correct(taught, kept, label="1")
    correct(taught, kept, label="7")
    assert ask(taught)["answer"]["label"] == "7"


def test_taking_back_the_drawing_or_everything_forgets_it(taught: FlaskClient) -> None:
    made = correct(taught, ask(taught, ONE, consent=True)["id"], label="1")
    assert (ask(taught)["answer"]["label"], ask(taught, ONE)["answer"]["label"]) == ("7", "1")
    taught.delete(f"/api/v1/samples/{made['sample']}?receipt={made['receipt']}")
    assert (ask(taught)["answer"]["label"], ask(taught, ONE)["answer"]["label"]) == ("7", "2")
    taught.delete("/api/v1/contributors/me/samples")
    assert ask(taught)["answer"]["label"] == "2"


def test_right_is_said_of_what_was_shown(taught: FlaskClient) -> None:
    made = correct(taught, ask(taught, consent=True)["id"], verdict="right")
    assert taught.get(f"/api/v1/samples/{made['sample']}").json["label"] == "7"


def test_what_judges_the_networks_is_not_flattered(taught: FlaskClient) -> None:
    correct(taught, ask(taught, consent=True)["id"], verdict="right")
    metrics = taught.get("/api/v1/sets/digits/metrics").json
    assert (metrics["corrections"]["count"], metrics["corrections"]["answer"]["right"]) == (2, 0)


def test_without_a_cookie_the_database_is_left_alone(app: Flask, here: Platform) -> None:
    asked: list[str] = []
    event.listen(here.database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    ask(app.test_client())
    assert asked == []
