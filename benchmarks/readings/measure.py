"""Read numbers and count what was right; tune the weights of the choice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.readings.numbers import Number
from benchmarks.readings.pictures import picture_of
from functions.domain.reading import Ask, Pictured, Writing, Written
from functions.domain.reading.choose import Weights
from functions.domain.reading.read import Asked, Cut, ask_all, cut_by
from functions.learners.litert import infer_square, open_network

DIGITS = "0123456789"
STEP = 0.5  # deviation of a weight's logarithm in one step of the search
CHANGED = 0.35  # share of the weights that a step changes


@dataclass(frozen=True)
class Tally:
    """Numbers that were read: how many ``right`` and how many ``cut`` into as many digits as they have, of ``count``.

    ``times`` are the milliseconds (n,) from strokes or PNG to the glyphs' drawings, by the number of digits.
    """

    count: int
    right: int
    cut: int
    times: dict[int, list[float]]


def network(path: Path) -> Ask:
    """Return a network of digits as a function."""
    opened = open_network(path.read_bytes())
    return lambda square: infer_square(opened, square)


def writing(number: Number, pictured: bool) -> Writing:
    """Return a number as strokes or as a picture of them."""
    return Pictured.from_png(picture_of(number.strokes)) if pictured else Written.of(number.strokes)


def text(cut: Cut) -> str:
    """Return the network's best labels."""
    return "".join(DIGITS[int(np.argmax(said[:-1]))] for said in cut.outputs)


def read_all(numbers: Sequence[Number], ask: Ask, *, pictured: bool) -> Tally:
    """Read numbers as the platform does."""
    right = cuts = 0
    times: dict[int, list[float]] = {}
    for number in tqdm(numbers, desc="pictures" if pictured else "strokes", unit="number", delay=1, disable=None):
        png = picture_of(number.strokes) if pictured else b""
        started = time.perf_counter()
        line = Pictured.from_png(png) if pictured else Written.of(number.strokes)
        cut = cut_by(ask_all(line, ask))
        cut.glyphs()
        times.setdefault(len(number.text), []).append(1000 * (time.perf_counter() - started))
        right += text(cut) == number.text
        cuts += len(cut.groups) == len(number.text)
    return Tally(len(numbers), right, cuts, times)


def tuned(asked: Sequence[tuple[Number, Asked]], weights: Weights, steps: int, seed: int = 0) -> tuple[Weights, float]:
    """Return better weights, found by random steps, and the share of their score: a right number has 2 points, a right cut 1."""
    rng = np.random.default_rng(seed)
    best = _score(asked, weights)
    for _ in tqdm(range(steps), desc="tuning", unit="step", delay=1, disable=None):
        changed = {
            name: value * float(np.exp(rng.normal(0, STEP))) + (rng.normal(0, 0.1) if name in ("glyph", "touch", "wide") else 0.0)
            for name, value in vars(weights).items()
            if rng.random() < CHANGED
        }
        tried = replace(weights, **changed)
        score = _score(asked, tried)
        if score >= best:
            best, weights = score, tried
    return weights, best / (3 * len(asked))


def _score(asked: Sequence[tuple[Number, Asked]], weights: Weights) -> int:
    cuts = [(number.text, cut_by(one, weights)) for number, one in asked]
    return sum(2 * (text(cut) == said) + (len(cut.groups) == len(said)) for said, cut in cuts)
