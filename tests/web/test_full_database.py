"""A database that has no room left: refusals in good form, nothing is lost, and it goes on when there is room again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from functions.records import write_health
from functions.records.tables import Sample
from functions.records.write_health import FULL, REFUSED
from functions.web.platform import Platform
from tests.support.sample_drawings import SEVEN, base64_png

SET = "/api/v1/sets/digits"
ROOM = 40  # pages that are left
Allow = Callable[[int | None], None]


@pytest.fixture
def allow(here: Platform) -> Iterator[Allow]:
    """Set the number of pages that the database may still grow by; None is as many as it wants."""
    engine, most = here.database.engine, [0]

    def limit(connection: Any, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {most[0]}")

    def allow(pages: int | None) -> None:
        with engine.connect() as connection:
            most[0] = 2**30 if pages is None else connection.scalar(text("PRAGMA page_count")) + pages
        engine.dispose()  # the limit belongs to a connection

    event.listen(engine, "connect", limit)
    yield allow
    event.remove(engine, "connect", limit)


def test_a_full_database_refuses_and_loses_nothing(client: FlaskClient, here: Platform, allow: Allow) -> None:
    allow(ROOM)
    acknowledged, refused = _contribute_until_refused(client)
    assert acknowledged
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert refused.json["error"]["code"] == "unavailable"
    for number in range(20):  # threads, pool and transactions are as good as new after each refusal
        again = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": f"again {number}"})
        acknowledged += [again.json["id"]] if again.status_code == 201 else []
        assert again.status_code in (201, 503), again.text
        assert client.post(f"{SET}/predictions", json=SEVEN).status_code == 200
        assert client.get("/api/v1/sets").status_code == 200
    assert _kept(here) == sorted(acknowledged)

    allow(None)
    more = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"})
    assert more.status_code == 201
    assert _kept(here) == sorted([*acknowledged, more.json["id"]])


def _contribute_until_refused(client: FlaskClient) -> tuple[list[str], Any]:
    picture, acknowledged = base64_png(), []
    for number in range(1000):
        answer = client.post(f"{SET}/samples", json={"image": picture, "label": "7"}, headers={"Idempotency-Key": str(number)})
        if answer.status_code != 201:
            return acknowledged, answer
        acknowledged.append(answer.json["id"])
    raise AssertionError("the database never was full")


def _kept(here: Platform) -> list[str]:
    """Return the samples of the database, which must be intact."""
    with here.database.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        return sorted(session.scalars(select(Sample.id)))


def test_readiness_says_that_nothing_can_be_written_until_it_can(client: FlaskClient, allow: Allow) -> None:
    allow(ROOM)
    _contribute_until_refused(client)
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json["reasons"]) == (503, [REFUSED])
    assert client.post(f"{SET}/predictions", json=SEVEN).status_code == 200
    allow(None)
    assert client.get("/readyz").status_code == 200


def test_readiness_says_that_the_disk_is_full(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_health, "LEAST_FREE", 2**60)
    unready = client.get("/readyz")
    assert (unready.status_code, unready.json["reasons"]) == (503, [FULL])
