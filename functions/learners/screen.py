"""Digits drawn on a tablet, as squares: to report on, never to train on. No keras here."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np

from functions.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.learners.squares import Squares, joined

FILE = "screen_strokes.jsonl.gz"
TRIED_ON = 12  # the first writers were looked at while the recipe was made; the others only judge


def read_writers(path: Path) -> list[Squares]:
    """Return each writer's drawings, through the same door as a visitor's, in order of the writers' first appearance."""
    writers: dict[str, tuple[list[bytes], list[int]]] = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            row = json.loads(line)
            drawing = from_strokes(parse_strokes(row["strokes"], *row["box"]))
            squares, labels = writers.setdefault(str(row["writer"]), ([], []))
            squares.append(square_to_bytes(drawing.square))
            labels.append(int(row["label"]))
    return [Squares(np.frombuffer(b"".join(x), np.uint8).reshape(-1, 28, 28), np.array(y)) for x, y in writers.values()]


def screen_squares(folder: Path) -> dict[str, Squares]:
    """Return the tablet's digits of writers seen while tuning and of writers never seen; nothing where the file is missing."""
    if not (folder / FILE).exists():
        return {}
    writers = read_writers(folder / FILE)
    return {"screen_writers_1_12": joined(writers[:TRIED_ON]), "screen_writers_13_30": joined(writers[TRIED_ON:])}
