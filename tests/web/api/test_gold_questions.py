from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.domain.drawing import from_png
from functions.domain.trust import GoldRecord
from functions.learners.squares import Squares, save_squares
from functions.records.tables import GoldAnswer
from functions.web.api import gold_questions
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.evidence_factory import gold_record

CHECK = "/api/v1/sets/digits/check"


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """The app with a hold-out of a bar that is a 1, and of one that is nothing."""
    models = tmp_path / "models"
    tiny_models.ship(models, confusable=(("1", "7"),))
    squares = np.zeros((2, 28, 28), np.uint8)
    squares[0, 4:24, 13:16] = 255
    squares[1] = 200
    file = models / "digits" / "holdout.npz"
    save_squares(file, Squares(squares, np.array([1, 10])), "for tests")
    manifest = json.loads((models / "manifest.json").read_text())
    manifest["sets"]["digits"]["holdout"] = {
        "file": "digits/holdout.npz",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    (models / "manifest.json").write_text(json.dumps(manifest))
    return make_app()


def contributor_record(here: Platform) -> GoldRecord:
    with here.database.reading() as session:
        return gold_record(session, session.query(GoldAnswer).first().contributor_id)


def test_a_question_shows_a_known_symbol_as_a_drawing(client: FlaskClient) -> None:
    for _ in range(4):
        asked = client.get(CHECK)
        assert asked.headers["Cache-Control"] == "no-store"
        assert set(asked.json) == {"id", "set", "image"}
        ink = from_png(base64.b64decode(asked.json["image"])).ink
        assert (ink[140, 140], ink[10, 10]) == (0, 255)


def test_answers_make_the_contributors_record(client: FlaskClient, here: Platform) -> None:
    for label, right in (("1", True), ("7", True), ("4", False), (None, False)):
        answer = client.post(CHECK, json={"id": client.get(CHECK).json["id"], "label": label})
        assert (answer.status_code, answer.json) == (200, {"right": right, "label": "1"})
    assert contributor_record(here) == GoldRecord(right=2, wrong=2)


def test_a_question_counts_once(client: FlaskClient, here: Platform) -> None:
    body = {"id": client.get(CHECK).json["id"], "label": "4"}
    assert client.post(CHECK, json=body).status_code == 200
    for label in ("4", "1"):
        assert client.post(CHECK, json={**body, "label": label}).json["error"]["code"] == "conflict"
    assert contributor_record(here) == GoldRecord(wrong=1)


def test_only_what_was_asked_here_lately_can_be_answered(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = client.get(CHECK).json["id"]
    for odd in ("", "x", asked[:-4], "0" * 32 + asked[32:]):
        assert client.post(CHECK, json={"id": odd, "label": "1"}).json["error"]["code"] == "malformed"
    assert client.post(CHECK, json={"id": asked, "label": "x"}).json["error"]["code"] == "unknown_label"
    an_hour_later = time.time() + gold_questions.LIFETIME + 2
    monkeypatch.setattr(time, "time", lambda: an_hour_later)
    answer = client.post(CHECK, json={"id": asked, "label": "1"})
    assert answer.json["error"]["message"] == "This question is too old; ask for another."


def test_a_set_without_known_drawings_has_nothing_to_ask(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    tiny_models.ship(tmp_path / "others")
    client = make_app(models=tmp_path / "others").test_client()
    assert client.get(CHECK).json["error"]["code"] == "not_found"
    assert client.get("/api/v1/sets/nothing/check").status_code == 404
