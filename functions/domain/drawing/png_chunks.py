"""The strict reading of a PNG file's frame, before any pixel is decoded (PNG specification, third edition)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zlib_ng import zlib_ng as zlib

from functions.domain.problem import Problem
from functions.errors import BrokenPicture, TooLarge, WrongType

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_BYTES = 1 << 20
MAX_SIDE = 2048  # each side
MAX_CHUNKS = 4096  # a file of 1 MiB whose every row is a chunk of its own has fewer; each takes a microsecond to check
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # x, y, steps
ANIMATION_CHUNKS = (b"acTL", b"fcTL", b"fdAT")


@dataclass(frozen=True)
class Header:
    """What IHDR says; only values the specification allows."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool

    @property
    def channels(self) -> int:
        """The samples of each pixel."""
        return CHANNELS[self.colour]

    @property
    def passes(self) -> list[tuple[slice, slice, int, int]]:
        """The rows and columns of each pass that has pixels, and how many there are: (rows, columns, high, wide)."""
        steps = ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        sizes = [(-(-(self.height - y) // dy), -(-(self.width - x) // dx)) for x, y, dx, dy in steps]
        slices = [(slice(y, None, dy), slice(x, None, dx)) for x, y, dx, dy in steps]
        return [(*at, high, wide) for at, (high, wide) in zip(slices, sizes, strict=True) if high > 0 and wide > 0]


@dataclass(frozen=True)
class Checked:
    """A PNG whose frame is right: its header, palette (3 bytes a colour), transparency, and compressed pixels."""

    header: Header
    palette: bytes
    clear: bytes | None
    stream: bytes


def check(data: bytes) -> Checked:
    """Check the frame of a PNG file up to its end, and pass over any bytes behind it, as browsers do.

    Raises:
        WrongType: it is no PNG, or an animated one.
        TooLarge: more than 1 MiB, 2048 x 2048 pixels or 4,096 chunks.
        BrokenPicture: a chunk is damaged, missing, unknown or out of place.
    """
    if data[:8] != SIGNATURE:
        raise WrongType(Problem("picture_no_png"))
    if len(data) > MAX_BYTES:
        raise TooLarge(Problem("picture_bytes", most=MAX_BYTES, count=len(data)))
    header: Header | None = None
    kept: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    last = b""
    for name, body in _chunks(data):
        if header is None:
            if name != b"IHDR":
                raise BrokenPicture(Problem("png_no_header"))
            header = _header(body)
        elif name == b"IHDR":
            raise BrokenPicture(Problem("png_two_headers"))
        elif name in ANIMATION_CHUNKS:
            raise WrongType(Problem("picture_animated"))
        elif name == b"IDAT":
            if pixels and last != b"IDAT":
                raise BrokenPicture(Problem("png_interrupted"))
            pixels.append(body)
        elif name in (b"PLTE", b"tRNS"):
            if pixels or name in kept or (name == b"PLTE" and b"tRNS" in kept):
                raise BrokenPicture(Problem("png_chunk_place", name=name.decode()))
            kept[name] = body
        elif name != b"IEND" and not name[0] & 0x20:
            raise BrokenPicture(Problem("png_chunk_unknown"))
        last = name
    if header is None or last != b"IEND" or not pixels:
        raise BrokenPicture(Problem("png_few_pixels"))
    _check_colours(header, kept.get(b"PLTE"), kept.get(b"tRNS"))
    return Checked(header, kept.get(b"PLTE", b""), kept.get(b"tRNS"), b"".join(pixels))


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk as it stands in a file: length, name, body, checksum."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at >= len(data):
            return
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            raise BrokenPicture(Problem("png_cut_off"))
        body = data[at + 8 : end - 4]
        if not name.isalpha() or zlib.crc32(name + body) != int.from_bytes(data[end - 4 : end], "big"):
            raise BrokenPicture(Problem("png_checksum"))
        if name == b"IEND" and body:
            raise BrokenPicture(Problem("png_end"))
        yield name, body
        if name == b"IEND":
            return  # cameras and programs append bytes of their own; nobody reads them
        at = end
    raise TooLarge(Problem("png_chunks", most=MAX_CHUNKS))


def _header(body: bytes) -> Header:
    if len(body) != 13:
        raise BrokenPicture(Problem("png_header_length"))
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    depth, colour, compression, filtering, interlace = body[8:]
    if width == 0 or height == 0:
        raise BrokenPicture(Problem("picture_no_pixels"))
    if max(width, height) > MAX_SIDE:
        raise TooLarge(Problem("picture_sides", most=MAX_SIDE, width=width, height=height))
    if depth not in DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise BrokenPicture(Problem("png_header"))
    return Header(width, height, depth, colour, bool(interlace))


def _check_colours(header: Header, palette: bytes | None, clear: bytes | None) -> None:
    """Check palette and transparency against the header."""
    colours = len(palette or b"") // 3
    if header.colour == 3 and palette is None:
        raise BrokenPicture(Problem("png_no_palette"))
    if palette is not None:
        most = 1 << header.depth if header.colour == 3 else 256
        if header.colour in (0, 4) or len(palette) % 3 or not 1 <= colours <= most:
            raise BrokenPicture(Problem("png_palette"))
    if clear is not None:
        fits = {0: len(clear) == 2, 2: len(clear) == 6, 3: 1 <= len(clear) <= colours}
        if not fits.get(header.colour, False):
            raise BrokenPicture(Problem("png_transparency"))
