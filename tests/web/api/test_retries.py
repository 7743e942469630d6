"""Requests that are sent again with their Idempotency-Key: contributions, kept predictions and corrections."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.tables import Base, DrawingRow, Prediction, Sample
from functions.web.api import predictions, retries, samples
from functions.web.platform import Platform
from tests.support.sample_drawings import ONE, SEVEN, png

SAMPLES, PREDICTIONS = "/api/v1/sets/digits/samples", "/api/v1/sets/digits/predictions"
KEY = {"Idempotency-Key": "6f1c3a52-50e5-4d4c-9a51-7e3bb2a4f0de"}


def count(here: Platform, table: type[Base]) -> int:
    with here.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def anybody(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def post(client: FlaskClient, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(path, json=body, headers={**KEY, **headers})


@pytest.fixture(params=["cookie", "no cookie", "token"])
def sender(request: pytest.FixtureRequest, app: Flask, owner: dict[str, str]) -> FlaskClient:
    """A client that names its contributor, or does not."""
    if request.param == "no cookie":
        return anybody(app)
    client = app.test_client()
    if request.param == "token":
        client.environ_base["HTTP_AUTHORIZATION"] = owner["Authorization"]
    else:
        client.post(SAMPLES, json={**ONE, "label": "1"})
    return client


def test_a_contribution_sent_again_is_one_sample(sender: FlaskClient, here: Platform) -> None:
    before = count(here, Sample)
    first, again = (post(sender, SAMPLES, {**SEVEN, "label": "7"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert count(here, Sample) == before + 1
    for other in ({**SEVEN, "label": "1"}, {**ONE, "label": "7"}):
        refused = post(sender, SAMPLES, other)
        assert (refused.status_code, refused.json["error"]["code"]) == (422, "key_reused")


def test_a_kept_prediction_sent_again_is_one_prediction(sender: FlaskClient, here: Platform) -> None:
    drawings, body = count(here, DrawingRow), {**SEVEN, "consent": True, "square": True}
    first, again = (post(sender, PREDICTIONS, body) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["id"]
    assert again.json == first.json
    assert (count(here, Prediction), count(here, DrawingRow)) == (1, drawings + 1)
    for other in ({**body, "square": False}, {**ONE, "consent": True, "square": True}):
        assert post(sender, PREDICTIONS, other).status_code == 422
    assert post(sender, SAMPLES, {**SEVEN, "label": "7"}).status_code == 422


def test_an_adapted_answer_is_repeated_as_it_was_shown(client: FlaskClient) -> None:
    for _ in range(3):
        client.post(SAMPLES, json={**SEVEN, "label": "1"})
    first, again = (post(client, PREDICTIONS, {**SEVEN, "consent": True}).json for _ in range(2))
    assert again == first


def test_without_consent_a_key_keeps_nothing(client: FlaskClient) -> None:
    assert post(client, PREDICTIONS, SEVEN).json["id"] is None
    assert post(client, PREDICTIONS, ONE).status_code == 200


def test_a_blank_drawing_uses_no_key_up(client: FlaskClient) -> None:
    blank = {"strokes": [], "width": 280, "height": 280, "consent": True}
    assert post(client, PREDICTIONS, blank).json["answer"]["status"] == "empty"
    assert post(client, PREDICTIONS, {**SEVEN, "consent": True}).status_code == 200


def test_a_correction_sent_again_is_one_sample(sender: FlaskClient, here: Platform) -> None:
    asked = sender.post(PREDICTIONS, json={**SEVEN, "consent": True}).json["id"]
    path, before = f"/api/v1/predictions/{asked}/correction", count(here, Sample)
    first, again = (post(sender, path, {"label": "7"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json == first.json
    assert count(here, Sample) == before + 1
    for other in ({"label": "1"}, {"label": None}, {"verdict": "right"}):
        assert post(sender, path, other).status_code == 422
    elsewhere = sender.post(PREDICTIONS, json={**SEVEN, "consent": True}).json["id"]
    assert post(sender, f"/api/v1/predictions/{elsewhere}/correction", {"label": "7"}).status_code == 422


def test_a_late_copy_of_a_correction_does_not_undo_a_newer_one(client: FlaskClient) -> None:
    asked = client.post(PREDICTIONS, json={**SEVEN, "consent": True}).json["id"]
    path = f"/api/v1/predictions/{asked}/correction"
    first = post(client, path, {"label": "1"}).json["sample"]
    newer = client.post(path, json={"label": "7"}).json["sample"]
    late = post(client, path, {"label": "1"})
    assert (late.status_code, late.json["sample"], late.json["status"]) == (202, first, "withdrawn")
    assert client.get(f"/api/v1/samples/{newer}").status_code == 200


def slow_contributions(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Let a contribution wait in its middle; return the events that it has begun, and that it may go on."""
    begun, go_on = threading.Event(), threading.Event()
    real = samples.contribute_verb

    def slow(*given: Any, **more: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return real(*given, **more)

    monkeypatch.setattr(samples, "contribute_verb", slow)
    return begun, go_on


def test_an_equal_request_waits_for_the_first_one_and_else_is_told_to_come_again(
    app: Flask, here: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "PATIENCE", 0.05)
    begun, go_on = slow_contributions(monkeypatch)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, anybody(app), SAMPLES, {**SEVEN, "label": "7"})
        assert begun.wait(60)
        for body in ({**SEVEN, "label": "7"}, {**SEVEN, "label": "1"}):
            refused = post(anybody(app), SAMPLES, body)
            assert (refused.status_code, refused.json["error"]["code"]) == (409, "in_progress")
            assert refused.headers["Retry-After"] == "1"
        go_on.set()
        assert first.result().status_code == 201
    assert post(anybody(app), SAMPLES, {**SEVEN, "label": "7"}).json == first.result().json
    assert count(here, Sample) == 1


