"""Decode the pixels of a PNG into planes of 8 bits, at a cost that is known before it is spent.

Pillow alone holds the whole picture in full several times over. Here rows are inflated a strip at a time; of 16 bits only the
upper 8 are kept; a channel that equals another (grey saved as colour) is decoded once. Pillow undoes the two filters
that are computed pixel after pixel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from zlib_ng import zlib_ng as zlib

from functions.domain.drawing.png_chunks import SIGNATURE, Checked, Header, chunk
from functions.domain.problem import Problem
from functions.errors import BrokenPicture, TooLarge

Plane = NDArray[np.uint8]  # (h, w)
Rows = NDArray[np.uint8]  # (n, h, w): the rows of n channels, filtered or not, without the bytes that name the filters
Filters = NDArray[np.uint8]  # (h,)

STRIP = 1 << 18  # bytes that are inflated at a time
INPUT = 1 << 14  # bytes that are given to the inflater at a time: it copies what it has not read yet
BLOCK = 1 << 19  # bytes whose filters are undone at a time
UNIT = 16  # rows of which Pillow must undo all filters or none
LEFT, UP, PAETH = 1, 2, 4  # filters up to UP are sums; the others (average, Paeth) depend on each pixel before
MAX_CHANGES = 4  # of the filter within a unit that are worth as many steps

# Nanoseconds of one core that inflates 430 MB a second with zlib (benchmarks/worst_drawings.py).
SUM_COST = np.array([0.1, 2.6, 1.1, 0, 0])  # a byte, for each filter
PILLOW_COST = np.array([1.8, 4.3, 2.6, 5.0, 6.0])
SURPRISE_COST = 8.0  # more for each byte that Paeth's filter did not foresee: neither does the processor
PILLOW_CALL = 150_000
RAW_COST = 0.6  # to inflate a byte and to put it into its plane
PIXEL_COST = 2.5  # to find the drawing
PLANE_COST = 0.9  # more for each pixel of each channel that varies
OPAQUE_COST = 1.6  # times as much where opacity varies: the picture is laid on white, and rarely on black as well
LOOKUP_COST = 1.0  # more for each pixel of each plane that a palette gives
MAX_COST = 51e6  # 2048 x 2048 pixels of a drawing in grey, or 1500 x 1500 in colours; of noise a little less
GREY, RGB, INDEXED, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6  # colour types


@dataclass(frozen=True)
class Planes:
    """A picture: its colours in one plane (grey) or three, and where it is opaque (255), None if it is everywhere."""

    colours: tuple[Plane, ...]
    opaque: Plane | None


def decode(checked: Checked) -> Planes:
    """Decode the pixels.

    Raises:
        BrokenPicture: there are too few or too many, they are damaged, or one has a colour that the palette lacks.
        TooLarge: filters that take too long are used on too many pixels.
    """
    header = checked.header
    passes, filters = _inflated(header, checked.stream, whole=header.depth == 16 and checked.clear is not None)
    twins = _twins(passes)
    distinct = sorted(set(twins))
    varied = [channel for channel in distinct if not _constant(passes, filters, channel)]
    if varied:
        search = _search_cost(checked, varied)
        raw = RAW_COST * sum(map(np.size, passes)) * (2 if header.depth == 16 else 1)
        if search + raw + sum(map(_cost, passes, filters, repeat(varied))) > MAX_COST:
            raise TooLarge(Problem("picture_slow"))
        for rows, used in zip(passes, filters, strict=True):
            _unfilter(rows, used, varied)
    whole = {channel: _assembled(header, [rows[channel] for rows in passes]) for channel in distinct}
    return _planes(checked, [whole[twin] for twin in twins])


def _search_cost(checked: Checked, varied: list[int]) -> float:
    """Return the nanoseconds that it takes to find the drawing, once the channels that vary are decoded."""
    header, planes, looked_up = checked.header, len(varied), 0
    see_through = header.colour in (GREY_ALPHA, RGB_ALPHA) and header.channels - 1 in varied
    if checked.clear is not None and min(checked.clear, default=255) < 255:  # a palette's opacities, or a colour for transparent
        see_through, planes = True, planes + 1
    if header.colour == INDEXED:
        planes = looked_up = (1 if _grey(checked.palette) else 3) + see_through
    each = PIXEL_COST + PLANE_COST * planes + LOOKUP_COST * looked_up
    return header.width * header.height * each * (OPAQUE_COST if see_through else 1)


def _inflated(header: Header, stream: bytes, *, whole: bool) -> tuple[list[Rows], list[Filters]]:
    """Return the filtered rows of each pass, and their filters; of 16 bits the upper 8, and where ``whole`` the lower behind."""
    inflater, passes, filters = _Inflater(stream), [], []
    size = header.channels * header.depth // 8 or 1  # bytes of a pixel
    offsets = list(range(0, size, 2 if header.depth == 16 else 1))
    if whole:
        offsets += range(1, size, 2)
    for _, _, high, wide in header.passes:
        row = (wide * header.channels * header.depth + 7) // 8
        rows, used = np.empty((len(offsets), high, row // size), np.uint8), np.empty(high, np.uint8)
        step = max(1, STRIP // (row + 1))
        for top in range(0, high, step):
            strip = np.frombuffer(inflater.read(min(step, high - top) * (row + 1)), np.uint8).reshape(-1, row + 1)
            used[top : top + step] = strip[:, 0]
            for channel, offset in enumerate(offsets):
                rows[channel, top : top + step] = strip[:, 1 + offset :: size]
        if used.max() >= len(PILLOW_COST):
            raise BrokenPicture(Problem("png_damaged"))
        passes.append(rows)
        filters.append(used)
    inflater.finish()
    return passes, filters


class _Inflater:
    """Reads a zlib stream piece by piece, so that no more of it is ever inflated than was asked for."""

    def __init__(self, stream: bytes) -> None:
        self._stream, self._at, self._tail = stream, 0, b""
        self._inflate = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, or raise BrokenPicture."""
        pieces = []
        while size and not self._inflate.eof:
            piece = self._next(size)
            if not piece and not self._tail and self._at >= len(self._stream):
                break
            pieces.append(piece)
            size -= len(piece)
        if size:
            raise BrokenPicture(Problem("png_few_pixels"))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def finish(self) -> None:
        """Raise BrokenPicture unless the stream ends here, with its checksum."""
        while not self._inflate.eof:
            if self._next(1):
                raise BrokenPicture(Problem("png_many_pixels"))
            if not self._tail and self._at >= len(self._stream) and not self._inflate.eof:
                raise BrokenPicture(Problem("png_few_pixels"))
        if self._inflate.unused_data or self._at < len(self._stream):
            raise BrokenPicture(Problem("png_many_pixels"))

    def _next(self, size: int) -> bytes:
        if not self._tail:
            self._tail = self._stream[self._at : self._at + INPUT]
            self._at += INPUT
        try:
            piece: bytes = self._inflate.decompress(self._tail, size)
        except zlib.error:  # type: ignore[misc]  # its stubs call the class a value
            raise BrokenPicture(Problem("png_damaged")) from None
        self._tail = self._inflate.unconsumed_tail
        return piece


