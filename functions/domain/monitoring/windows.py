"""Accuracy over time: in windows of equally many answers, and in windows of equal length."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter

from functions.domain.monitoring.accuracy import Accuracy, accuracies
from functions.domain.monitoring.labelled_answers import LabelledAnswer

MOST_WINDOWS = 25  # points of a line; more are hard to tell apart on a phone
SIZES = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)  # answers a window; the share of fewer than twenty says next to nothing
MOST_SPANS = 40
WIDTHS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 28 * 24 * 60, 364 * 24 * 60))
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)  # spans are counted from a Monday, so that a week begins with one


@dataclass(frozen=True)
class Window:
    """The answers that were labelled from ``begin`` to ``end``, and their accuracy."""

    begin: datetime
    end: datetime
    accuracy: Accuracy


def window_size(count: int) -> int:
    """Return the smallest window size with at most ``MOST_WINDOWS`` windows for ``count`` answers."""
    return next((size for size in SIZES if count <= MOST_WINDOWS * size), SIZES[-1])


def by_count(answers: Sequence[LabelledAnswer], size: int) -> list[Window]:
    """Return windows of ``size`` answers, oldest first. Only the first has another size, so that the newest is complete.

    The first has half to one and a half times as many: the share of a few answers would say nothing.
    """
    first = len(answers) % size
    if 2 * first < size <= len(answers):
        first += size
    if not answers:
        return []
    edges = [0, *range(first, len(answers) + 1, size)]
    ends = [(answers[start].at, answers[stop - 1].at) for start, stop in pairwise(edges)]
    return [Window(begin, end, part) for (begin, end), part in zip(ends, accuracies(answers, edges[:-1]), strict=True)]


def by_time(answers: Sequence[LabelledAnswer]) -> tuple[timedelta, list[Window]]:
    """Return the length of a span (a minute to a year), and the answers in at most ``MOST_SPANS`` spans (UTC), oldest first.

    A span without an answer has no window.
    """
    if not answers:
        return WIDTHS[0], []
    in_order = sorted(answers, key=attrgetter("at"))
    times = [answer.at for answer in in_order]
    begin, end = times[0], times[-1]
    width = next((width for width in WIDTHS if _span(end, width) - _span(begin, width) < MOST_SPANS), WIDTHS[-1])
    starts, begins = [], []
    start = 0
    while start < len(times):
        starts.append(start)
        begins.append(MONDAY + _span(times[start], width) * width)
        start = bisect_left(times, begins[-1] + width, start)
    parts = accuracies(in_order, starts)
    return width, [Window(begin, begin + width, part) for begin, part in zip(begins, parts, strict=True)]


def _span(at: datetime, width: timedelta) -> int:
    return (at - MONDAY) // width
