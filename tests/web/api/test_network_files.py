"""A version's files, and what other programs make of them."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from functions.learners.litert import infer
from functions.learners.squares.shipped import ShippedSet
from functions.settings import ROOT
from functions.web.platform import Platform
from tests.support.learned_versions import learned
from tests.support.tfjs import answers_of

VERSIONS = "/api/v1/versions"
SAME = 1e-5  # float32, added in another order


@pytest.fixture
def shipped_app(make_app: Callable[..., Flask]) -> Flask:
    """An app with the networks that ship."""
    return make_app(models=ROOT / "models")


@pytest.fixture
def address(shipped_app: Flask) -> Iterator[str]:
    """The address of the app on a server."""
    server = make_server("127.0.0.1", 0, shipped_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def original(app: Flask, learner: str) -> str:
    versions: list[dict[str, Any]] = app.test_client().get("/api/v1/sets/digits/versions").json["versions"]
    return next(str(one["id"]) for one in versions if one["learner"] == learner)


def test_an_artefact_is_what_its_hash_says_and_never_changes(client: FlaskClient, here: Platform) -> None:
    for version_id in (learned(here), "digits-fnn-1"):
        answer = client.get(f"{VERSIONS}/{version_id}/artefact")
        assert answer.mimetype == "application/octet-stream"
        sha256 = client.get(f"{VERSIONS}/{version_id}").json["sha256"]
        assert hashlib.sha256(answer.data).hexdigest() == sha256
        assert answer.headers["ETag"] == f'"{sha256}"'
        assert "immutable" in answer.headers["Cache-Control"]
        again = client.get(f"{VERSIONS}/{version_id}/artefact", headers={"If-None-Match": f'"{sha256}"'})
        assert again.status_code == 304


def test_weights_that_are_not_there_are_no_server_error(client: FlaskClient, here: Platform) -> None:
    version_id = learned(here)  # it has no weights
    for file in ("weights", "tfjs/model.json", "tfjs/weights.bin"):
        answer = client.get(f"{VERSIONS}/{version_id}/{file}")
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
        assert client.get(f"{VERSIONS}/none/{file}").status_code == 404


@pytest.mark.parametrize(("learner", "count"), [("fnn", 100), ("cnn", 15), pytest.param("cnn", 100, marks=pytest.mark.long_run)])
def test_tensorflow_js_answers_as_the_server_does(
    shipped_app: Flask, address: str, seeds: ShippedSet, tmp_path: Path, learner: str, count: int
) -> None:
    x = seeds.holdout().x[-count:]  # the last ones are scribbles
    model = f"{address}{VERSIONS}/{original(shipped_app, learner)}/tfjs/model.json"
    found = answers_of(model, x / np.float32(255), tmp_path)
    assert np.abs(found - infer(seeds.artefact(learner, "tflite"), x)).max() < SAME


@pytest.mark.long_run
@pytest.mark.parametrize("learner", ["fnn", "cnn"])
def test_the_example_for_keras_answers_as_the_server_does(
    shipped_app: Flask, seeds: ShippedSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learner: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = shipped_app.test_client().get(f"{VERSIONS}/{original(shipped_app, learner)}/weights")
    Path("network.npz").write_bytes(answer.data)
    section = (ROOT / "docs" / "models.md").read_text().split("## A network in other programs")[1]
    rebuilding, answering = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(rebuilding, names)
    exec(answering, names)
    x = seeds.holdout().x[-100:]
    assert np.abs(names["answers"](x / np.float32(255)) - infer(seeds.artefact(learner, "tflite"), x)).max() < SAME
