"""Strokes as SVG paths in a frame of ``FRAME`` x ``FRAME`` units, as ``static/js/smooth.js`` makes them in a browser. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from functions.records.drawings import read_strokes

FRAME = 280  # units, as many as the pad has
NEAR = 1.5  # units between two points; closer points make no visible difference with a pen 12 units wide
LONGEST = 16_384  # bytes of packed strokes; longer ones (ten thousand points) are shown as their picture


def ink_path(packed: bytes | None) -> str | None:
    """Return the strokes of a row as one path; None for an upload, and for so many points that a picture is shorter."""
    if packed is None or len(packed) > LONGEST:
        return None
    try:
        return path_of(read_strokes(packed))
    except (zlib.error, ValueError, KeyError, TypeError):  # a row that another program wrote
        return None


def path_of(drawn: dict[str, Any]) -> str:
    """Return strokes ``{"strokes": [[[x, y, ...], ...], ...], "width", "height"}`` as one path, centred in the frame."""
    width, height = float(drawn["width"]), float(drawn["height"])
    scale = FRAME / max(width, height)
    left, top = (FRAME - width * scale) / 2, (FRAME - height * scale) / 2
    return "".join(_line(_spread([(left + p[0] * scale, top + p[1] * scale) for p in line])) for line in drawn["strokes"] if line)


def ink_lines(path: str) -> tuple[str, ...]:
    """Return the strokes of a path as paths of their own."""
    return tuple(f"M{line}" for line in path.split("M") if line)


def _spread(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points without those that are too near to the one before; the first and the last stay."""
    kept = [points[0]]
    for x, y in points[1:-1]:
        if abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= NEAR:
            kept.append((x, y))
    return [*kept, points[-1]] if len(points) > 1 else kept


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "".join(_commands(points))


def _commands(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    yield f"M{_at(*points[0])}"
    if len(points) == 1:
        yield "h.1"  # a dot: round line ends make it visible
        return
    for (x, y), (to_x, to_y) in pairwise(points[1:]):
        yield f"Q{_at(x, y)} {_at((x + to_x) / 2, (y + to_y) / 2)}"
    yield f"L{_at(*points[-1])}"


def _at(x: float, y: float) -> str:
    return f"{x:.4g} {y:.4g}"
