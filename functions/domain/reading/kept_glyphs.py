"""Put glyphs that were kept as drawings of their own back into their line, to be cut otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.domain.drawing import Ink, Strokes, parse_strokes
from functions.domain.drawing.ink import INK_SIDE
from functions.domain.drawing.ink_extraction import DrawnLine
from functions.domain.reading.pictured import Pictured
from functions.domain.reading.pieces import Box, Glyph, Place, Writing
from functions.domain.reading.written import Written

MOST_PIXELS = 2**20  # of glyphs together, a line of 160 x 6,500; those of pictures of different sizes could have far more
JOINED = 1e-3  # of the canvas: parts of a stroke whose ends lie so near are one stroke again


@dataclass(frozen=True)
class PartOfLine:
    """Some kept glyphs together: what is written there, its corner in the line's canvas, and the numbers of its strokes."""

    writing: Writing
    corner: tuple[float, float]
    numbers: tuple[int, ...]

    def from_line(self, box: Box) -> Box:
        """Return a box of the line as a box of ``writing``."""
        left, top = self.corner
        return box[0] - left, box[1] - top, box[2] - left, box[3] - top

    def in_line(self, glyph: Glyph) -> Glyph:
        """Return a glyph of ``writing`` with its place and box in the line."""
        left, top = self.corner
        strokes = tuple(self.numbers[number] for number in glyph.place.strokes)
        place = replace(glyph.place, left=glyph.place.left + left, top=glyph.place.top + top, strokes=strokes)
        box = glyph.box
        return Glyph(glyph.drawing, place, (box[0] + left, box[1] + top, box[2] + left, box[3] + top))


def of_strokes(kept: Sequence[tuple[Strokes, Place]]) -> PartOfLine:
    """Put the strokes of kept glyphs together."""
    left, top = min(place.left for _, place in kept), min(place.top for _, place in kept)
    width = max(place.left + strokes.width for strokes, place in kept) - left
    height = max(place.top + strokes.height for strokes, place in kept) - top
    lines: list[tuple[int, NDArray[np.float64]]] = []
    for strokes, place in kept:
        for number, line in zip(place.strokes, strokes.lines, strict=True):
            points = np.array([point[:2] for point in line], np.float64) + np.array([place.left - left, place.top - top])
            lines = _with(lines, number, points, JOINED * max(width, height))
    pointer = kept[0][0].pointer
    whole = parse_strokes([points.tolist() for _, points in lines], width, height, pointer)
    return PartOfLine(Written.of(whole), (left, top), tuple(number for number, _ in lines))


def of_pictures(kept: Sequence[tuple[Ink, Place]]) -> PartOfLine:
    """Put the inks (280, 280) of kept glyphs together, as finely as the finest of them is drawn, up to ``MOST_PIXELS``."""
    left, top = min(place.left for _, place in kept), min(place.top for _, place in kept)
    reach = [INK_SIDE * place.scale for _, place in kept]
    wide = max(place.left + side for (_, place), side in zip(kept, reach, strict=True)) - left
    high = max(place.top + side for (_, place), side in zip(kept, reach, strict=True)) - top
    finest = max(min(place.scale for _, place in kept), sqrt(high * wide / MOST_PIXELS))
    dark = np.zeros((round(high / finest) + 2, round(wide / finest) + 2), np.float32)
    for (ink, place), side in zip(kept, reach, strict=True):
        length = round(side / finest)
        fine = np.asarray(Image.fromarray(255 - ink).resize((length, length)), np.float32) / 255 if length != INK_SIDE else None
        drawn = (255 - ink).astype(np.float32) / 255 if fine is None else fine
        y, x = 1 + round((place.top - top) / finest), 1 + round((place.left - left) / finest)
        part = dark[y : y + length, x : x + length]
        np.maximum(part, drawn[: part.shape[0], : part.shape[1]], out=part)
    return PartOfLine(Pictured.of(DrawnLine(dark, -finest, -finest, 1 / finest)), (left, top), ())


def _with(
    lines: list[tuple[int, NDArray[np.float64]]], number: int, points: NDArray[np.float64], near: float
) -> list[tuple[int, NDArray[np.float64]]]:
    """Return lines with one more: at an end of a part of the same stroke, or by itself."""
    for at, (other, before) in enumerate(lines):
        if other != number:
            continue
        if np.abs(before[-1] - points[0]).max() <= near:
            return [*lines[:at], (number, np.concatenate([before, points[1:]])), *lines[at + 1 :]]
        if np.abs(points[-1] - before[0]).max() <= near:
            return [*lines[:at], (number, np.concatenate([points, before[1:]])), *lines[at + 1 :]]
    return [*lines, (number, points)]
