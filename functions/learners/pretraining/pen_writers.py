"""Read UNIPEN's pen strokes, and divide their writers. A writer has the same part in all three files, whoever reads them.

The part follows from a hash of the writer's id alone, so it never changes and needs no list.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from functions.domain.drawing.ink import Line

PEN_DIGITS, PEN_LETTERS, PEN_NUMBERS = (f"pen_{what}_strokes.jsonl.gz" for what in ("digits", "letters", "numbers"))
PenPart = Literal["apart", "holdout", "replay", "train"]
APART = 1 / 3  # share of the writers whose drawings are only tested on
HELD_OUT = 0.09  # share of the writers for the hold-out, and the same for the replay set


@dataclass(frozen=True)
class PenDrawing:
    """What one writer wrote: its label, as the file has it, and its strokes, y downwards, in the units of its tablet."""

    label: str
    writer: str
    lines: tuple[Line, ...]


def pen_part(writer: str) -> PenPart:
    """Return the part of a writer: kept apart for tests, hold-out, replay set, or training.

    >>> [pen_part(f"w{number:03}") for number in range(4)]
    ['apart', 'train', 'train', 'apart']
    """
    place = int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4], "big") / 2**32  # 0..1
    if place < APART:
        return "apart"
    return "holdout" if place < APART + HELD_OUT else "replay" if place < APART + 2 * HELD_OUT else "train"


def read_pen(path: Path, *parts: PenPart) -> list[PenDrawing]:
    """Return the drawings of the writers of ``parts`` (of all writers, if none is named); none where the file is missing."""
    return [one for one in _drawings(path) if not parts or pen_part(one.writer) in parts] if path.exists() else []


def _drawings(path: Path) -> Iterator[PenDrawing]:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            row = json.loads(line)
            strokes = tuple(np.array(stroke, np.float64)[:, :2] for stroke in row["strokes"])
            yield PenDrawing(str(row["label"]), str(row["writer"]), strokes)
