"""Few may wait, fewer of one sender, and whoever begins to wait gives its place."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.app import open_platform
from functions.errors import StoreUnavailable, Unavailable
from functions.settings import Bucket, Settings
from functions.store import FolderStore
from functions.web.platform import Platform
from functions.web.server.waits import TURNS, WaitingDatabase, WaitingModels, WaitingStore, Waits, sender_now
from tests.support.sample_drawings import SEVEN


def as_sender(sender: str, act: Callable[[], None]) -> None:
    """Do something as the thread of a sender's request does."""

    def run() -> None:
        sender_now.set(sender)
        act()

    contextvars.copy_context().run(run)


def test_too_many_are_refused_and_places_are_free_again_afterwards() -> None:
    waits = Waits(slow=(1, 2))
    begun: list[int] = []
    waits.begun = lambda: begun.append(waits.now)  # type: ignore[method-assign]

    def refused() -> None:
        with pytest.raises(Unavailable), waits.waiting("slow", Unavailable()):
            pass

    def second() -> None:
        with waits.waiting("slow", Unavailable()):
            assert waits.now == 2
            refused()
            as_sender("c", refused)

    def first() -> None:
        with waits.waiting("slow", Unavailable()):
            refused()  # one of a sender
            as_sender("b", second)

    as_sender("a", first)
    as_sender("a", first)
    assert begun == [1, 2, 1, 2]
    assert waits.now == 0


def test_an_error_ends_a_wait() -> None:
    waits = Waits(slow=(1, 1))
    for _ in range(2):
        with pytest.raises(KeyError), waits.waiting("slow", Unavailable()):
            raise KeyError
    assert waits.now == 0


def test_writers_and_readers_of_the_bucket_wait_apart(tmp_path: Path, database: Any) -> None:
    waits = Waits(write=(1, 1), picture=(1, 1))
    store = WaitingStore(FolderStore(tmp_path), waits)
    store.put("a.png", b"png", "image/png")
    with WaitingDatabase(database.engine, database.group_commit, waits).writing():
        assert store.get("a.png") == b"png"
        assert waits.now == 1
        with waits.waiting("picture", Unavailable()), pytest.raises(StoreUnavailable):
            store.get("a.png")


def test_a_web_process_waits_for_its_bucket_and_its_database_only_within_bounds(
    settings: Callable[..., Settings], tmp_path: Path
) -> None:
    bucket = Bucket("pictures", "http://127.0.0.1:9", "", "key", "secret")
    here = open_platform(settings(bucket=bucket))
    assert isinstance(here.database, WaitingDatabase)
    assert isinstance(here.store, WaitingStore)
    assert here.database.waits is here.waits
    assert isinstance(here.runtime, WaitingModels)


def test_a_crowd_of_writers_does_not_make_a_process_unready(client: FlaskClient, here: Platform) -> None:
    body = {**SEVEN, "label": "7"}
    with ExitStack() as crowd:
        for number in range(128):
            crowd.callback(sender_now.reset, sender_now.set(f"address {number % 2}"))
            crowd.enter_context(here.waits.waiting("write", Unavailable()))
        refused = client.post("/api/v1/sets/digits/samples", json=body)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert "Too many wait" in refused.json["error"]["message"]
        assert client.get("/readyz").status_code == 200
        here.write_health.doubt()  # as after another failure
        assert client.get("/readyz").status_code == 200
    assert client.post("/api/v1/sets/digits/samples", json=body).status_code == 201


def test_one_reading_or_explanation_computes_at_a_time(settings: Callable[..., Settings]) -> None:
    here = open_platform(settings())
    begun, done = threading.Event(), threading.Event()
    order: list[str] = []

    def second() -> None:
        begun.set()
        with here.runtime.cnn("digits"):
            order.append("second")
        done.set()

    with here.runtime.cnn("digits"):
        threading.Thread(target=second, daemon=True).start()
        begun.wait(10)
        done.wait(0.2)
        order.append("first")
    assert done.wait(10)
    assert order == ["first", "second"]


def test_few_readings_of_one_sender_may_wait(settings: Callable[..., Settings]) -> None:
    here = open_platform(settings())
    with ExitStack() as stack:
        for _ in range(TURNS[0]):
            stack.enter_context(here.waits.waiting("turn", Unavailable()))
        with pytest.raises(Unavailable, match="read or explained"), here.runtime.cnn("digits"):
            pass


def test_all_networks_of_one_site_wait_as_one() -> None:
    waits = Waits(slow=(1, 2))

    def refused() -> None:
        with pytest.raises(Unavailable), waits.waiting("slow", Unavailable()):
            pass

    def first() -> None:
        with waits.waiting("slow", Unavailable()):
            as_sender("2001:db8:1:2::/64", refused)

    as_sender("2001:db8:1:1::/64", first)
