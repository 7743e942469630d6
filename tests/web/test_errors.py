from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from functions import errors
from functions.web.errors import TABLE
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN


def raises(app: Flask, error: Exception, path: str = "/api/v1/sets") -> FlaskClient:
    """Let the views of ``path`` meet ``error``."""

    def fail(**names: str) -> None:
        raise error

    endpoint = app.url_map.bind("localhost").match(path)[0]
    app.view_functions[endpoint] = fail
    return app.test_client()


def situations(kind: type[Exception] = errors.Situation) -> list[type[Exception]]:
    return [kind, *(each for below in kind.__subclasses__() for each in situations(below))]


@pytest.mark.parametrize("situation", [each for each in situations() if each is not errors.Situation])
def test_every_situation_has_an_answer(app: Flask, situation: type[Exception]) -> None:
    answer = raises(app, situation("A sentence.")).get("/api/v1/sets")
    told = next(told for kind, told in TABLE if issubclass(situation, kind))
    assert answer.status_code == told.status
    assert answer.json["error"] == {"code": told.code, "message": "A sentence.", "request_id": answer.headers["X-Request-Id"]}


def test_a_mistake_of_ours_is_noted_and_not_told(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = raises(app, ZeroDivisionError("/secret/path")).get("/api/v1/sets")
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "internal")
    assert b"secret" not in answer.data
    assert answer.json["error"]["request_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_is_away_is_unavailable_and_tells_when_to_try_again(app: Flask) -> None:
    answer = raises(app, OperationalError("SELECT secret", {}, Exception("password"))).get("/api/v1/sets")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert b"secret" not in answer.data


def test_the_log_has_neither_what_was_sent_nor_lines_of_a_clients_own(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    lost = OperationalError("INSERT INTO samples VALUES (:label)", {"label": "hidden-1"}, Exception("gone\x1b[2J\nINFO forged"))
    token = {"Authorization": "Bearer ink_hidden-2", "Cookie": "inkloop_owner=hidden-3", "User-Agent": "x\tINFO forged"}
    with caplog.at_level(logging.DEBUG):
        raises(app, lost).get("/api/v1/sets?receipt=hidden-4", headers=token)
        app.test_client().post("/admin/login", data={"password": "hidden-5"}, environ_overrides={"REMOTE_ADDR": "x\nforged"})
    assert len(caplog.records) >= 2
    for record in caplog.records:
        assert record.getMessage().isprintable()
        assert "hidden" not in record.getMessage()
        assert "forged" not in record.getMessage()


def test_a_databases_error_does_not_show_what_was_stored(here: Platform) -> None:
    with pytest.raises(IntegrityError) as refused, here.database.writing() as session:
        for _ in range(2):
            session.execute(text("INSERT INTO settings (name, value) VALUES ('a', :value)"), {"value": "hidden"})
    assert "hidden due to hide_parameters" in str(refused.value)
    assert str(refused.value).count("hidden") == 1


def test_a_store_that_is_away_is_unavailable_only_for_what_needs_it(client: FlaskClient, here: Platform) -> None:
    from functions.records import outbox

    made = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json
    outbox.drain(here.database, here.store)
    objects = here.settings.objects
    objects.rename(objects.with_name("gone"))
    objects.write_text("not a folder")
    picture = client.get(f"/api/v1/samples/{made['id']}.png")
    assert (picture.status_code, picture.json["error"]["code"]) == (503, "unavailable")
    assert "Retry-After" in picture.headers
    assert str(here.settings.home) not in picture.text
    assert client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/sets/digits/nothing", 404, "not_found"),
        ("PUT", "/api/v1/sets", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/sets/digits/samples", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ],
)
def test_what_the_framework_finds_has_our_form_too(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert set(answer.json["error"]) == {"code", "message", "request_id"}
    assert (status == 405) == ("Allow" in answer.headers)


def test_a_page_that_is_not_there_is_told_on_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_every_answer_has_a_request_id_that_a_proxy_may_give(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abcd-1234"}).headers["X-Request-Id"] == "abcd-1234"
    for odd in ("short", "x" * 65, "a b c d e f", "<script>"):
        given = client.get("/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
        assert given != odd
        assert len(given) == 32


def test_too_much_at_once_is_refused_with_a_time_to_try_again(make_app: Callable[..., Flask]) -> None:
    client = make_app(limits=True).test_client()
    answers = [client.post("/api/v1/predictions/none/correction", json={"label": "7"}) for _ in range(300)]
    assert answers[0].status_code == 404
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[-1].json["error"]["code"] == "too_many_requests"
    assert 1 <= int(refused[-1].headers["Retry-After"]) <= 60


def test_limits_can_be_switched_off(client: FlaskClient) -> None:
    answers = [client.post("/api/v1/predictions/none/correction", json={"label": "7"}) for _ in range(130)]
    assert {answer.status_code for answer in answers} == {404}


def test_a_platforms_probes_are_never_refused(make_app: Callable[..., Flask]) -> None:
    client = make_app(limits=True).test_client()
    assert {client.get("/healthz").status_code for _ in range(1300)} == {200}
