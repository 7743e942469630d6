from __future__ import annotations

import numpy as np
import pytest

from functions.domain.drawing.ink import Line
from functions.domain.reading.pieces import Piece
from functions.domain.reading.struck_rings import ring_of


def ring(turned: float = 360.0, width: float = 60.0) -> Line:
    turns = np.radians(np.linspace(-90, turned - 90, 40))
    return np.column_stack([50 + width / 2 * np.cos(turns), 50 + 50 * np.sin(turns)])


def stroke(*points: tuple[float, float]) -> Line:
    return np.array(points, np.float64)


SLASH = stroke((72, 8), (50, 51), (28, 92))


def found(*lines: Line) -> int | None:
    return ring_of([Piece(line, number) for number, line in enumerate(lines)], tuple(range(len(lines))))


MIRRORED = SLASH[::-1] * np.array([-1, 1]) + np.array([100, 0])


@pytest.mark.parametrize("slash", [SLASH, MIRRORED, SLASH * 1.2 - 10], ids=["up", "down", "beyond"])
def test_a_ring_with_a_slash_is_its_ring_in_either_order(slash: Line) -> None:
    assert found(ring(), slash) == 0
    assert found(slash, ring()) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ring(), stroke((60, 70), (95, 105))),  # a Q
        (ring(), stroke((110, 0), (110, 100))),  # 01
        (ring(), stroke((45, 50), (55, 50))),  # a dot
        (ring(200), SLASH),  # open
        (ring(), stroke((72, 8), (28, 30), (72, 60), (28, 92))),  # a zigzag
        (stroke((50, 0), (50, 100)), SLASH),  # an x
        (ring(), ring() + np.array([5, 0])),
    ],
)
def test_other_strokes_are_no_struck_ring(one: Line, other: Line) -> None:
    assert found(one, other) is None


def test_parts_of_a_stroke_and_three_strokes_are_no_struck_ring() -> None:
    pieces = [Piece(ring(), 0), Piece(SLASH, 1), Piece(SLASH + 40, 1, 1)]
    assert ring_of(pieces, (0, 1)) is None
    assert found(ring(), SLASH, SLASH + 5) is None
