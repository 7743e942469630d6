from __future__ import annotations

import pytest

from benchmarks.worst_drawings import measured, pictures, strokes

CASES = dict([*pictures(), *strokes()])
MOST_SECONDS = 0.3  # of processor time; 0.05 on an idle core, several times as much beside other work
MOST_MEMORY = 64_000_000  # bytes
SOON = ("2048 x 2048 RGBA16, noise", "280 x 280, a zlib bomb", "10,000 points, the last is none")  # of each kind one
ANSWERS = {
    "2048 x 2048 RGBA16, zeros": "EmptyDrawing",
    "2048 x 2048 RGBA16, noise": "TooLarge",
    "2048 x 2048 RGBA, noise, Paeth": "TooLarge",
    "1024 x 1024 RGBA, noise, Paeth": "TooLarge",
    "87,000 empty text chunks": "TooLarge",
    "280 x 280, a zlib bomb": "BrokenPicture",
    "10,000 points, the last is none": "BadStrokes",
}


@pytest.mark.long_run
@pytest.mark.parametrize("name", [name if name in SOON else pytest.param(name, marks=pytest.mark.long_run) for name in CASES])
def test_a_drawing_takes_little_time_and_memory_and_only_noise_is_refused(name: str) -> None:
    seconds, memory, answer = measured(CASES[name](), rounds=1)
    assert seconds < MOST_SECONDS
    assert memory < MOST_MEMORY
    assert answer == ANSWERS.get(name, "TooLarge" if "noise" in name and answer == "TooLarge" else "drawn")
