"""Pages and long answers come compressed to those who can read them so."""

from __future__ import annotations

import gzip
import json

from flask.testing import FlaskClient


def test_a_page_is_the_same_compressed(client: FlaskClient) -> None:
    packed = client.get("/models", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data).decode() == client.get("/models").text
    assert len(packed.data) < len(client.get("/models").data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)


def test_a_long_answer_of_the_api_is_compressed_and_a_short_one_is_not(client: FlaskClient) -> None:
    long, short = (client.get(path, headers={"Accept-Encoding": "gzip"}) for path in ("/api/v1/openapi.json", "/api/v1/sets"))
    assert json.loads(gzip.decompress(long.data))["openapi"]
    assert "Content-Encoding" not in short.headers


def test_one_who_accepts_no_gzip_gets_none(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip;q=0"}).headers
