from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from functions import registry
from functions.app import create_app, open_platform
from functions.records.tables import OutboxRow, now
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.web.platform import Platform
from tests.support.learned_versions import learned
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN


class Unready(LiveModels):
    """A runtime that has loaded nothing and looks for nothing."""

    def watch(self) -> None:
        """Do nothing."""


def test_a_living_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_a_process_that_can_serve_says_so(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "reasons": []})


def test_a_process_that_cannot_serve_yet_tells_why(here: Platform) -> None:
    unready = replace(here, runtime=Unready(here.database, Artefacts(here.store, here.settings.models)))
    client = create_app(here.settings, unready).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"]
    assert "Retry-After" in answer.headers
    assert client.get("/healthz").status_code == 200


def test_a_process_that_answers_with_another_version_is_ready_and_says_so(client: FlaskClient, here: Platform) -> None:
    made = learned(here)
    with here.database.writing() as session:
        registry.activate(session, made, "a test")
    here.store.delete(f"versions/digits/{made}.tflite")
    here.runtime.refresh()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["reasons"] == [f"Version digits-cnn-1 answers instead of version {made}, which cannot be loaded."]
    prediction = client.post("/api/v1/sets/digits/predictions", json=SEVEN).json
    assert [one.get("instead_of") for one in prediction["models"]] == [None, None, None, made]


def test_drawings_that_wait_for_the_store_are_told_while_the_process_is_ready(client: FlaskClient, here: Platform) -> None:
    assert client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).status_code == 201
    with here.database.writing() as session:
        session.execute(update(OutboxRow).values(created=now() - timedelta(minutes=3, seconds=1), error="See S3_BUCKET."))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["reasons"] == ["Drawings wait for the object store, the oldest for 3 min."]
    sign_in(client)
    page = client.get("/admin/?lang=en").text
    assert re.search(r"\d+ objects \(\d\.\d MB\) wait", page)
    assert "See S3_BUCKET." in page


def test_a_lost_database_is_a_reason(app: Flask, here: Platform) -> None:
    here.database.engine.dispose()
    here.settings.home.joinpath("inkloop.sqlite").unlink()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "The database does not answer." in answer.json["reasons"]


def test_an_app_that_was_loaded_holds_no_connection_that_a_fork_would_inherit(here: Platform) -> None:
    opened = open_platform(here.settings)
    create_app(opened.settings, opened)
    assert (opened.database.engine.pool.checkedin(), opened.database.engine.pool.checkedout()) == (0, 0)
    opened.database.engine.dispose()
