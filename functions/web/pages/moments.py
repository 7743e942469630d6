"""How exactly a page writes moments: the day, or the time too where days do not tell them apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

Exactness = Literal["day", "hour", "moment"]  # an hour has no year, a moment has all

SHORT = timedelta(days=3)  # a shorter axis has the time of the day at its ends, as in static/js/plotDrawing.js


def exactness(moments: Iterable[datetime]) -> Exactness:
    """Return how exactly the rows of a table tell their moments: days are enough if no two are equal."""
    days = [moment.date() for moment in moments]
    if len({*days}) == len(days):
        return "day"
    return "hour" if len({day.year for day in days}) == 1 else "moment"


def axis_exactness(begin: datetime, end: datetime) -> Exactness:
    """Return how exactly an axis tells its ends."""
    return "hour" if end - begin < SHORT else "day"