def _twins(passes: list[Rows]) -> list[int]:
    """Return for each channel the first channel with the same bytes; rows share their filters, so they decode to the same."""
    twins: list[int] = []
    for channel in range(len(passes[0])):
        same = (i for i in dict.fromkeys(twins) if all(np.array_equal(rows[i], rows[channel]) for rows in passes))
        twins.append(next(same, channel))
    return twins


def _constant(passes: list[Rows], filters: list[Filters], channel: int) -> bool:
    """Tell whether a channel has the same value everywhere, as an opaque picture's alpha has; if so, undo its filters."""
    value = passes[0][channel, 0, 0]  # no filter changes the first byte
    half = value - value // 2
    inside = [np.array(levels, np.uint8) for levels in ((value, value), (value, 0), (0, 0), (half, 0), (0, 0))]
    first = [np.array(levels, np.uint8) for levels in ((value, value), (value, 0), (value, value), (value, half), (value, 0))]
    for rows, used in zip(passes, filters, strict=True):
        expected = np.stack(inside)[used]  # (h, 2): a row's first byte, and each of the others
        expected[0] = first[used[0]]
        plane = rows[channel]
        if (plane[:, 0] != expected[:, 0]).any() or (plane[:, 1:] != expected[:, 1:]).any():
            return False
    for rows in passes:
        rows[channel] = value
    return True


