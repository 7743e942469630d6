"""Augment drawings by their strokes, before they are rendered, as other handwriting. Pure.

Warped pixels also warp the pen, and cannot show quick or shaky handwriting. Here the path is slanted, stretched and bent. Strokes
are moved against each other and end earlier or later. Quick writing leaves fewer points and cuts corners; a mouse trembles. Then
the path is drawn by the same code as a visitor's path, with a thicker or thinner pen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing.ink import Line
from functions.domain.drawing.normalise import SQUARE_PEN, square_from_segments
from functions.domain.drawing.render import segments_of


@dataclass(frozen=True)
class WritingStyle:
    """The largest change of each kind, lengths in sizes of the drawing; every drawing gets a random share of all."""

    turn: float = 0.2  # radians
    slant: float = 0.35
    stretch: float = 0.22
    bend: float = 0.06
    apart: float = 0.05  # the distance by which strokes move against each other
    ends: float = 0.08  # the length by which a stroke ends earlier or later
    tremble: float = 0.012
    hurry: float = 0.16  # the longest step between two points
    pen: float = 0.35  # share of the pen's width


USUAL_STYLE = WritingStyle()


def vary(lines: Sequence[Line], rng: np.random.Generator, style: WritingStyle = USUAL_STYLE) -> list[Line]:
    """Return the drawing ``lines`` in another handwriting style."""
    share = rng.uniform(0.1, 1)
    size, middle = _extent(lines)
    changed = []
    for line in lines:
        path = (line - middle) / size
        path = _ended(path, rng, share * style.ends)
        path = _hurried(path, rng.uniform(0.01, max(0.011, share * style.hurry)))
        path = (
            path + _tremble(len(path), rng, share * style.tremble * rng.uniform()) + rng.uniform(-1, 1, 2) * share * style.apart
        )
        changed.append(path)
    bent = _bent(changed, rng, share * style.bend)
    turned = _leaning(rng, share, style)
    return [(path @ turned.T) * size + middle for path in bent]


def draw(lines: Sequence[Line], pen: float = SQUARE_PEN) -> NDArray[np.float32]:
    """Return the square (28, 28) of a drawing, drawn with a pen of that width like a visitor's drawing."""
    size, middle = _extent(lines)
    path = np.concatenate([segments_of((line - middle) / size * 140 + 140) for line in lines])
    return square_from_segments(path, pen)


def draw_varied(lines: Sequence[Line], rng: np.random.Generator, style: WritingStyle = USUAL_STYLE) -> NDArray[np.uint8]:
    """Return one augmented copy of a drawing as bytes (28, 28)."""
    square = draw(vary(lines, rng, style), SQUARE_PEN * np.exp(rng.uniform(-1, 1) * style.pen))
    return np.round(255 * square).astype(np.uint8)


def _extent(lines: Sequence[Line]) -> tuple[float, NDArray[np.float64]]:
    points = np.concatenate(lines)
    low, high = points.min(0), points.max(0)
    return max(float((high - low).max()), 1e-6), (low + high) / 2


def _ended(path: Line, rng: np.random.Generator, most: float) -> Line:
    """Shorten a stroke at both ends, or extend it in a straight line."""
    for _ in range(2):
        path = path[::-1]
        if len(path) < 4:
            continue
        by = rng.uniform(-most, most)
        steps = np.hypot(*np.diff(path, axis=0).T)
        gone = np.concatenate([[0.0], np.cumsum(steps)])
        if by < 0 and gone[-1] > 4 * most:
            path = path[np.searchsorted(gone, -by) :]
        elif by > 0 and steps[:3].sum() > 1e-6:
            ahead = path[0] - path[3]
            path = np.concatenate([[path[0] + ahead / max(np.hypot(*ahead), 1e-6) * by], path])
    return path


def _hurried(path: Line, step: float) -> Line:
    """Keep one point for each ``step`` of the path, as a slow screen samples quick writing."""
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    if gone[-1] < 2 * step:
        return path
    at = np.linspace(0, gone[-1], max(3, round(gone[-1] / step) + 1))
    return np.column_stack([np.interp(at, gone, path[:, axis]) for axis in (0, 1)])


def _tremble(count: int, rng: np.random.Generator, most: float) -> Line:
    """Return the deviations of an unsteady pen, (count, 2): each one contains half of the one before."""
    noise = rng.normal(0, most, (count, 2))
    for i in range(1, count):
        noise[i] += 0.5 * noise[i - 1]
    return noise


def _bent(lines: Sequence[Line], rng: np.random.Generator, most: float) -> list[Line]:
    """Bend the drawing by four long waves."""
    waves = rng.normal(0, 2.5, (4, 2))
    phases, moves = rng.uniform(0, 2 * np.pi, 4), rng.normal(0, most / 2, (4, 2))
    return [line + np.sin(line @ waves.T + phases) @ moves for line in lines]


def _leaning(rng: np.random.Generator, share: float, style: WritingStyle) -> NDArray[np.float64]:
    angle, slant, stretch = rng.uniform(-1, 1, 3) * share * (style.turn, style.slant, style.stretch)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turned @ np.array([[1, -slant], [0, 1]]) @ np.diag([np.exp(stretch), np.exp(-stretch)]))
