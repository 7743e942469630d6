"""PNGs of every kind, and each broken in every way that a chunk can be."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from tests.support.pictures import CHANNELS, SIGNATURE, chunk, header, png, seven

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
SIDE = 24
END = chunk(b"IEND", b"")


def good() -> Iterator[tuple[str, bytes]]:
    """Yield a picture of a seven in every colour type, depth and interlace, with and without what may stand beside its pixels."""
    for colour, depths in DEPTHS.items():
        for depth in depths:
            levels = (seven(SIDE).astype(np.uint32) * ((1 << depth) - 1)) // 255
            samples = np.repeat(levels[:, :, None], CHANNELS[colour], axis=2)
            before = b""
            if colour == 3:
                middle = np.arange(3 * ((1 << depth) - 2)).astype(np.uint8).tobytes()
                before = chunk(b"PLTE", bytes(3) + middle + b"\xff" * 3)
                samples = np.where(samples > 0, (1 << depth) - 1, 0)
            elif colour in (4, 6):
                samples[:, :, -1] = (1 << depth) - 1
            for interlace in (False, True):
                name = f"type {colour}, {depth} bits, {'interlaced' if interlace else 'plain'}"
                yield name, png(samples, depth, colour, interlace=interlace, before=before, kinds=[0, 1, 2, 3, 4])
            yield f"{name}, more chunks", png(samples, depth, colour, before=before + extras(colour, depth), pieces=7)


def extras(colour: int, depth: int) -> bytes:
    """Return chunks that a reader may pass over, and the transparency that fits."""
    clear = {0: b"\0\3", 2: b"\0\3" * 3, 3: b"\xff"}.get(colour)
    text = b"who\0me"
    return b"".join(
        chunk(name, body)
        for name, body in (
            (b"tRNS", clear),
            (b"tEXt", text),
            (b"zTXt", b"who\0\0" + zlib.compress(b"me" * 1000)),
            (b"iTXt", b"who\0\0\0\0\0me"),
            (b"gAMA", bytes(4)),
            (b"pHYs", bytes(9)),
            (b"tIME", b"\xff" * 7),
            (b"eXIf", b"MM\0*"),
            (b"iCCP", b"x\0\0" + zlib.compress(b"no profile")),
        )
        if body is not None
    )


def parts_of(picture: bytes) -> list[bytes]:
    """Split a PNG into its chunks."""
    at, parts = 8, []
    while at < len(picture):
        end = at + 12 + int.from_bytes(picture[at : at + 4], "big")
        parts.append(picture[at:end])
        at = end
    return parts


def broken(picture: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield ``picture`` with each of its chunks broken each way."""
    parts = parts_of(picture)
    for place, part in enumerate(parts):
        name, body, before, after = part[4:8], part[8:-4], parts[:place], parts[place + 1 :]
        ways = {
            "left out": [*before, *after],
            "twice": [*before, part, part, *after],
            "first": [part, *before, *after],
            "last": [*before, *after, part],
            "empty": [*before, chunk(name, b""), *after],
            "a byte shorter": [*before, chunk(name, body[:-1]), *after],
            "a byte longer": [*before, chunk(name, body + b"\0"), *after],
            "all ones": [*before, chunk(name, b"\xff" * len(body)), *after],
            "all zeros": [*before, chunk(name, bytes(len(body))), *after],
            "backwards": [*before, chunk(name, body[::-1]), *after],
            "of another name": [*before, chunk(bytes([name[0] ^ 0x20]) + name[1:], body), *after],
            "without its checksum": [*before, part[:-4], *after],
            "with a wrong checksum": [*before, part[:-1] + bytes([part[-1] ^ 1]), *after],
            "longer than the file": [*before, b"\x7f\xff\xff\xff" + part[4:], *after],
            "of negative length": [*before, b"\xff\xff\xff\xff" + part[4:], *after],
            "cut off": [*before, part[: len(part) // 2]],
        }
        for way, pieces in ways.items():
            yield f"{name.decode()} {way}", SIGNATURE + b"".join(pieces)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield bombs, animations and files that are something else as well."""
    plain = png(seven(SIDE))
    for size in ((1 << 31, 1), (1, 1 << 31), (1 << 31, 1 << 31), (0xFFFFFFFF, 0xFFFFFFFF), (65535, 65535), (2049, 2048), (0, 5)):
        yield f"dimensions {size}", SIGNATURE + header(*size) + chunk(b"IDAT", zlib.compress(b"\0\0")) + END
    for colour, depth in ((0, 8), (6, 16)):
        bomb = chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9))
        yield f"a zlib bomb of type {colour}", SIGNATURE + header(2048, 2048, depth, colour) + bomb + END
    for name in (b"zTXt", b"iCCP", b"iTXt"):
        inflated = b"a\0\0" + zlib.compress(bytes(50_000_000), 9)
        yield f"a bomb in {name.decode()}", plain[:33] + chunk(name, inflated) + plain[33:]
    yield "a text of a megabyte", plain[:33] + chunk(b"tEXt", b"a\0" + b"x" * 1_000_000) + plain[33:]
    yield "thousands of chunks", plain[:33] + chunk(b"tEXt", b"") * 80_000 + plain[33:]
    yield "pixels in thousands of chunks", png(seven(SIDE), pieces=3000)
    frames = chunk(b"acTL", b"\0\0\xff\xff\0\0\0\0") + chunk(b"fcTL", bytes(26))
    yield "an animation", plain[:33] + frames + plain[33:-12] + chunk(b"fdAT", bytes(4) + plain[41:-16]) + END
    yield "a zip as well", plain + b"PK\3\4" + bytes(60) + b"PK\5\6" + bytes(18)
    yield (
        "a page as well",
        plain[:33] + chunk(b"tEXt", b"a\0<script>alert(1)</script>") + plain[33:] + b"<script>alert(1)</script>",
    )
    yield "a program as well", plain + b"#!/bin/sh\n"
    yield "two pictures", plain + plain
    yield "a JPEG behind the signature", SIGNATURE + b"\xff\xd8\xff\xe0" + bytes(40)
    yield "line ends changed", plain.replace(b"\r\n", b"\n")
    yield "the signature alone", SIGNATURE
