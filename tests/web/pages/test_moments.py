"""Days are told where they tell moments apart, and the time where they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from functions.web.pages.moments import axis_exactness, exactness

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_rows_of_one_day_have_the_time_and_those_of_several_years_the_year_too() -> None:
    days = [NOON, NOON + timedelta(days=1)]
    assert exactness(days) == exactness([NOON]) == "day"
    assert exactness([*days, NOON + timedelta(hours=2)]) == "hour"
    assert exactness([NOON, NOON + timedelta(hours=2), NOON + timedelta(days=400)]) == "moment"


def test_an_axis_of_less_than_three_days_has_the_time() -> None:
    assert axis_exactness(NOON, NOON + timedelta(hours=71)) == "hour"
    assert axis_exactness(NOON, NOON + timedelta(hours=72)) == "day"
