"""The drawings of ``tests/strokes.json.gz`` as squares."""

from __future__ import annotations

import gzip
import json

import numpy as np

from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.learners.squares import Squares
from functions.settings import ROOT


def stroke_squares() -> Squares:
    """Return all of them, with their digits."""
    rows = json.loads(gzip.decompress((ROOT / "tests" / "strokes.json.gz").read_bytes()))
    body = b"".join(square_to_bytes(from_strokes(parse_strokes(row["strokes"], *row["box"])).square) for row in rows)
    return Squares(np.frombuffer(body, np.uint8).reshape(-1, 28, 28), np.array([int(row["label"]) for row in rows]))
