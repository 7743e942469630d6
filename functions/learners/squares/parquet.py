"""Squares as Parquet, which other programs read too: ``square`` (784 bytes, row by row), ``label`` (an index), and ``weight``.

pyarrow is not among the requirements of a platform; ``requirements-parquet.txt`` and ``requirements-ray.txt`` have it.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.domain.problem import Problem
from functions.errors import Unavailable
from functions.learners.squares import Squares

SIDE = 28
SQUARE = SIDE * SIDE  # bytes


def to_parquet(squares: Squares, weights: NDArray[np.float64] | None = None) -> bytes:
    """Return a file with a row for each square, and its weight where ``weights`` (n,) are given.

    Raises:
        Unavailable: pyarrow is not installed.
    """
    arrow = _arrow()
    body = arrow.py_buffer(np.ascontiguousarray(squares.x))
    columns = {
        "square": arrow.Array.from_buffers(arrow.binary(SQUARE), len(squares), [None, body]),
        "label": arrow.array(squares.y),
        **({} if weights is None else {"weight": arrow.array(weights)}),
    }
    with io.BytesIO() as file:
        # Two squares are never the same, so a dictionary of them would only be one more copy.
        arrow.parquet.write_table(arrow.table(columns), file, compression="zstd", use_dictionary=["label"])
        return file.getvalue()


def from_parquet(body: bytes) -> tuple[Squares, NDArray[np.float64] | None]:
    """Return what ``to_parquet`` was given; raise Unavailable if pyarrow is not installed."""
    arrow = _arrow()
    # Without threads: those of `read_table` abort a process that ends soon afterwards.
    found = arrow.parquet.ParquetFile(arrow.BufferReader(body)).read(use_threads=False).combine_chunks()
    rows = found.column("square").combine_chunks()
    pixels = np.frombuffer(rows.buffers()[1] or b"", np.uint8, len(rows) * SQUARE, rows.offset * SQUARE)
    weights = found.column("weight").to_numpy() if "weight" in found.column_names else None
    return Squares(pixels.reshape(-1, SIDE, SIDE), found.column("label").to_numpy()), weights


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Unavailable(Problem("no_pyarrow")) from None
    return pyarrow
