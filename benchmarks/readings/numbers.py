"""Numbers to read: the ones that people wrote as a whole, and ones composed of single digits of one writer."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from functions.domain.drawing import Strokes, parse_strokes
from functions.domain.drawing.ink import Line

DIGITS, NUMBERS = "pen_digits_strokes.jsonl.gz", "pen_numbers_strokes.jsonl.gz"
TUNED = 1 / 3  # share of the writers by whom the weights are tuned; the others are reported
MARGIN = 0.25  # of the number's height, around it on its canvas
GAP, SPREAD = 0.22, 0.1  # of the digits' height between neighbours: mean and deviation, as people's own numbers have them
TOUCHING = 1 / 5  # of the composed numbers have neighbours that touch
TOUCH = 0.02  # of the digits' height that touching paths may overlap or, under a pen of 0.07, lie apart
NESTED = 0.25  # of the narrower digit that may lie over its neighbour
UNSTEADY = 0.04  # of the digits' height by which a digit lies above or below the line


@dataclass(frozen=True)
class Number:
    """A written number: what it says, who wrote it, and its strokes on a canvas of its size."""

    text: str
    writer: str
    strokes: Strokes


def is_tuned_by(writer: str) -> bool:
    """Tell whether the weights may be tuned by a writer."""
    return int.from_bytes(hashlib.sha256(f"reading {writer}".encode()).digest()[:4], "big") / 2**32 < TUNED


def own_numbers(data: Path) -> list[Number]:
    """Return the numbers that people wrote as a whole."""
    return [Number(label, writer, on_canvas(lines)) for label, writer, lines in _drawings(data / NUMBERS)]


def digit_writers(data: Path) -> list[str]:
    """Return the writers of single digits."""
    return sorted({writer for _, writer, _ in _drawings(data / DIGITS)})


def composed_numbers(data: Path, writers: list[str], count: int, seed: int = 0) -> list[Number]:
    """Compose ``count`` numbers of two to six digits, each of the digits of one of ``writers``."""
    digits = defaultdict(list)
    for label, writer, lines in _drawings(data / DIGITS):
        if writer in writers:
            digits[writer].append((label, lines))
    able = sorted(writer for writer in writers if len(digits[writer]) >= 20)
    rng = np.random.default_rng(seed)
    return [_composed(rng, writer, digits[writer]) for writer in rng.choice(able, count)]


def on_canvas(lines: list[Line]) -> Strokes:
    """Return lines as strokes on a canvas with a margin around them."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * max(float(high[1] - low[1]), 0.2 * float(high[0] - low[0]))
    width, height = high - low + 2 * margin
    return parse_strokes([(line - low + margin).tolist() for line in lines], float(width), float(height))


def _drawings(path: Path) -> Iterator[tuple[str, str, list[Line]]]:
    with gzip.open(path, "rt") as rows:
        for text in rows:
            row = json.loads(text)
            yield row["label"], row["writer"], [np.array(stroke, np.float64)[:, :2] for stroke in row["strokes"]]


def _composed(rng: np.random.Generator, writer: str, digits: list[tuple[str, list[Line]]]) -> Number:
    chosen = [digits[i] for i in rng.integers(len(digits), size=rng.integers(2, 7))]
    height = float(np.median([np.ptp(np.concatenate(lines)[:, 1]) for _, lines in digits])) or 1.0
    touching = rng.random(len(chosen)) < 0.5 if rng.random() < TOUCHING else np.zeros(len(chosen), bool)
    if touching.any() and not touching[1:].any():
        touching[rng.integers(1, len(chosen))] = True
    placed: list[Line] = []
    before: NDArray[np.float64] | None = None
    for (_, lines), touches in zip(chosen, touching, strict=True):
        points = np.concatenate(lines)
        origin = np.array([points[:, 0].min(), points[:, 1].max() + rng.normal(0, UNSTEADY) * height])
        lines = [line - origin for line in lines]
        if before is not None:
            gap = rng.uniform(-TOUCH, TOUCH) if touches else max(0.05, rng.normal(GAP, SPREAD))
            here = np.concatenate(lines)
            if touches:
                # People write no digit far into another one: where the shapes would, they only overlap.
                most = NESTED * min(float(np.ptp(before[:, 0])), float(np.ptp(here[:, 0])))
                shift = max(_distance_to_touch(before, here, height), before[:, 0].max() - here[:, 0].min() - most)
            else:
                shift = before[:, 0].max() - here[:, 0].min()
            lines = [line + np.array([shift + gap * height, 0]) for line in lines]
        placed += lines
        before = np.concatenate(lines)
    return Number("".join(label for label, _ in chosen), writer, on_canvas(placed))


def _distance_to_touch(left: Line, right: Line, height: float) -> float:
    """Return by how much ``right`` must move to the right so that it just touches ``left`` from there."""
    left, right = _dense(left, 0.03 * height), _dense(right, 0.03 * height)
    near = np.abs(left[:, None, 1] - right[None, :, 1]) < 0.03 * height
    if not near.any():
        return float(left[:, 0].max() - right[:, 0].min())
    return float((left[:, None, 0] - right[None, :, 0])[near].max())


def _dense(points: Line, step: float) -> Line:
    """Return points along a line, at most ``step`` apart; they join the strokes of a digit too, which is on the safe side."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    wanted = np.linspace(0, lengths[-1], 2 + int(lengths[-1] / step))
    return np.stack([np.interp(wanted, lengths, points[:, axis]) for axis in (0, 1)], axis=1)
