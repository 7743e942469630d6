"""The figures of a chart for the script that shows them point by point and zooms (``static/js/plotView.js``). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from functions.web.pages.charts import Axis, Mark

PlotKind = Literal["version", "window", "learned"]

DIGITS = 5  # decimals of a share: a thousandth of a percent


@dataclass(frozen=True)
class PlotLine:
    """The shares of a line, None where it has no point; their confidence intervals; and which points are hollow or strong."""

    shares: tuple[float | None, ...]
    lows: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    hollow: tuple[int, ...]
    strong: tuple[int, ...]


@dataclass(frozen=True)
class Plot:
    """A chart's points. ``at`` is their place: seconds since 1970, or samples learned; ``low`` and ``high`` end its axis."""

    kind: PlotKind
    at: tuple[float, ...]
    low: float
    high: float
    lines: tuple[PlotLine, ...]

    @property
    def data(self) -> dict[str, Any]:
        """The plot as JSON has it."""
        return asdict(self)


def plot(kind: PlotKind, at: Sequence[float], axis: Axis, *lines: Sequence[Mark | None]) -> Plot:
    """Return the plot of lines that have a mark, or None, for each place of ``at``; lines without a mark are left out."""
    return Plot(kind, tuple(at), axis.low, axis.high, tuple(_line(line) for line in lines if any(line)))


def merged(
    first: Sequence[tuple[float, Mark]], second: Sequence[tuple[float, Mark]]
) -> tuple[tuple[float, ...], tuple[list[Mark | None], list[Mark | None]]]:
    """Return the places of two lines in order, and each line's mark at each place; of equal places the last mark stays."""
    one, other = dict(first), dict(second)
    places = tuple(sorted({*one, *other}))
    return places, ([one.get(place) for place in places], [other.get(place) for place in places])


def _line(marks: Sequence[Mark | None]) -> PlotLine:
    return PlotLine(
        shares=tuple(_rounded(mark.y if mark else None) for mark in marks),
        lows=tuple(_rounded(mark.low if mark else None) for mark in marks),
        highs=tuple(_rounded(mark.high if mark else None) for mark in marks),
        hollow=tuple(place for place, mark in enumerate(marks) if mark and mark.hollow),
        strong=tuple(place for place, mark in enumerate(marks) if mark and mark.strong),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DIGITS)
