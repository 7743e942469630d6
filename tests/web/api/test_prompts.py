"""What Contribute asks for, through the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from functions.web.platform import Platform
from tests.support.factories import add_sample
from tests.support.sample_drawings import SEVEN

PROMPTS = "/api/v1/sets/digits/prompts"


def labels(client: FlaskClient, **query: str) -> list[str]:
    answer = client.get(PROMPTS, query_string=query)
    assert answer.status_code == 200, answer.json
    return [prompt["label"] for prompt in answer.json["prompts"]]


def test_ten_labels_are_asked_for_each_once_where_nothing_was_collected(client: FlaskClient) -> None:
    answer = client.get(PROMPTS)
    assert {key: answer.json[key] for key in ("set", "ask", "next")} == {"set": "digits", "ask": "mixed", "next": None}
    assert Counter(labels(client)) == Counter("0123456789")
    assert answer.json["prompts"][0].keys() == {"label", "reason", "other"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_as_many_are_told_as_are_asked_for_and_not_what_was_asked_just_before(client: FlaskClient) -> None:
    assert len(labels(client, limit="25")) == 25
    assert all(labels(client, limit="1", after="7") != ["7"] for _ in range(30))


def test_what_the_dataset_lacks_comes_first_with_the_reason(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        for label in "012345678":
            for _ in range(3):
                add_sample(session, label)
    told = client.get(PROMPTS, query_string={"ask": "balance", "limit": "1"}).json
    assert told["prompts"] == [{"label": "9", "reason": "lacking", "other": None}]
    assert labels(client, limit="20").count("9") >= 3


def test_what_a_contributor_gave_counts_for_them_alone(client: FlaskClient, app: Flask) -> None:
    for label in "012345678":
        assert client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": label}).status_code == 201
    own = Counter(labels(client, limit="1")[0] for _ in range(40))
    stranger = app.test_client()
    others = Counter(labels(stranger, limit="1")[0] for _ in range(40))
    assert own.most_common(1)[0][0] == "9"
    assert own["9"] > others["9"]
    assert len(others) > 3


def test_the_owner_chooses_how_and_a_request_may_choose_otherwise(make_app: Callable[..., Flask]) -> None:
    client = make_app(ask="random").test_client()
    assert client.get(PROMPTS).json["ask"] == "random"
    assert client.get(PROMPTS, query_string={"ask": "mixed"}).json["ask"] == "mixed"


def test_what_cannot_be_asked_is_refused_in_words(client: FlaskClient) -> None:
    assert client.get("/api/v1/sets/runes/prompts").status_code == 404
    assert client.get(PROMPTS, query_string={"ask": "nicely"}).status_code == 400
    assert client.get(PROMPTS, query_string={"limit": "0"}).status_code == 400
    assert client.get(PROMPTS, query_string={"after": "A"}).json["error"]["code"] == "unknown_label"
