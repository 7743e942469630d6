"""From shares to the lines, bands and ticks of a small chart, in its units. Pure; the templates draw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH, HEIGHT = 300, 150  # units of the frame; few, so that its text is as large as the page's on a phone
FLOORS = (0.99, 0.98, 0.96, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.0)  # lower ends of an axis that ends at 1
CEILINGS = (0.01, 0.02, 0.04, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)  # upper ends of an axis that begins at 0
MOST_DIGITS = 3  # decimals of a tick's label
USED = 0.98  # of an axis, so that no dot lies on its end

LineKind = Literal["main", "other"]


@dataclass(frozen=True)
class Mark:
    """A share ``y`` at ``x``, both 0..1, with its confidence interval if it is known.

    A ``hollow`` mark is a version that was never live; a ``strong`` mark is emphasised.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    hollow: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Axis:
    """The part of 0..1 that an axis shows."""

    low: float
    high: float

    def up(self, share: float) -> float:
        """Return the distance of a share from the top of the frame; shares outside the axis lie on the edge."""
        inside = (share - self.low) / (self.high - self.low)
        return round(HEIGHT * (1 - min(1.0, max(0.0, inside))), 1)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The shares at which the axis is labelled."""
        return self.low, (self.low + self.high) / 2, self.high

    @property
    def digits(self) -> int:
        """The number of decimals that tell the ticks' percentages exactly, the same for all of them."""
        step = 100 * (self.ticks[1] - self.ticks[0])
        return next((digits for digits in range(MOST_DIGITS) if round(step * 10**digits, 6).is_integer()), MOST_DIGITS)


@dataclass(frozen=True)
class Dot:
    """The place of a mark; ``bar`` is the path of its interval, empty where the interval is not known."""

    x: float
    y: float
    bar: str
    hollow: bool
    strong: bool


@dataclass(frozen=True)
class Line:
    """A line: its path, the path of the band around it (may be empty), and its dots."""

    kind: LineKind
    path: str
    band: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Chart:
    """Lines over one axis of shares; the ``other`` line is drawn first, below the main line."""

    axis: Axis
    lines: tuple[Line, ...]


def chart(main: Sequence[Mark], other: Sequence[Mark] = (), *, from_zero: bool = False) -> Chart:
    """Return the chart of a main line and another to compare with; ``from_zero`` begins the axis at 0 and may end below 1."""
    axis = _from_zero([*main, *other]) if from_zero else _up_to_one([*main, *other])
    lines = [_line("other", other, axis)] if other else []
    return Chart(axis, (*lines, _line("main", main, axis)))


def evenly(place: int, count: int) -> float:
    """Return the position of item ``place`` of ``count``, 0..1; a single item is in the middle."""
    return place / (count - 1) if count > 1 else 0.5


def _line(kind: LineKind, marks: Sequence[Mark], axis: Axis) -> Line:
    points = [(round(WIDTH * (0.02 + 0.96 * mark.x), 1), mark) for mark in marks]
    solid = [(x, mark) for x, mark in points if not mark.hollow]
    path = _path([(x, axis.up(mark.y)) for x, mark in solid]) if len(solid) > 1 else ""
    ends = [(x, mark.low, mark.high) for x, mark in solid if mark.low is not None and mark.high is not None]
    band = ""
    if kind == "main" and len(ends) > 1:
        around = [(x, axis.up(high)) for x, _, high in ends] + [(x, axis.up(low)) for x, low, _ in reversed(ends)]
        band = f"{_path(around)}Z"
    return Line(kind, path, band, tuple(_dot(x, mark, axis, with_bar=kind == "main" and not band) for x, mark in points))


def _dot(x: float, mark: Mark, axis: Axis, with_bar: bool) -> Dot:
    bar = ""
    if with_bar and mark.low is not None and mark.high is not None:
        bar = f"M{x} {axis.up(mark.low)}V{axis.up(mark.high)}"
    return Dot(x, axis.up(mark.y), bar, mark.hollow, mark.strong)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _up_to_one(marks: Sequence[Mark]) -> Axis:
    least = min((mark.low if mark.low is not None else mark.y for mark in marks), default=0.0)
    return Axis(next((floor for floor in FLOORS if floor <= least), 0.0), 1.0)


def _from_zero(marks: Sequence[Mark]) -> Axis:
    most = max((mark.high if mark.high is not None else mark.y for mark in marks), default=0.0)
    return Axis(0.0, next((ceiling for ceiling in CEILINGS if most <= USED * ceiling), 1.0))
