"""How good answers were as time went on: in blocks of as many answers each, and in equal spans of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

from functions.domain.monitoring.accuracy import Accuracy, accuracy
from functions.domain.monitoring.labelled_answers import LabelledAnswer

BLOCKS = 25  # points of a line; more are hard to tell apart on a phone
SIZES = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)  # answers a block; of fewer than twenty a share says next to nothing
SPANS = 40
WIDTHS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 28 * 24 * 60, 364 * 24 * 60))
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)  # so that a week begins with one


@dataclass(frozen=True)
class Window:
    """The answers judged from ``begin`` to ``end``, and how good they were."""

    begin: datetime
    end: datetime
    accuracy: Accuracy


def window_size(count: int) -> int:
    """Return of how many answers a block is, so that there are at most ``BLOCKS`` of ``count`` answers."""
    return next((size for size in SIZES if count <= BLOCKS * size), SIZES[-1])


def by_count(some: Sequence[LabelledAnswer], size: int) -> list[Window]:
    """Return blocks of ``size`` of the answers, oldest first; only the first is of another size, so that the newest is whole.

    It is from half to one and a half times as large: the share of a few answers would say nothing.
    """
    first = len(some) % size
    if 2 * first < size <= len(some):
        first += size
    edges = [0, *range(first, len(some) + 1, size)] if some else []
    parts = [some[start:stop] for start, stop in pairwise(edges)]
    return [Window(part[0].at, part[-1].at, accuracy(part)) for part in parts]


def by_time(some: Sequence[LabelledAnswer]) -> tuple[timedelta, list[Window]]:
    """Return the answers, oldest first, in spans of a minute to a year (UTC), at most ``SPANS``, and how long a span is.

    A span without an answer has no block.
    """
    if not some:
        return WIDTHS[0], []
    begin, end = min(one.at for one in some), max(one.at for one in some)
    width = next((width for width in WIDTHS if _span(end, width) - _span(begin, width) < SPANS), WIDTHS[-1])
    in_order = sorted(some, key=lambda one: one.at)
    spans = [(span, list(part)) for span, part in groupby(in_order, lambda one: _span(one.at, width))]
    return width, [Window(MONDAY + span * width, MONDAY + (span + 1) * width, accuracy(part)) for span, part in spans]


def _span(at: datetime, width: timedelta) -> int:
    return (at - MONDAY) // width
