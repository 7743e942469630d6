"""The API of explanations."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.tables import DrawingRow
from functions.web.platform import Platform
from tests.support.sample_drawings import BLANK, SEVEN, base64_png

EXPLANATIONS = "/api/v1/sets/digits/explanations"


def test_the_cnn_is_explained_for_strokes_and_pictures_and_nothing_is_kept(client: FlaskClient, here: Platform) -> None:
    for body in (SEVEN, {"image": base64_png()}):
        answer = client.post(EXPLANATIONS, json=body)
        assert answer.status_code == 200
        assert (answer.json["set"], answer.json["learner"], answer.json["label"]) == ("digits", "cnn", "2")
        assert len(answer.json["lost"]) == 784
        assert all(0 <= value <= 1 for value in answer.json["lost"])
    with here.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(DrawingRow)) == 0


def test_what_cannot_be_explained_is_refused(client: FlaskClient) -> None:
    assert client.post(EXPLANATIONS, json=BLANK).json["error"]["code"] == "blank_drawing"
    assert client.post("/api/v1/sets/nothing/explanations", json=SEVEN).status_code == 404
    assert client.post(EXPLANATIONS, json={"label": "7"}).status_code == 400
