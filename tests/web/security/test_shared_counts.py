"""What several processes count together."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import ClassVar

import pytest

from functions.web.security import shared_counts
from functions.web.security.meeting_in_redis import InRedis
from functions.web.security.meeting_places import Away, Counts
from functions.web.security.shared_counts import SHARE, Limit, SharedCounts


class Place(InRedis):
    """A meeting place that may be away, and tells how often it was asked."""

    made: ClassVar[list[Place]] = []

    def __init__(self, url: str, name: str = "Redis") -> None:
        self.name = name
        super().__init__(url)
        self.asked, self.away = 0, False
        self.made.append(self)

    def add(self, counts: Counts) -> Counts:
        self.asked += 1
        if self.away:
            raise Away("ConnectionError")
        return super().add(counts)


@pytest.fixture(autouse=True)
def _each_test_counts_alone() -> Iterator[None]:
    """Keep the exchanging threads of a test, which nobody can stop, out of the counts of the next one."""
    yield
    for place in Place.made:
        place.away = True
    Place.made.clear()


@pytest.fixture
def place(redis_url: str) -> Place:
    return Place(redis_url)


def allowed(processes: list[SharedCounts], limit: Limit, requests: int) -> int:
    """Return how many requests, sent to the processes in turn, are within the limit."""
    return sum(one.wait("key", limit) is None for one in islice(cycle(processes), requests))


def test_one_process_allows_as_many_as_the_limit_says(place: Place) -> None:
    one = SharedCounts([place])
    limit = Limit(20, 60)
    assert allowed([one], limit, 30) == 20
    assert 0 < one.wait("key", limit) <= 60
    assert one.wait("another key", limit) is None


def test_a_strict_limit_is_exact_over_all_processes(place: Place) -> None:
    assert allowed([SharedCounts([place]) for _ in range(4)], Limit(10, 60, strict=True), 40) == 10
    assert place.asked <= 10 + 4  # who is refused is not asked about again


def test_a_strict_limit_is_never_exceeded_by_what_comes_at_once(place: Place) -> None:
    processes = [SharedCounts([place]) for _ in range(2)]
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda number: processes[number % 2].wait("key", Limit(10, 60, strict=True)), range(60)))
    assert 1 <= waits.count(None) <= 10


def test_a_count_ends(place: Place) -> None:
    one = SharedCounts([place])
    limit = Limit(3, 0.5, strict=True)
    assert allowed([one], limit, 5) == 3
    time.sleep(0.6)
    assert allowed([one], limit, 5) == 3


def test_an_ordinary_visitor_is_counted_without_any_write(place: Place) -> None:
    one, limit = SharedCounts([place]), Limit(800, 60)
    assert allowed([one], limit, 800 // SHARE - 1) == 99
    one.exchange()
    assert place.asked == 0
    assert not [thread for thread in threading.enumerate() if thread is one._thread]


def test_a_visitor_who_asks_much_is_counted_by_all_processes_together(place: Place) -> None:
    processes, limit = [SharedCounts([place]) for _ in range(2)], Limit(80, 60)
    let_through = 0
    for _ in range(20):
        let_through += allowed(processes, limit, 10)
        for one in processes:
            one.exchange()
    assert 80 <= let_through <= 90


def test_counts_are_exchanged_by_themselves(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_counts, "EXCHANGE", 0.01)
    processes, limit = [SharedCounts([place]) for _ in range(2)], Limit(16, 60)
    assert allowed(processes[:1], limit, 16) == 16
    assert processes[1].wait("key", limit) is None
    assert processes[1].wait("key", limit) is None
    until = time.monotonic() + 20
    while processes[1].wait("key", limit) is None:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_while_a_place_is_away_the_next_one_counts_and_the_log_says_it_once(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Place(redis_url), Place(redis_url, "the database")
    first.away = True
    with caplog.at_level(logging.WARNING):
        assert allowed([SharedCounts([first, second]) for _ in range(2)], Limit(10, 60, strict=True), 30) == 10
    assert first.asked == 2  # once by each process, and not again for a while
    assert len(caplog.records) == 2


def test_without_any_place_each_process_counts_for_itself(place: Place) -> None:
    place.away = True
    assert allowed([SharedCounts([place]) for _ in range(2)], Limit(10, 60, strict=True), 40) == 20


def test_keys_that_have_ended_are_forgotten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_counts, "SWEEP", 50)
    one = SharedCounts([place])
    for number in range(60):
        one.wait(str(number), Limit(100, 0.001))
        time.sleep(0.001)
    one.wait("last", Limit(100, 60))
    assert len(one._windows) <= 51