def test_an_equal_request_that_waits_leaves_its_place_to_another(
    app: Flask, here: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "PATIENCE", 60.0)
    begun, go_on = slow_contributions(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(post, anybody(app), SAMPLES, {**SEVEN, "label": "7"})
        assert begun.wait(60)
        assert here.waits.now == 0
        equal = pool.submit(post, anybody(app), SAMPLES, {**SEVEN, "label": "7"})
        until = time.monotonic() + 60
        while here.waits.now == 0 and time.monotonic() < until:
            time.sleep(0.01)
        assert here.waits.now == 1
        go_on.set()
        assert first.result().json == equal.result().json
    assert here.waits.now == 0


def test_after_an_error_a_key_is_free_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PATIENCE", 0.0)
    assert post(anybody(app), SAMPLES, {**SEVEN, "label": "no label"}).status_code == 422
    real = predictions.predict_verb
    monkeypatch.setattr(predictions, "predict_verb", lambda *given, **more: 1 / 0)
    assert post(anybody(app), PREDICTIONS, {**SEVEN, "consent": True}).status_code == 500
    monkeypatch.setattr(predictions, "predict_verb", real)
    assert post(anybody(app), PREDICTIONS, {**SEVEN, "consent": True}).status_code == 200


def sixty_four(processes: list[Flask], path: str, **more: Any) -> Counter[int]:
    """Send one request 64 times at once, to two processes in turn; return the statuses, and check that all answers are equal."""

    def send(number: int) -> Any:
        return anybody(processes[number % 2]).post(path, headers=KEY, **more)

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(send, range(64)))
    assert len({answer.text for answer in answers if answer.status_code < 300}) == 1
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_of_sixty_four_at_once_one_makes_a_row(kind: str, make_app: Callable[..., Flask], request: pytest.FixtureRequest) -> None:
    url = {"database_url": request.getfixturevalue("postgres_url")} if kind == "postgres" else {}
    one = make_app(**url)
    here: Platform = one.extensions["inkloop"]
    other = make_app(**url, home=here.settings.home) if kind == "postgres" else one
    processes = [one, other]
    assert set(sixty_four(processes, SAMPLES, json={**SEVEN, "label": "7"})) <= {201, 409}
    assert count(here, Sample) == 1
    upload = {"data": png(), "content_type": "image/png", "query_string": {"consent": "true"}}
    different = {"Idempotency-Key": "another"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEY, "Idempotency-Key", different["Idempotency-Key"])
        assert set(sixty_four(processes, PREDICTIONS, **upload)) <= {200, 409}
    assert (count(here, Prediction), count(here, DrawingRow)) == (1, 2)
    asked = anybody(one).post(PREDICTIONS, json={**SEVEN, "consent": True}).json["id"]
    samples_before = count(here, Sample)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KEY, "Idempotency-Key", "a third")
        assert set(sixty_four(processes, f"/api/v1/predictions/{asked}/correction", json={"label": "1"})) <= {202, 409}
    assert count(here, Sample) == samples_before + 1
