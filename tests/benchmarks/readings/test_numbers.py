from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.readings.measure import read_all, tuned, writing
from benchmarks.readings.numbers import composed_numbers, digit_writers, own_numbers
from functions.domain.reading.read import STROKES, ask_all
from tests.support.sample_lines import SHAPES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"label": digit, "writer": writer, "strokes": [[[100 * x, 100 * y] for x, y in stroke] for stroke in shape]}
        for writer in ("w001", "w002")
        for digit, shape in SHAPES.items()
        for _ in range(3)
    ]
    for name, some in (("digits", rows), ("numbers", rows[:2])):
        with gzip.open(tmp_path / f"pen_{name}_strokes.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in some)
    return tmp_path


def ones(square: np.ndarray) -> np.ndarray:
    """Answer that everything is a 1."""
    return np.eye(11, dtype=np.float32)[1]


def test_composed_numbers_are_of_one_writer_and_the_same_for_a_seed(data: Path) -> None:
    numbers = composed_numbers(data, ["w002"], 40)
    assert {number.writer for number in numbers} == {"w002"}
    assert {len(number.text) for number in numbers} == {2, 3, 4, 5, 6}
    assert [number.strokes for number in composed_numbers(data, ["w002"], 40)] == [number.strokes for number in numbers]
    assert digit_writers(data) == ["w001", "w002"]


def test_only_what_is_read_exactly_counts(data: Path) -> None:
    numbers = [*own_numbers(data), *composed_numbers(data, ["w001"], 5)]
    tally = read_all(numbers, ones, pictured=False)
    assert tally.count == 7
    assert tally.right == sum(set(number.text) == {"1"} for number in numbers)
    assert read_all(numbers[:2], ones, pictured=True).cut == 2


def test_tuning_never_makes_the_score_worse(data: Path) -> None:
    asked = [(number, ask_all(writing(number, False), ones)) for number in composed_numbers(data, ["w001"], 5)]
    _, before = tuned(asked, STROKES, 0)
    assert tuned(asked, STROKES, 5)[1] >= before
