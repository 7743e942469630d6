"""The central paths on a real PostgreSQL and a real S3 server."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from functions.records import outbox
from functions.settings import Bucket
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN, png

SET = "/api/v1/sets/digits"


@pytest.fixture
def beyond(make_app: Callable[..., Flask], postgres_url: str, minio: Bucket) -> Flask:
    """The app as it runs beyond one machine."""
    return make_app(database_url=postgres_url, bucket=minio)


def test_the_whole_way_of_a_drawing_beyond_one_machine(beyond: Flask) -> None:
    client = beyond.test_client()
    here: Platform = beyond.extensions["inkloop"]

    given = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": "k"})
    again = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": "k"})
    assert given.status_code == again.status_code == 201
    assert given.json == again.json

    asked = client.post(f"{SET}/predictions?consent=true", data=png(), content_type="image/png").json
    assert outbox.drain(here.database, here.store) > 0
    corrected = client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": "1"}).json
    recorrected = client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": "2"}).json
    assert corrected["sample"] != recorrected["sample"]
    assert corrected["run"] == recorrected["run"]
    outbox.drain(here.database, here.store)
    assert list(here.store.keys("drawings/")) == []
    assert {key.split("/")[2] for key in here.store.keys("samples/digits/")} == {"7", "2"}
    assert client.get(f"/api/v1/samples/{recorrected['sample']}.png").data == png()

    assert client.delete(f"/api/v1/samples/{given.json['id']}?receipt={given.json['receipt']}").status_code == 202
    outbox.drain(here.database, here.store)
    assert {key.split("/")[2] for key in here.store.keys("samples/digits/")} == {"2"}

    for path in ("/api/v1/sets", f"{SET}/samples?limit=1", f"{SET}/versions?limit=1", f"{SET}/runs", f"{SET}/metrics", "/readyz"):
        assert client.get(path).status_code == 200, path


def test_odd_names_are_not_found_on_postgresql_either(beyond: Flask) -> None:
    client = beyond.test_client()
    for path in ("/api/v1/samples/%00", "/api/v1/runs/%00", f"{SET}%00/samples", "/api/v1/versions/%F0%9F%98%80"):
        assert client.get(path).status_code == 404
    answer = client.post(f"{SET}/samples", json={**SEVEN, "label": "\x00"})
    assert answer.json["error"]["code"] == "unknown_label"


def test_equal_requests_at_once_are_one_sample(beyond: Flask) -> None:
    first = beyond.test_client()
    first.post(f"{SET}/samples", json={**SEVEN, "label": "0"})
    cookie = first.get_cookie("inkloop_contributor")

    def give(_: int) -> str:
        client = beyond.test_client()
        client.set_cookie(cookie.key, cookie.value)
        while True:  # 409: the first of the equal requests is still being answered
            answer = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": "same"})
            if answer.status_code != 409:
                break
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(give, range(16)))) == 1


def test_corrections_of_one_prediction_at_once_leave_one_sample(beyond: Flask) -> None:
    client = beyond.test_client()
    upload = {"image": (io.BytesIO(png()), "x.png"), "consent": "true"}
    asked = client.post(f"{SET}/predictions", data=upload, content_type="multipart/form-data").json["id"]

    def say(number: int) -> int:
        body = {"label": str(number % 4)}
        return beyond.test_client().post(f"/api/v1/predictions/{asked}/correction", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(say, range(16))) == {202}
    assert len(client.get(f"{SET}/samples?source=correction").json["samples"]) == 1
    here: Platform = beyond.extensions["inkloop"]
    outbox.drain(here.database, here.store)
    assert len([key for key in here.store.keys("samples/") if key.endswith(".png")]) == 1