def _blocks(filters: Filters, width: int, count: int) -> Iterator[tuple[slice, bool]]:
    """Return blocks of rows that ``count`` channels of ``width`` bytes keep small, and whether Pillow must undo their filters."""
    starts = np.arange(0, len(filters), UNIT)
    changes = np.concatenate([[False], filters[1:] != filters[:-1]])
    hard = np.logical_or.reduceat(filters > UP, starts) | (np.add.reduceat(changes, starts, dtype=int) > MAX_CHANGES)
    most = max(1, BLOCK // (UNIT * width * count))
    first = 0
    for place in range(1, len(starts) + 1):
        if place == len(starts) or place - first == most or hard[place] != hard[first]:
            yield slice(first * UNIT, min(place * UNIT, len(filters))), bool(hard[first])
            first = place


def _cost(rows: Rows, filters: Filters, channels: list[int]) -> float:
    """Return the nanoseconds that it takes to undo the filters of some ``channels`` of a pass."""
    total, size = 0.0, rows.shape[2] * len(channels)
    for block, by_pillow in _blocks(filters, rows.shape[2], len(channels)):
        used = filters[block]
        if by_pillow:
            surprises = sum(np.count_nonzero(rows[channel, block][used == PAETH]) for channel in channels)
            total += size * float(PILLOW_COST[used].sum()) + SURPRISE_COST * surprises + PILLOW_CALL
        else:
            total += size * float(SUM_COST[used].sum())
    return total


def _unfilter(rows: Rows, filters: Filters, channels: list[int]) -> None:
    """Undo the filters of some ``channels`` of ``rows`` in place; bytes are sums modulo 256."""
    for block, by_pillow in _blocks(filters, rows.shape[2], len(channels)):
        if by_pillow:
            _unfilter_by_pillow(rows, filters, channels, block)
            continue
        used = filters[block]
        starts = [0, *(np.flatnonzero(used[1:] != used[:-1]) + 1).tolist(), len(used)]
        for start, end in pairwise(starts):
            for channel in channels:
                _add_up(rows[channel], int(used[start]), block.start + start, block.start + end)


def _add_up(rows: Plane, kind: int, start: int, end: int) -> None:
    """Undo the filter ``kind`` (none, left or up) from row ``start`` to ``end``."""
    part = rows[start:end]
    if kind == LEFT:
        np.add.accumulate(part, axis=1, dtype=np.uint8, out=part)
    elif kind == UP:
        for row in range(max(start, 1), end):
            np.add(rows[row], rows[row - 1], out=rows[row])


def _unfilter_by_pillow(rows: Rows, filters: Filters, channels: list[int], block: slice) -> None:
    """Give a block of rows to Pillow as one grey PNG that is not compressed: of each channel the row above it, then its rows."""
    high, wide, count = block.stop - block.start, rows.shape[2], len(channels)
    given = np.zeros((count, high + 1, wide + 1), np.uint8)
    given[:, 1:, 0] = filters[block]
    for place, channel in enumerate(channels):
        if block.start:
            given[place, 0, 1:] = rows[channel, block.start - 1]
        given[place, 1:, 1:] = rows[channel, block]
    header = wide.to_bytes(4, "big") + (count * (high + 1)).to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(given.tobytes(), 0)), (b"IEND", b""))
    body = SIGNATURE + b"".join(chunk(name, part) for name, part in parts)
    with Image.open(BytesIO(body), formats=["PNG"]) as picture:
        found = np.asarray(picture).reshape(count, high + 1, wide)
    for place, channel in enumerate(channels):
        rows[channel, block] = found[place, 1:]


def _assembled(header: Header, parts: list[Plane]) -> Plane:
    """Join the passes of one channel to samples (h, w), as they are in the file: 0 to 2^depth - 1, of 16 bits a half."""
    if not header.interlaced:
        return _samples(parts[0], header.width, header.depth)
    plane = np.empty((header.height, header.width), np.uint8)
    for part, (rows, columns, _, wide) in zip(parts, header.passes, strict=True):
        plane[rows, columns] = _samples(part, wide, header.depth)
    return plane


def _samples(packed: Plane, width: int, depth: int) -> Plane:
    """Unpack samples of less than 8 bits."""
    if depth >= 8:
        return packed
    if depth == 1:
        return np.unpackbits(packed, axis=1, count=width)
    each = 8 // depth
    samples = np.empty((len(packed), packed.shape[1] * each), np.uint8)
    for place in range(each):
        samples[:, place::each] = (packed >> (8 - depth * (place + 1))) & ((1 << depth) - 1)
    return samples[:, :width]


def _planes(checked: Checked, samples: list[Plane]) -> Planes:
    """Turn samples into colours and opacity."""
    header, clear = checked.header, checked.clear
    if header.colour == INDEXED:
        return _looked_up(checked, samples[0])
    count = 1 if header.colour in (GREY, GREY_ALPHA) else 3
    colours, opaque = samples[:count], samples[count] if header.channels > count else None
    if clear is not None:  # one colour that stands for transparent
        keyed = np.ones((header.height, header.width), bool)
        for channel in range(count):
            key = int.from_bytes(clear[2 * channel : 2 * channel + 2], "big") & ((1 << header.depth) - 1)
            keyed &= samples[channel] == (key >> 8 if header.depth == 16 else key)
            if header.depth == 16:
                keyed &= samples[count + channel] == key & 255
        opaque = np.where(keyed, np.uint8(0), np.uint8(255))
    if header.depth < 8:
        colours = [colours[0] * np.uint8(255 // ((1 << header.depth) - 1))]
    return Planes(_without_twins(colours), None if opaque is None or opaque.min() == 255 else opaque)


def _looked_up(checked: Checked, indices: Plane) -> Planes:
    """Look the colours of a palette up."""
    palette = np.frombuffer(checked.palette, np.uint8).reshape(-1, 3)
    if indices.max() >= len(palette):
        raise BrokenPicture(Problem("png_palette_lacks"))
    body = indices.tobytes()

    def looked_up(table: bytes) -> Plane:
        return np.frombuffer(body.translate(table.ljust(256, b"\0")), np.uint8).reshape(indices.shape)

    count = 1 if _grey(checked.palette) else 3
    colours = tuple(looked_up(palette[:, channel].tobytes()) for channel in range(count))
    opaque = looked_up((checked.clear or b"").ljust(len(palette), b"\xff"))
    return Planes(colours, None if opaque.min() == 255 else opaque)


def _grey(palette: bytes) -> bool:
    return palette[::3] == palette[1::3] == palette[2::3]


def _without_twins(colours: list[Plane]) -> tuple[Plane, ...]:
    return tuple(colours[:1] if all(plane is colours[0] for plane in colours) else colours)
