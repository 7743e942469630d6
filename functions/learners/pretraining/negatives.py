"""Draw negatives: scribbles, random strokes, half-drawn and crossed-out symbols, two symbols at once. Pure.

A drawing that could be a symbol (a single straight line, one circle) is not drawn on purpose, but may occur by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from functions.domain.drawing.ink import Line
from functions.learners.squares.stroke_augment import vary

Drawing = list[Line]


def scribble(rng: np.random.Generator) -> Drawing:
    """Return a scribble of a random kind."""
    return _KINDS[rng.choice(len(_KINDS), p=_FREQUENCIES)](rng)


def half_drawn(lines: Sequence[Line], rng: np.random.Generator) -> Drawing:
    """Return the first fifth to half of a drawing's path; a scribble if that is hardly more than a line."""
    left = rng.uniform(0.2, 0.5) * sum(_length(line) for line in lines)
    begun: Drawing = []
    for line in lines:
        gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        begun.append(line[: max(2, int(np.searchsorted(gone, left)))])
        left -= gone[-1]
        if left <= 0:
            break
    low, high = _box(begun)
    straight = sum(_length(line) for line in begun) < 1.3 * float(np.hypot(*(high - low)))
    return scribble(rng) if straight else begun


def crossed_out(lines: Sequence[Line], rng: np.random.Generator) -> Drawing:
    """Return a drawing with a scribble over it."""
    low, high = _box(lines)
    over = _zigzag(rng) if rng.random() < 0.7 else _strokes(rng)
    return [*lines, *(line * (high - low) * rng.uniform(0.8, 1.2) + low for line in over)]


def two_at_once(one: Sequence[Line], other: Sequence[Line], rng: np.random.Generator) -> Drawing:
    """Return two drawings side by side, or one above the other, close or overlapping."""
    (low, high), (low2, high2) = _box(one), _box(other)
    axis = 0 if rng.random() < 0.8 else 1
    scale = (high - low)[1 - axis] / max((high2 - low2)[1 - axis], 1e-6) * rng.uniform(0.8, 1.25)
    scale = min(scale, 3 * float((high - low).max()) / max(float((high2 - low2).max()), 1e-6))
    gap = np.zeros(2)
    gap[axis] = (high - low)[axis] + float((high - low).max()) * rng.uniform(-0.1, 0.4)
    return [*one, *((line - low2) * scale + low + gap for line in other)]


def _random_walk(rng: np.random.Generator) -> Drawing:
    """Return a long path whose curvature is a random walk."""
    count = int(rng.integers(60, 260))
    turning = rng.normal(0, rng.uniform(0.1, 0.5), count)
    kept = rng.uniform(0.5, 0.95)
    for i in range(1, count):
        turning[i] += kept * turning[i - 1]
    return [_walk(np.cumsum(turning) + rng.uniform(0, 6.3))]


def _zigzag(rng: np.random.Generator) -> Drawing:
    """Return a zigzag, as people fill an area or cross something out."""
    turns = int(rng.integers(5, 16))
    along, across = np.linspace(0, 1, turns), np.arange(turns) % 2 + rng.normal(0, 0.12, turns)
    angle = rng.uniform(0, np.pi)
    corners = np.column_stack([along * rng.uniform(0.3, 1.2), across])
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return [_unit(corners @ turned.T)]


def _rounds(rng: np.random.Generator) -> Drawing:
    """Return a spiral, a spring or a tangle of loops."""
    turns = rng.uniform(2.2, 6)
    at = np.linspace(0, 2 * np.pi * turns, 160)
    radius = np.linspace(rng.uniform(0.1, 1), 1, 160) * (1 + rng.normal(0, 0.15) * np.sin(at * rng.uniform(0.2, 3)))
    drift = np.outer(at / at[-1], rng.normal(0, 1.2, 2))
    return [_unit(np.column_stack([radius * np.cos(at), radius * np.sin(at) * rng.uniform(0.4, 1)]) + drift)]


def _strokes(rng: np.random.Generator) -> Drawing:
    """Return several straight or curved strokes at random places."""
    drawing = []
    for _ in range(int(rng.integers(3, 8))):
        start, end = rng.uniform(0, 1, (2, 2))
        middle = (start + end) / 2 + rng.normal(0, 0.25, 2) * (rng.random() < 0.5)
        t = np.linspace(0, 1, 12)[:, None]
        drawing.append((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end)
    return drawing


def _figure(rng: np.random.Generator) -> Drawing:
    """Return a star, a house, a face or a flower: people draw these instead of writing."""
    kind = int(rng.integers(4))
    if kind == 0:
        points, jump = int(rng.choice([5, 7])), 2
        angles = np.arange(points + 1) * jump * 2 * np.pi / points + rng.uniform(0, 6.3)
        return [np.column_stack([np.cos(angles), np.sin(angles)]) + rng.normal(0, 0.06, (points + 1, 2))]
    if kind == 1:
        corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0], [0.5, -0.6], [1, 0], [0, 1], [1, 1], [0, 0]])
        return [corners[: int(rng.integers(7, 11))] + rng.normal(0, 0.06, (1, 2))]
    if kind == 2:
        parts = [_ring(rng, 0, 0, 1), _ring(rng, -0.35, -0.3, 0.12), _ring(rng, 0.35, -0.3, 0.12)]
        smile = np.linspace(0.3, np.pi - 0.3, 12)
        return [*parts, np.column_stack([0.55 * np.cos(smile), 0.2 + 0.4 * np.sin(smile)])]
    petals, at = int(rng.integers(3, 7)), np.linspace(0, 2 * np.pi, 120)
    return [np.column_stack([np.cos(at), np.sin(at)]) * (0.6 + 0.4 * np.sin(petals * at))[:, None]]


def _dots(rng: np.random.Generator) -> Drawing:
    """Return several dots."""
    return [at + rng.normal(0, 0.01, (3, 2)) for at in rng.uniform(0, 1, (int(rng.integers(3, 12)), 2))]


_KINDS: tuple[Callable[[np.random.Generator], Drawing], ...] = (_random_walk, _zigzag, _rounds, _strokes, _figure, _dots)
_FREQUENCIES = (0.34, 0.16, 0.16, 0.2, 0.1, 0.04)


def negatives(drawings: Sequence[Sequence[Line]], rng: np.random.Generator) -> Drawing:
    """Return a negative: in half of the cases made from real ``drawings``, if there are any, else a scribble."""
    kind = rng.random()
    if not drawings or kind < 0.5:
        made = scribble(rng)
    else:
        one, other = (drawings[i] for i in rng.integers(len(drawings), size=2))
        made = two_at_once(one, other, rng) if kind < 0.7 else crossed_out(one, rng) if kind < 0.82 else half_drawn(one, rng)
    return vary(made, rng)


def _walk(headings: Line) -> Line:
    return _unit(np.cumsum(np.column_stack([np.cos(headings), np.sin(headings)]), axis=0))


def _ring(rng: np.random.Generator, x: float, y: float, radius: float) -> Line:
    at = np.linspace(0, 2 * np.pi, 24) + rng.uniform(0, 6.3)
    return np.column_stack([x + radius * np.cos(at), y + radius * np.sin(at)]) * (1 + rng.normal(0, 0.03))


def _unit(path: Line) -> Line:
    low = path.min(0)
    return np.asarray((path - low) / max(float((path.max(0) - low).max()), 1e-6))


def _box(lines: Sequence[Line]) -> tuple[Line, Line]:
    points = np.concatenate(lines)
    return points.min(0), points.max(0)


def _length(line: Line) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())
