from __future__ import annotations

import pytest

from benchmarks.worst_drawings import measured
from benchmarks.worst_readings import pictures, strokes, take

CASES = dict([*strokes(), *pictures()])
MOST_SECONDS = 3.0  # of processor time; two thirds of one on an idle core, several times as much beside other work
MOST_MEMORY = 64_000_000  # bytes
SOON = ("two scribbles that cross", "12 zigzags over each other", "2048 x 80, noise")


@pytest.mark.parametrize("name", [name if name in SOON else pytest.param(name, marks=pytest.mark.long_run) for name in CASES])
def test_a_line_of_writing_takes_little_time_and_memory(name: str) -> None:
    seconds, memory, answer = measured(CASES[name](), rounds=1, take=take)
    assert seconds < MOST_SECONDS
    assert memory < MOST_MEMORY
    assert answer in ("read", "TooLarge")
