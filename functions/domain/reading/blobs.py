"""Ink that hangs together in a picture, and cuts through it where neighbours touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from functions.domain.drawing.contour import OUTLINE_LEVEL
from functions.domain.drawing.ink import Field, Line
from functions.domain.drawing.render import Area, Paper, thin_out
from functions.errors import TooLarge

OUTLINE_STEP = 1.5  # pixels between the points of an outline
MOST_RINGS = 5000  # of a picture, the specks of a scan among them
MOST_OUTLINE = 80_000  # pixels; thirty symbols have about 30,000
SOFT_EDGE = 1.5  # pixels around an outline that belong to its ink
SLANTS = (0.0, 0.35, -0.2)  # run by rise: the cuts that are tried, beside the slant of the writing
MOST_CUTS = 4  # of one blob; each more adds as many candidates
CUT_APART = 0.18  # line heights between two cuts, and between a cut and the blob's end
MOST_CROSSED = 1.4  # line heights that a cut may go through, ink and height together: two bows that touch have 1.0


@dataclass(frozen=True, eq=False)
class Blob:
    """Ink that hangs together, or a part: its ``rings`` in pixels of the line, and its ``ink`` (h, w) with its ``corner``."""

    rings: tuple[Line, ...]
    ink: Field
    corner: tuple[int, int]  # left, top


@dataclass(frozen=True)
class StraightCut:
    """A cut through a blob, at ``x`` of its ink halfway down, to the right by ``lean`` for each pixel upwards."""

    x: float
    lean: float


def blobs_of(dark: Field, rings: Sequence[Sequence[Line]]) -> list[Blob]:
    """Return the blobs inside ``rings``, with their ink alone."""
    return [_blob(dark, each) for each in rings]


def polygons(dark: Field) -> list[list[Line]]:
    """Return what hangs together in ``dark`` (h, w) with a rim of paper: the ring around each, and the rings of its holes.

    Raises:
        TooLarge: there are more and longer rings than writing has.
    """
    filled = contour_generator(z=dark, fill_type=FillType.OuterOffset).filled(OUTLINE_LEVEL, np.inf)
    points, ends = cast("tuple[list[Line], list[NDArray[np.uint32]]]", filled)
    if sum(map(len, ends)) > MOST_RINGS or sum(map(len, points)) > MOST_OUTLINE:
        raise TooLarge("This picture has more and longer outlines than 30 symbols have.")
    found = []
    for line, offsets in zip(points, ends, strict=True):
        rings = np.split(line + 0.5, offsets[1:-1].astype(int))  # centres of pixels lie at halves
        found.append([thin_out(ring, OUTLINE_STEP) for ring in rings])
    return found


def places_to_cut(blob: Blob, height: float, lean: float) -> list[StraightCut]:
    """Return the cuts through the least ink and the least height, upright or leaning, apart from each other, from left to right.

    The height of a cut is the way from the blob's upper contour to its lower one: it is low where two neighbours touch.
    """
    wide = blob.ink.shape[1]
    found = [one for slant in SLANTS for one in _cuts_along(blob.ink, lean + slant, MOST_CROSSED * height)]
    apart = CUT_APART * height
    chosen: list[StraightCut] = []
    for _, cut in sorted(found, key=lambda one: one[0]):
        if apart <= cut.x <= wide - apart and all(abs(cut.x - other.x) >= apart for other in chosen):
            chosen.append(cut)
    return sorted(chosen[:MOST_CUTS], key=lambda cut: cut.x)


def parts(blob: Blob, cuts: Sequence[StraightCut]) -> list[Blob]:
    """Return what is left and right of cuts, from left to right; a part without an outline is left out."""
    high, wide = blob.ink.shape
    rows = np.arange(high)[:, None] + 0.5
    columns = np.arange(wide) + 0.5
    lefts = [columns < cut.x + cut.lean * (high / 2 - rows) for cut in cuts]
    found, rest = [], blob.ink
    for left in lefts:
        found += _part(blob, np.where(left, rest, np.float32(0)))
        rest = np.where(left, np.float32(0), rest)
    return [*found, *_part(blob, rest)]


def _cuts_along(ink: Field, slant: float, most: float) -> list[tuple[float, StraightCut]]:
    """Return the cuts of one slant that cross locally least, up to ``most`` pixels, with these pixels."""
    high, wide = ink.shape
    reach = int(abs(slant) * high / 2) + 1
    sheared = np.zeros((high, wide + 2 * reach), np.float32)
    for row in range(high):
        shift = reach - round(slant * (high / 2 - row))
        sheared[row, shift : shift + wide] = ink[row]
    drawn = sheared > OUTLINE_LEVEL
    between = np.where(drawn.any(axis=0), high - drawn.argmax(axis=0) - drawn[::-1].argmax(axis=0), 0)
    crossed = np.convolve(sheared.sum(axis=0) + between, np.ones(3) / 3, "same")
    least = np.flatnonzero((crossed[1:-1] <= crossed[:-2]) & (crossed[1:-1] < crossed[2:])) + 1
    return [(float(crossed[at]), StraightCut(float(at - reach) + 0.5, slant)) for at in least if 0 < crossed[at] <= most]


def _part(blob: Blob, ink: Field) -> list[Blob]:
    rings = [ring for each in polygons(np.pad(ink, 1)) for ring in each]
    return [Blob(tuple(ring + blob.corner - 1 for ring in rings), ink, blob.corner)] if rings else []


def _blob(dark: Field, rings: Sequence[Line]) -> Blob:
    left, top = (int(least) for least in np.maximum(np.floor(rings[0].min(axis=0) - SOFT_EDGE - 1), 0))
    right, bottom = (int(most) for most in np.ceil(rings[0].max(axis=0) + SOFT_EDGE + 1))
    part = dark[top:bottom, left:right]
    paper = Paper(*part.shape)
    paper.fill(Area(ring - (left, top) for ring in rings), SOFT_EDGE)
    return Blob(tuple(rings), np.where(paper.raster > 0, part, np.float32(0)), (left, top))
