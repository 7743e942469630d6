"""Who may ask how much: visitors, contributors, a classroom, and who tries passwords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.database import Database
from functions.records.tables import LimitCount
from functions.settings import Settings
from functions.web.platform import Platform
from functions.web.security import shared_counts
from functions.web.security.rate_limits import ELSEWHERE, LIMITS, with_sites
from functions.web.security.shared_counts import Limit
from tests.support.pages import PASSWORD
from tests.support.sample_drawings import SEVEN

SET = "/api/v1/sets/digits"
AT = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time by which requests are counted, in seconds; a test sets it."""
    moment = [1_000_000.0]
    monkeypatch.setattr(shared_counts.time, "time", lambda: moment[0])
    yield moment


@pytest.fixture
def processes(make_app: Callable[..., Flask], settings: Callable[..., Settings]) -> list[Flask]:
    """Two web processes of one platform."""
    return [make_app(limits=True), make_app(limits=True)]


def wrong(app: Flask, **environ: str) -> int:
    return app.test_client().post("/admin/login", data={"password": "wrong"}, environ_overrides={**AT, **environ}).status_code


def test_of_twenty_wrong_passwords_to_two_processes_ten_are_looked_at(processes: list[Flask]) -> None:
    statuses = Counter(wrong(app) for app, _ in zip(cycle(processes), range(20), strict=False))
    assert statuses == {403: 10, 429: 10}


def test_who_tries_passwords_does_not_keep_the_owner_out_elsewhere(processes: list[Flask]) -> None:
    for _ in range(60):
        wrong(processes[0], REMOTE_ADDR="::ffff:198.51.100.9")
    elsewhere = {"REMOTE_ADDR": "::ffff:203.0.113.7"}
    entered = processes[1].test_client().post("/admin/login", data={"password": PASSWORD}, environ_overrides=elsewhere)
    assert entered.status_code == 303


def test_who_has_a_large_network_does_not_have_as_many_tries(processes: list[Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    *for_client, (site, limit) = LIMITS["admin.login"]
    assert limit == Limit(200, 3600, strict=True)
    monkeypatch.setitem(LIMITS, "admin.login", (*for_client, (site, Limit(20, 3600, strict=True))))  # the same with less to send
    statuses = Counter(wrong(processes[0], REMOTE_ADDR=f"2001:db8:1:{number:x}::1") for number in range(25))
    assert statuses == {403: 20, 429: 5}
    assert wrong(processes[0], REMOTE_ADDR="2001:db8:2::1") == 403


def test_to_look_at_the_form_is_no_try(processes: list[Flask]) -> None:
    assert {processes[0].test_client().get("/admin/login").status_code for _ in range(30)} == {200}


def predict(app: Flask, client: FlaskClient | None = None, **more: Any) -> int:
    sender = client or app.test_client()
    return sender.post(f"{SET}/predictions", json={**SEVEN, **more}, environ_overrides=AT).status_code


def test_a_classroom_behind_one_address_is_served(processes: list[Flask], clock: list[float]) -> None:
    """Thirty visitors ask once a second for 40 seconds, without consent and so without a cookie."""
    app = processes[0]
    app.view_functions["api.predict"] = lambda set_name: "answered"
    statuses = Counter()
    for _ in range(40):
        statuses.update(predict(app) for _ in range(30))
        clock[0] += 1
    assert statuses == {200: 1200}


def test_one_contributor_is_limited_while_a_neighbour_is_served(processes: list[Flask], clock: list[float]) -> None:
    greedy, neighbour = (processes[0].test_client() for _ in range(2))
    for client in (greedy, neighbour):
        assert predict(processes[0], client, consent=True) == 200
    processes[0].view_functions["api.predict"] = lambda set_name: "answered"
    statuses = Counter()
    for _ in range(40):
        statuses.update(predict(processes[0], greedy) for _ in range(10))
        clock[0] += 1
    assert statuses[429] == 400 - 300
    assert predict(processes[0], neighbour) == 200


def test_one_address_is_limited_whatever_cookies_it_sends(
    processes: list[Flask], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for_contributor, for_address = LIMITS["api.predict"][1:]
    assert for_address[1] == Limit(3000, 60)
    monkeypatch.setitem(LIMITS, "api.predict", (for_contributor, (for_address[0], Limit(300, 60))))  # the same with less to send
    processes[0].view_functions["api.predict"] = lambda set_name: "answered"
    statuses = Counter(predict(processes[0]) for _ in range(350))
    assert statuses == {200: 300, 429: 50}
    clock[0] += 61
    assert predict(processes[0]) == 200


def test_predictions_of_ordinary_visitors_write_nothing(processes: list[Flask]) -> None:
    here: Platform = processes[0].extensions["inkloop"]
    assert {predict(processes[0]) for _ in range(30)} == {200}
    with here.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LimitCount)) == 0


def test_no_address_is_kept(processes: list[Flask]) -> None:
    wrong(processes[0])
    database: Database = processes[0].extensions["inkloop"].database
    with database.reading() as session:
        keys = list(session.scalars(select(LimitCount.key)))
    assert keys
    assert not [key for key in keys if "203.0.113" in key or len(key) != 32]


def test_strangers_who_contribute_at_once_are_let_in(processes: list[Flask], clock: list[float]) -> None:
    """The first drawing of each of fifty visitors behind one address comes without a cookie."""
    processes[0].view_functions["api.contribute"] = lambda set_name: "answered"
    ask = {"json": {**SEVEN, "label": "7"}, "environ_overrides": AT}
    statuses = Counter(processes[0].test_client().post(f"{SET}/samples", **ask).status_code for _ in range(250))
    assert statuses == {200: 240, 429: 10}


def test_a_retry_after_tells_when_the_count_ends(processes: list[Flask], clock: list[float]) -> None:
    for _ in range(10):
        wrong(processes[0])
    clock[0] += 20
    answer = processes[0].test_client().post("/admin/login", data={"password": "x"}, environ_overrides=AT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")


@pytest.mark.parametrize("endpoint", [*LIMITS, "another"])
def test_each_limit_of_a_client_is_five_times_as_large_for_its_site(endpoint: str) -> None:
    limits = LIMITS.get(endpoint, ELSEWHERE)
    names = [who.__name__ for who, _ in with_sites(limits)]
    assert names.count("_site") >= 1
    clients = sum(limit.most for who, limit in with_sites(limits) if who.__name__ == "_client")
    sites = sum(limit.most for who, limit in with_sites(limits) if who.__name__ == "_site")
    assert clients < sites <= 5 * clients


def test_who_has_a_large_network_has_five_times_the_limit(
    processes: list[Flask], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, (*_, (who, _)) = processes[0], LIMITS["api.predict"]
    monkeypatch.setitem(LIMITS, "api.predict", ((who, Limit(4, 60)),))  # the same with less to send
    app.view_functions["api.predict"] = lambda set_name: "answered"

    def ask(address: str) -> int:
        return app.test_client().post(f"{SET}/predictions", json=SEVEN, environ_overrides={"REMOTE_ADDR": address}).status_code

    statuses = Counter(ask(f"2001:db8:1:{number:x}::1") for number in range(25))
    assert statuses == {200: 20, 429: 5}
    assert ask("2001:db8:2::1") == 200
    assert {ask(f"203.0.113.{number}") for number in range(25)} == {200}
