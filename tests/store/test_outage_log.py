from __future__ import annotations

import logging

import pytest

from functions.store.outage_log import OutageLog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_outage_is_told_once_then_once_an_hour_and_its_end_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outages = OutageLog(logging.getLogger("a test"), clock)
    outages.back("Redis")
    for second in range(0, 2 * 3600, 5):
        clock.now = second
        outages.away("Redis", "refused")
    clock.now += 5
    outages.back("Redis")
    outages.back("Redis")
    assert [record.message for record in caplog.records] == [
        "Redis cannot be used: refused",
        "Redis cannot be used for 3600 s: refused",
        "Redis can be used again, after 7200 s.",
    ]


def test_each_part_has_outages_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    outages = OutageLog(logging.getLogger("a test"), Clock())
    outages.away("one", "gone")
    outages.away("two", "gone")
    outages.away("one", "gone")
    assert len(caplog.records) == 2
    outages.keep({"two"})
    outages.back("one")
    assert len(caplog.records) == 2
