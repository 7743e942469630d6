"""Squares as Parquet files."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet
import pytest

from functions.learners.squares import Squares
from functions.learners.squares.parquet import from_parquet, to_parquet


def some(count: int) -> Squares:
    rng = np.random.default_rng(1)
    return Squares(rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, 400, count))


@pytest.mark.parametrize("count", [0, 1, 300])
def test_squares_and_weights_come_back_as_they_were(count: int) -> None:
    squares, weights = some(count), np.linspace(0, 1, count)
    read, read_weights = from_parquet(to_parquet(squares, weights))
    assert np.array_equal(read.x, squares.x)
    assert np.array_equal(read.y, squares.y)
    assert read.y.dtype == squares.y.dtype
    assert read_weights is not None
    assert np.array_equal(read_weights, weights)
    assert from_parquet(to_parquet(squares))[1] is None


def test_the_same_squares_are_the_same_file() -> None:
    assert to_parquet(some(50)) == to_parquet(some(50))


def test_another_program_finds_a_row_for_each_square() -> None:
    squares = some(3)
    rows = pyarrow.parquet.read_table(io.BytesIO(to_parquet(squares))).to_pylist()
    assert [row["label"] for row in rows] == squares.y.tolist()
    assert rows[2]["square"] == squares.x[2].tobytes()
