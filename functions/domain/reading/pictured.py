"""A line of writing in a picture: its pieces are blobs of ink, and parts of blobs where neighbours touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from functions.domain.drawing import Drawing, Ink, Square
from functions.domain.drawing.contour import measure
from functions.domain.drawing.ink import INK_SIDE, Field
from functions.domain.drawing.ink_extraction import DrawnLine, line_of_picture
from functions.domain.drawing.normalise import square_from_ink, square_from_rings
from functions.domain.drawing.png_chunks import check
from functions.domain.drawing.png_pixels import decode
from functions.domain.reading.blobs import Blob, StraightCut, blobs_of, parts, places_to_cut, polygons
from functions.domain.reading.pieces import MOST_WHOLE, Box, Glyph, Group, Piece, Place, line_height
from functions.errors import EmptyDrawing, TooLarge

LINE_HEIGHT = 160  # pixels: finer than a square needs, and a glyph fits on its ink as most drawings do
DUST = 0.06  # line heights; smaller blobs are no writing (the point of an i has 0.08)
RIM = 2  # pixels of paper around a glyph


class Pictured:
    """A line of writing as blobs, from left to right, drawn with a ``pen`` of so many pixels."""

    written_in_order = False

    def __init__(self, line: DrawnLine, blobs: Sequence[tuple[int, Sequence[Blob]]], pen: float) -> None:
        self._line, self._pen = line, pen
        self._blobs = [blob for _, some in blobs for blob in some]
        self.pieces = tuple(
            Piece(np.concatenate(blob.rings), number, place) for number, some in blobs for place, blob in enumerate(some)
        )
        self._height = line_height(self.pieces)

    @classmethod
    def of(cls, line: DrawnLine) -> Pictured:
        """Take whole blobs as pieces, without dust.

        Raises:
            TooLarge: there are more of them, or longer outlines, than thirty glyphs have.
            EmptyDrawing: there is nothing but dust.
        """
        rings = polygons(line.dark)
        if not rings:
            raise EmptyDrawing("Nothing is drawn.")
        sizes = np.array([np.ptp(each[0], axis=0) for each in rings])
        height = line_height([Piece(each[0], number) for number, each in enumerate(rings)])
        kept = [each for each, size in zip(rings, sizes, strict=True) if size.max() >= DUST * height]
        if len(kept) > MOST_WHOLE:
            raise TooLarge(f"A reading may have at most 30 symbols; this picture has {len(kept)} separate marks.")
        kept.sort(key=lambda each: float(each[0][:, 0].min() + each[0][:, 0].max()))
        pen = measure(float(line.dark.sum()), [ring for each in kept for ring in each]).pen
        return cls(line, [(number, [blob]) for number, blob in enumerate(blobs_of(line.dark, kept))], pen)

    @classmethod
    def from_png(cls, data: bytes) -> Pictured:
        """Take the line in a PNG of any aspect. Raises what ``drawing.from_png`` and ``of`` raise."""
        return cls.of(line_of_picture(decode(check(data)), LINE_HEIGHT))

    def square(self, group: Group) -> Square:
        """Return the square of some pieces together, quickly: with the pen that the whole line has."""
        return square_from_rings([ring for at in group for ring in self._blobs[at].rings], self._pen)

    def places_to_cut(self, number: int, lean: float) -> list[StraightCut]:
        """Return where neighbours that touch may end in a blob, from left to right."""
        return places_to_cut(self._blobs[number], self._height, lean)

    def cut(self, cuts: Mapping[int, Sequence[StraightCut]]) -> Pictured:
        """Return the same line with some blobs cut."""
        cut = [(number, parts(blob, cuts.get(number, ()))) for number, blob in enumerate(self._blobs)]
        return Pictured(self._line, cut, self._pen)

    def glyph(self, group: Group) -> Glyph:
        """Return some pieces as a drawing of their own, in the middle of its ink."""
        dark, (left, top) = self._together(group)
        ink, (x, y), scale = on_paper(dark)
        corner = self._line.at(left - x / scale, top - y / scale)
        place = Place(*corner, 1 / (scale * self._line.scale), ())
        return Glyph(Drawing(None, square_from_ink(ink), lambda: ink), place, self._box(group))

    def _box(self, group: Group) -> Box:
        points = np.concatenate([self.pieces[at].points for at in group])
        return (*self._line.at(*points.min(axis=0).tolist()), *self._line.at(*points.max(axis=0).tolist()))

    def _together(self, group: Group) -> tuple[Field, tuple[int, int]]:
        """Return the ink (h, w) of some pieces alone, and its left and top."""
        blobs = [self._blobs[at] for at in group]
        left, top = (min(blob.corner[axis] for blob in blobs) for axis in (0, 1))
        right = max(blob.corner[0] + blob.ink.shape[1] for blob in blobs)
        bottom = max(blob.corner[1] + blob.ink.shape[0] for blob in blobs)
        whole = np.zeros((bottom - top, right - left), np.float32)
        for blob in blobs:
            (high, wide), x, y = blob.ink.shape, blob.corner[0] - left, blob.corner[1] - top
            np.maximum(whole[y : y + high, x : x + wide], blob.ink, out=whole[y : y + high, x : x + wide])
        return whole, (left, top)


def on_paper(dark: Field) -> tuple[Ink, tuple[int, int], float]:
    """Put ink (h, w), 0..1, into the middle of 280 x 280: return it, its left and top, and by how much it was made smaller."""
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    scale = min(1.0, (INK_SIDE - 2 * RIM) / max(len(rows) and rows[-1] + 1, len(columns) and columns[-1] + 1))
    if scale < 1:
        size = (max(1, round(dark.shape[1] * scale)), max(1, round(dark.shape[0] * scale)))
        dark = np.asarray(Image.fromarray(dark).resize(size, Image.Resampling.BOX), np.float32)
    high, wide = (min(length, INK_SIDE) for length in dark.shape)
    y, x = (INK_SIDE - high) // 2, (INK_SIDE - wide) // 2
    paper = np.zeros((INK_SIDE, INK_SIDE), np.float32)
    paper[y : y + high, x : x + wide] = dark[:high, :wide]
    ink: Ink = np.round(255 * (1 - paper)).astype(np.uint8)
    return ink, (x, y), scale
