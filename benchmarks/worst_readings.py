"""Print what the dearest known lines of writing cost a web process, as ``benchmarks.worst_drawings`` does for drawings.

    python -m benchmarks.worst_readings

Each line is cut into glyphs, and these are drawn and written as PNGs, as for a reading that is kept. That is everything but the
networks' answers, up to 400 of about a millisecond each.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from pydantic_core import from_json

from benchmarks.worst_drawings import Case, json_of, noise, png, show
from functions.domain.drawing import parse_strokes, to_png
from functions.domain.reading import Pictured, Writing, Written, read
from functions.domain.reading.choose import Outputs
from functions.errors import Situation

POINTS = 9_990
UNSURE: Outputs = np.array([0.5, 0.4, 0.1], np.float32)  # of a network that takes every piece for several glyphs


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    show([*strokes(), *pictures()], take)


def take(body: bytes) -> str:
    """Do what a web process does with a line of writing that is kept, without networks, and return how it was answered."""
    try:
        for glyph in read(_writing(body), lambda _: UNSURE).glyphs():
            to_png(glyph.drawing.ink)
    except Situation as situation:
        return type(situation).__name__
    return "read"


def strokes() -> Iterator[Case]:
    """Yield the dearest strokes."""
    rng = np.random.default_rng(0)
    yield "two scribbles that cross", lambda: json_of([_zigzag(2, 1000, 280), _zigzag(2, 1000, 280)[:, ::-1]])
    yield "one zigzag", lambda: json_of([_zigzag(10, POINTS, 2000)], 4000, 280)
    yield "one zigzag, as high as the canvas", lambda: json_of([_zigzag(280, POINTS, 280)])
    for count in (12, 30, 120):
        each = POINTS // count
        yield f"{count} zigzags beside each other", lambda c=count, e=each: json_of(_beside(c, _zigzag(8, e, 80)), 4000, 280)
        yield f"{count} zigzags over each other", lambda c=count, e=each: json_of([_zigzag(8, e, 80)] * c, 4000, 280)
        yield (
            f"{count} scribbles beside each other",
            lambda c=count, e=each: json_of(_beside(c, rng.uniform(0, 80, (e, 2))), 4000, 280),
        )
        yield f"{count} scribbles over each other", lambda c=count, e=each: json_of(rng.uniform(0, 80, (c, e, 2)), 4000, 280)
        yield f"{count} waves that overlap", lambda c=count, e=each: json_of(_beside(c, _waves(e), 20), 4000, 280)


def pictures() -> Iterator[Case]:
    """Yield the dearest pictures."""
    y, x = np.mgrid[:80, :2048]
    for width in (2, 3, 6, 12):
        yield f"2048 x 80, stripes of {width}", lambda w=width: png(((x // w) % 2 * 255).astype(np.uint8))
        comb = (((x // width) % 2 == 0) & (y > 6)) * 255
        yield f"2048 x 80, comb of {width}", lambda c=comb: png(c.astype(np.uint8))
        lines = ((y // width) % 2) * 255
        yield f"2048 x 80, lines of {width}", lambda c=lines: png(c.astype(np.uint8))
    yield "2048 x 80, noise", lambda: png(noise(80, 2048, 2) * np.uint8(255))
    yield "2048 x 80, coarse noise", lambda: png(np.kron(noise(20, 512, 2), np.full((4, 4), 255, np.uint8)))
    yield "2048 x 2048, coarse noise", lambda: png(np.kron(noise(64, 64, 2), np.full((32, 32), 255, np.uint8)))


def _zigzag(height: float, points: int, width: float) -> np.ndarray:
    i = np.arange(points)
    return np.column_stack([20 + width * i / points * 0.9, 20 + i % 2 * height])


def _waves(points: int) -> np.ndarray:
    t = np.linspace(0, 1, points)
    return np.column_stack([20 + 90 * t, 70 + 50 * np.sin(40 * t)])


def _beside(count: int, line: np.ndarray, step: float = 30) -> list[np.ndarray]:
    return [line + np.array([step * number, 0]) for number in range(count)]


def _writing(body: bytes) -> Writing:
    if not body.startswith(b"{"):
        return Pictured.from_png(body)
    fields = from_json(body, allow_inf_nan=False)
    return Written.of(parse_strokes(fields["strokes"], fields["width"], fields["height"]))


if __name__ == "__main__":
    main()
