"""Pictures and strokes for the tests of drawings: a PNG writer that can also write what is wrong, and real hands."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from functions.domain.drawing import Drawing, from_strokes, parse_strokes

HERE = Path(__file__).parent
SIGNATURE = b"\x89PNG\r\n\x1a\n"
REAL: list[dict[str, Any]] = json.loads(gzip.decompress((HERE.parent / "strokes.json.gz").read_bytes()))
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def header(width: int, height: int, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, colour, 0, 0, interlace]))


def raw(samples: np.ndarray, depth: int) -> bytes:
    """Pack samples (h, w, c) of ``depth`` bits into unfiltered rows."""
    rows = []
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            body = row.astype(">u2").tobytes()
        else:
            bits = (row[:, None].astype(np.uint8) >> np.arange(depth - 1, -1, -1, dtype=np.uint8)) & 1
            body = np.packbits(bits.reshape(-1)).tobytes()
        rows.append(b"\0" + body)
    return b"".join(rows)


def png(
    samples: np.ndarray,
    depth: int = 8,
    colour: int = 0,
    *,
    interlace: bool = False,
    before: bytes = b"",
    pieces: int = 1,
    kinds: Sequence[int] = (),
) -> bytes:
    """Write samples (h, w) or (h, w, c) as a PNG; ``before`` goes between header and pixels, rows are filtered by ``kinds``."""
    samples = samples.reshape(samples.shape[0], samples.shape[1], CHANNELS[colour])
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlace else [samples]
    size = max(1, CHANNELS[colour] * depth // 8)
    rows = [filtered(raw(part, depth), len(part), size, list(kinds or [0])) for part in parts if part.size]
    stream = zlib.compress(b"".join(rows))
    size = -(-len(stream) // pieces)
    pixels = b"".join(chunk(b"IDAT", stream[i : i + size]) for i in range(0, len(stream), size))
    head = header(samples.shape[1], samples.shape[0], depth, colour, int(interlace))
    return SIGNATURE + head + before + pixels + chunk(b"IEND", b"")


def filtered(rows: bytes, high: int, size: int, kinds: list[int]) -> bytes:
    """Apply the filters ``kinds``, in turn, to unfiltered rows whose pixels have ``size`` bytes."""
    plain = np.frombuffer(rows, np.uint8).reshape(high, -1)[:, 1:].astype(int)
    left = np.pad(plain, ((0, 0), (size, 0)))[:, :-size]
    up = np.pad(plain, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(plain, ((1, 0), (size, 0)))[:-1, :-size]
    ways = [abs(left + up - corner - one) for one in (left, up, corner)]
    paeth = np.where((ways[0] <= ways[1]) & (ways[0] <= ways[2]), left, np.where(ways[1] <= ways[2], up, corner))
    foreseen = [np.zeros_like(plain), left, up, (left + up) // 2, paeth]
    result = np.empty((high, plain.shape[1] + 1), np.uint8)
    for row in range(high):
        kind = kinds[row % len(kinds)]
        result[row, 0], result[row, 1:] = kind, (plain[row] - foreseen[kind][row]) % 256
    return result.tobytes()


def seven(side: int = 280, pen: int | None = None) -> np.ndarray:
    """A printed seven, (side, side), 0 ink on 255."""
    pen = pen or max(1, side // 14)
    paper = np.full((side, side), 255, np.uint8)
    top, bottom, left, right = side // 5, side - side // 5, side // 4, side - side // 4
    paper[top : top + pen, left:right] = 0
    paper[top:bottom, right - pen : right] = 0
    return paper


def box_of(strokes: list) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([np.array(line, float) for line in strokes])
    return points.min(axis=0), points.max(axis=0)


def placed(strokes: list, size: float, x: float, y: float) -> list:
    """Scale strokes so that their longest side is ``size`` and put their middle at (x, y)."""
    low, high = box_of(strokes)
    scale, middle = size / (high - low).max(), (low + high) / 2
    return [((np.array(line, float) - middle) * scale + (x, y)).tolist() for line in strokes]


def drawn(strokes: list, width: float = 280, height: float = 280) -> Drawing:
    return from_strokes(parse_strokes(strokes, width, height))


def coverage(path: np.ndarray, side: int, pen: float) -> np.ndarray:
    """How much ink a round pen leaves along ``path`` (n, 4), 0..1, from the distance of each pixel's centre: no rasteriser."""
    y, x = np.mgrid[:side, :side] + 0.5
    nearest = np.full((side, side), np.inf)
    for x0, y0, x1, y1 in path:
        length = (x1 - x0) ** 2 + (y1 - y0) ** 2
        t = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1) if length else 0
        nearest = np.minimum(nearest, (x - x0 - t * (x1 - x0)) ** 2 + (y - y0 - t * (y1 - y0)) ** 2)
    return np.clip(pen / 2 + 0.5 - np.sqrt(nearest), 0, 1).astype(np.float32)


def over_the_ink(one: np.ndarray, other: np.ndarray) -> float:
    """The mean difference, in grey levels of 255, where either has ink."""
    inked = (one > 0) | (other > 0)
    return float(255 * np.abs(one - other)[inked].mean())
