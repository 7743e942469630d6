"""What is found is kept for a moment; nobody waits long for a check, and one check runs at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.web.readiness import SLOW, Found, Readiness


def test_many_who_ask_at_once_cause_one_check() -> None:
    counted: list[int] = []

    def check() -> Found:
        counted.append(1)
        time.sleep(0.05)
        return Found([], [f"check {len(counted)}"])

    readiness = Readiness(kept=60, patience=60)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: readiness.found(check).also, range(64)))
    assert found == [["check 1"]] * 64


def test_after_a_moment_it_is_checked_again() -> None:
    readiness = Readiness(kept=0.1)
    assert readiness.found(lambda: Found(["away"])).reasons == ["away"]
    assert readiness.found(lambda: Found([])).reasons == ["away"]
    time.sleep(0.2)
    assert readiness.found(lambda: Found([])).reasons == []


def test_a_check_that_hangs_is_an_answer_and_is_not_begun_twice() -> None:
    go_on, counted = threading.Event(), []

    def check() -> Found:
        counted.append(1)
        assert go_on.wait(60)
        return Found([])

    readiness = Readiness(kept=60, patience=0.1)
    for _ in range(3):
        began = time.monotonic()
        assert readiness.found(check).reasons == [SLOW]
        assert time.monotonic() - began < 5
    go_on.set()
    until = time.monotonic() + 20
    while readiness.found(check).reasons:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert len(counted) == 1


def test_an_error_of_a_check_is_raised() -> None:
    readiness = Readiness()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            readiness.found(lambda: Found([str(1 / 0)]))
