"""From shares to the lines, bands and ticks of a small chart, in the units of its picture. Pure; the templates draw it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH, HEIGHT = 300, 150  # of the frame; small, so that its writing is as large as the page's on a phone
FLOORS = (0.99, 0.98, 0.96, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.2, 0.0)  # where an axis up to 1 may begin
CEILINGS = (0.01, 0.02, 0.04, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)  # where an axis from 0 may end
ROUND = 0.98  # of an axis that is used, so that no dot lies on its end

LineKind = Literal["main", "other"]


@dataclass(frozen=True)
class Mark:
    """A share ``y`` at ``x``, both 0..1, with the ends of its interval where they are known.

    A ``hollow`` one did not come to answer; a ``strong`` one is the one to look at.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    hollow: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Axis:
    """What part of 0..1 an axis shows."""

    low: float
    high: float

    def up(self, share: float) -> float:
        """Return how far from the top of the frame a share lies; what is outside lies on the edge."""
        inside = (share - self.low) / (self.high - self.low)
        return round(HEIGHT * (1 - min(1.0, max(0.0, inside))), 1)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The shares that are written beside it."""
        return self.low, (self.low + self.high) / 2, self.high

    @property
    def digits(self) -> int:
        """How many decimals these need as percentages."""
        return 0 if round(50 * (self.low + self.high), 6).is_integer() else 1


@dataclass(frozen=True)
class Dot:
    """Where a mark lies; ``bar`` is a path from one end of its interval to the other, empty where none is known."""

    x: float
    y: float
    bar: str
    hollow: bool
    strong: bool


@dataclass(frozen=True)
class Line:
    """One line: its path, the path of the band around it (empty where there is none), and its dots."""

    kind: LineKind
    path: str
    band: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class Chart:
    """Lines over one axis of shares; the ``other`` lines lie below the main one."""

    axis: Axis
    lines: tuple[Line, ...]


def chart(main: Sequence[Mark], other: Sequence[Mark] = (), *, from_zero: bool = False) -> Chart:
    """Return the chart of a main line, and of one to compare it with; an axis ``from_zero`` ends where the shares end."""
    axis = _from_zero([*main, *other]) if from_zero else _up_to_one([*main, *other])
    lines = [_line("other", other, axis)] if other else []
    return Chart(axis, (*lines, _line("main", main, axis)))


def evenly(place: int, count: int) -> float:
    """Return where the ``place``-th of ``count`` things lies, 0..1; one alone lies in the middle."""
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
    return Axis(0.0, next((ceiling for ceiling in CEILINGS if most <= ROUND * ceiling), 1.0))
