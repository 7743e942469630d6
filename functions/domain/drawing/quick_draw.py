"""Strokes in the two forms of the Quick, Draw! dataset (googlecreativelab/quickdraw-dataset). Pure."""

from __future__ import annotations

from typing import Any

import numpy as np

from functions.domain.drawing.ink import Line, Vector
from functions.domain.problem import Problem

SIDE = 255.0  # the simplified drawing lies in 0..255, its longer side over all of it
SPACING = 1.0  # between two points after the resampling
EPSILON = 2.0  # of Ramer, Douglas and Peucker


def raw(strokes: list[list[list[float]]]) -> list[list[list[float]]]:
    """Return each stroke as ``[xs, ys, ts]``; a stroke whose points have no times has no ``ts``.

    >>> raw([[[1, 2, 0], [3, 4, 16]], [[5, 6]]])
    [[[1, 3], [2, 4], [0, 16]], [[5], [6]]]
    """
    return [[[point[axis] for point in line] for axis in range(min(3, *map(len, line), 3))] for line in strokes]


def simplified(strokes: list[list[list[float]]]) -> list[list[list[int]]]:
    """Return each stroke as ``[xs, ys]`` of whole numbers 0..255, as the dataset describes it.

    The drawing is moved to the corner, scaled, resampled every pixel and thinned by Ramer, Douglas and Peucker.

    >>> simplified([[[10, 10], [20, 10.01], [30, 10]], [[10, 30]]])
    [[[0, 255], [0, 0]], [[0], [255]]]
    """
    lines = [np.array([point[:2] for point in line], np.float64) for line in strokes]  # (n, 2) each
    points = np.concatenate(lines)
    low, extent = points.min(axis=0), float(np.ptp(points, axis=0).max())
    scale = SIDE / extent if extent else 1.0
    placed = [_thinned(_resampled((line - low) * scale)) for line in lines]
    return [np.rint(line).astype(int).T.tolist() for line in placed]


def points_of(drawing: Any) -> list[list[list[float]]]:
    """Return the strokes of a drawing in either form as lists of points; raise ValueError for another form."""
    if not isinstance(drawing, list) or not all(isinstance(line, list) and len(line) in (2, 3) for line in drawing):
        raise ValueError(Problem("quick_draw_strokes"))
    if any(not isinstance(axis, list) or len(axis) != len(line[0]) for line in drawing for axis in line):
        raise ValueError(Problem("quick_draw_lengths"))
    return [[list(point) for point in zip(*line, strict=True)] for line in drawing]


def _resampled(line: Line) -> Line:
    steps = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0)
    far = np.concatenate([[0.0], np.cumsum(steps)])
    if far[-1] == 0:
        return line[:1]
    wanted = np.append(np.arange(0.0, far[-1], SPACING), far[-1])
    return np.stack([np.interp(wanted, far, line[:, axis]) for axis in (0, 1)], axis=1)


def _thinned(line: Line) -> Line:
    """Return the points that are farther than EPSILON from the way between their kept neighbours, and both ends."""
    kept = np.zeros(len(line), bool)
    kept[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        far = _distances(line[first + 1 : last], line[first], line[last])
        farthest = int(far.argmax())
        if far[farthest] > EPSILON:
            middle = first + 1 + farthest
            kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return line[kept]


def _distances(points: Line, start: Vector, end: Vector) -> Vector:
    """Return how far points are from a piece of line; from the whole line, a pen that goes back on its way would be cut off."""
    along = end - start
    length = float(along @ along)
    share = np.clip((points - start) @ along / length, 0.0, 1.0) if length else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - start - share[:, None] * along).T), np.float64)
