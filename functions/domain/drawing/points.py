"""Read the points of strokes from outside JSON: all at once, because ten thousand points one after the other take 50 ms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, islice, zip_longest
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing.ink import Point
from functions.domain.problem import Problem
from functions.errors import BadStrokes

LONGEST_DURATION = 1e9  # milliseconds: eleven days; more is not one drawing
COORDINATE_STEPS = 20_000  # coordinates are kept to at least this fraction of the canvas: 0.01 px at 280

Column = NDArray[np.float64]  # (n,) of all points: x, y, t or pressure; NaN where it is not known


def read_points(strokes: Sequence[Sequence[object]], width: float, height: float) -> tuple[tuple[Point, ...], ...]:
    """Return the points of each of ``strokes`` that has any, on a canvas of ``width`` and ``height``.

    Raises:
        BadStrokes: a point is not [x, y], [x, y, t] or [x, y, t, pressure], or a number is out of range.
    """
    columns = _columns(list(chain.from_iterable(strokes)))
    if columns is None or _out_of_range(columns, width, height):
        _refuse_the_first(strokes, width, height)
        raise BadStrokes(Problem("strokes_form"))
    digits = max(0, math.ceil(math.log10(COORDINATE_STEPS / max(width, height))))
    x, y = (np.round(column, digits) + 0.0 for column in columns[:2])  # + 0.0: there is one zero
    t = np.where(np.isnan(columns[2]), 0.0, np.round(columns[2], 1))
    t = np.maximum.accumulate(np.maximum(t, 0.0))  # a clock never steps back
    pressure = np.round(columns[3], 3) + 0.0
    rounded = (x.tolist(), y.tolist(), _known(t, columns[2]), _known(pressure, columns[3]))
    points = map(Point._make, zip(*rounded, strict=True))
    return tuple(tuple(islice(points, len(line))) for line in strokes if line)


def bare_points(lines: Sequence[Sequence[Point]]) -> list[list[list[float | None]]]:
    """Return points as JSON has them: whole numbers without a fraction, and nothing at the end that is not known."""
    columns = [shortened(column) for column in zip(*chain.from_iterable(lines), strict=True)]
    while not any(value is not None for value in columns[-1]):
        columns.pop()
    points = list(map(list, zip(*columns, strict=True)))
    if None in columns[-1]:
        for point in points:
            while point[-1] is None:
                point.pop()
    rest = iter(points)
    return [list(islice(rest, len(line))) for line in lines]


def shortened(numbers: Sequence[float | None]) -> list[float | None]:
    """Return ``numbers``, whole ones as integers."""
    column = np.array(numbers, np.float64)
    with np.errstate(invalid="ignore"):
        whole = (column == np.floor(column)).tolist()
    return [int(n) if is_whole and n is not None else n for n, is_whole in zip(numbers, whole, strict=True)]


def number(value: object, **where: str | int) -> float:
    """Return a finite number, or raise BadStrokes about ``where`` it stands: a ``stroke`` and ``point``, or a ``side``."""
    of = "canvas" if "side" in where else "point"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadStrokes(Problem(f"{of}_number", **where))
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise BadStrokes(Problem(f"{of}_infinite", **where))
    return found


def _columns(points: list[Any]) -> list[Column] | None:
    """Return the four columns of ``points``, or None if one is no list of two to four finite numbers."""
    if not all(issubclass(kind, list | tuple) for kind in set(map(type, points))) or not set(map(len, points)) <= {2, 3, 4}:
        return None
    columns = []
    for place, values in enumerate(zip_longest(*points)):
        kinds = set(map(type, values)) - ({NoneType} if place > 1 else set())
        if bool in kinds or not all(issubclass(kind, int | float) for kind in kinds):
            return None
        try:
            column = np.array(values, np.float64)
        except OverflowError:  # an integer of hundreds of digits
            return None
        if np.count_nonzero(np.isfinite(column)) + values.count(None) < len(values):
            return None
        columns.append(column)
    return columns + [np.full(len(points), np.nan)] * (4 - len(columns))


def _out_of_range(columns: list[Column], width: float, height: float) -> bool:
    x, y, t, pressure = columns
    return bool(
        min(x.min() + width, 2 * width - x.max(), y.min() + height, 2 * height - y.max()) < 0
        or (np.abs(t) > LONGEST_DURATION).any()
        or (pressure < 0).any()
        or (pressure > 1).any()
    )


def _known(numbers: Column, given: Column) -> list[float | None]:
    """Return ``numbers``, None where they were not given."""
    if np.isnan(given).all():
        return [None] * len(given)
    return [None if unknown else number for number, unknown in zip(numbers.tolist(), np.isnan(given).tolist(), strict=True)]


def _refuse_the_first(strokes: Sequence[Sequence[object]], width: float, height: float) -> None:
    """Raise BadStrokes about the first point that is wrong."""
    for stroke, line in enumerate(strokes, 1):
        for place, point in enumerate(line, 1):
            _check(point, (width, height), stroke=stroke, point=place)


def _check(given: object, canvas: tuple[float, float], **where: int) -> None:
    if not isinstance(given, list | tuple) or not 2 <= len(given) <= 4:
        raise BadStrokes(Problem("point_form", **where))
    width, height = canvas
    x, y = (number(part, **where) for part in given[:2])
    if not (-width <= x <= 2 * width and -height <= y <= 2 * height):
        raise BadStrokes(Problem("point_outside", **where))
    t, pressure = (*given[2:], None, None)[:2]
    if t is not None and abs(number(t, **where)) > LONGEST_DURATION:
        raise BadStrokes(Problem("point_time", time=f"{t:g}", **where))
    if pressure is not None and not 0 <= number(pressure, **where) <= 1:
        raise BadStrokes(Problem("point_pressure", **where))
