"""Print what the dearest known drawings cost a web process: processor time of one core, and memory beyond what it had.

    python -m benchmarks.worst_drawings

Each drawing is as large as the door lets in, or just refused. It is read, drawn as a square and as ink, and the ink written as a
PNG, as for a drawing that is kept. The time is the least of three rounds; the memory is the peak of a process of its own.
The last line times zlib on zeros, to compare processors.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import multiprocessing
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic_core import from_json
from zlib_ng import zlib_ng

from functions.domain.drawing import from_png, from_strokes, parse_strokes, to_json, to_png
from functions.domain.drawing.png_chunks import CHANNELS, SIGNATURE, chunk
from functions.errors import Situation

Case = tuple[str, Callable[[], bytes]]  # its name, and what makes its bytes

SIDE = 2048
ROUNDS = 3
BOMB = 100_000_000  # bytes
PERIOD = 30_000  # bytes after which noise repeats: zlib finds it again, a processor cannot foresee it


def main() -> None:
    """Run the benchmark."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    show([*pictures(), *strokes()], take)
    zeros = zlib.compress(bytes(1 << 22))
    print(f"zlib on zeros: {(1 << 22) / 1e6 / min(timed(lambda: zlib.decompress(zeros))[0] for _ in range(20)):.0f} MB/s")


def show(cases: Iterable[Case], take: Callable[[bytes], str]) -> None:
    """Print what each case costs."""
    print(f"{'drawing':50} {'sent':>9} {'time':>9} {'memory':>9}  answer")
    for name, make in cases:
        body = make()
        least, peak, answer = measured(body, take=take)
        print(f"{name:50} {len(body) / 1000:6.0f} kB {1000 * least:6.1f} ms {peak / 1e6:6.1f} MB  {answer}", flush=True)


def take(body: bytes) -> str:
    """Do what a web process does with a drawing that is kept, and return how it was answered."""
    try:
        if body.startswith(b"{"):
            fields = from_json(body, allow_inf_nan=False)
            drawing = from_strokes(parse_strokes(fields["strokes"], fields["width"], fields["height"]))
            to_json(drawing.strokes)  # type: ignore[arg-type]
        else:
            drawing = from_png(body)
        to_png(drawing.ink)
    except Situation as situation:
        return type(situation).__name__
    return "drawn"


def measured(body: bytes, rounds: int = ROUNDS, take: Callable[[bytes], str] = take) -> tuple[float, int, str]:
    """Return the least seconds of processor time, the bytes of memory and the answer of a drawing, in a process of its own."""
    small = multiprocessing.get_context("forkserver")  # a fork of a large program would share its memory, and take some of it
    small.set_forkserver_preload(["functions.domain.reading"])  # what takes long to import
    here, there = small.Pipe()
    child = small.Process(target=_measure, args=(body, rounds, take, there))
    child.start()
    found: tuple[float, int, str] = here.recv()
    child.join()
    return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the processor time of this thread in seconds, and what ``work`` returned."""
    began = time.thread_time()
    result = work()
    return time.thread_time() - began, result


def _measure(body: bytes, rounds: int, take: Callable[[bytes], str], answer: Any) -> None:
    take(body)  # what is only done once is done
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # else what was freed before hides what the drawing takes
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak
    found = [timed(lambda: take(body)) for _ in range(rounds)]
    answer.send((min(seconds for seconds, _ in found), max(0, _memory("VmHWM") - before), found[0][1]))


def _memory(kind: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(kind)).split()[1])


def png(samples: np.ndarray, colour: int = 0, depth: int = 8, kind: int | np.ndarray = 0, **more: Any) -> bytes:
    """Write a PNG whose rows (h, bytes) are taken as if the filter ``kind`` had been applied to them already."""
    rows = np.empty((len(samples), samples.shape[1] + 1), np.uint8)
    rows[:, 0], rows[:, 1:] = kind, samples
    width = samples.shape[1] * 8 // (CHANNELS[colour] * depth)
    return framed(rows.tobytes(), width, len(samples), colour, depth, **more)


def framed(
    raw: bytes, width: int, height: int, colour: int, depth: int, *, interlace: bool = False, before: bytes = b""
) -> bytes:
    """Put filtered rows into a PNG."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, colour, 0, 0, interlace])
    return SIGNATURE + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib_ng.compress(raw, 9)) + chunk(b"IEND", b"")


def noise(height: int, width: int, levels: int = 256, period: int = PERIOD) -> np.ndarray:
    """Return bytes (height, width) that compress well and look like noise to a processor."""
    some = np.random.default_rng(0).integers(0, levels, period).astype(np.uint8)
    return np.resize(some, height * width).reshape(height, width)


def pictures() -> Iterator[Case]:
    """Yield the dearest pictures."""
    kinds = np.arange(SIDE) % 5
    yield "2048 x 2048 RGBA16, zeros", lambda: png(np.zeros((SIDE, 8 * SIDE), np.uint8), 6, 16)
    yield "2048 x 2048 RGBA16, noise", lambda: png(noise(SIDE, 8 * SIDE, 2), 6, 16)
    yield "2048 x 2048 RGBA, noise, Paeth", lambda: png(noise(SIDE, 4 * SIDE), 6, kind=4)
    yield "1024 x 1024 RGBA, noise, Paeth", lambda: png(noise(1024, 4 * 1024), 6, kind=4)
    yield "1448 x 1448 RGBA, noise", lambda: png(noise(1448, 4 * 1448), 6)
    yield (
        "2048 x 2048 RGBA, noise in alpha",
        lambda: png(np.kron(noise(SIDE, SIDE, period=4000), np.array([0, 0, 0, 1], np.uint8)), 6),
    )
    yield "2048 x 2048 RGB, noise", lambda: png(noise(SIDE, 3 * SIDE), 2)
    yield "1800 x 1800 RGB, noise, left", lambda: png(noise(1800, 3 * 1800), 2, kind=1)
    yield "1500 x 1500 RGB, noise, each filter in turn", lambda: png(noise(1500, 3 * 1500, 2), 2, kind=kinds[:1500])
    yield "2048 x 2048 grey, noise", lambda: png(noise(SIDE, SIDE))
    yield "2048 x 2048 grey, noise, Paeth", lambda: png(noise(SIDE, SIDE, 2), kind=4)
    yield "1800 x 1800 grey, noise, Paeth", lambda: png(noise(1800, 1800, 2), kind=4)
    yield "2048 x 2048 grey, flat, Paeth", lambda: png(np.eye(SIDE, dtype=np.uint8) * 200, kind=4)
    yield "2048 x 2048 grey, each filter in turn", lambda: png(noise(SIDE, SIDE, 2), kind=kinds)
    yield "2048 x 2048 grey and alpha, noise", lambda: png(noise(SIDE, 2 * SIDE), 4)
    yield "2048 x 2048 grey, rings", lambda: png(rings(SIDE, 16))
    yield "2048 x 2048 palette, noise", lambda: png(noise(SIDE, SIDE), 3, before=palette())
    yield (
        "2048 x 2048 palette with transparency, noise",
        lambda: png(noise(SIDE, SIDE), 3, before=palette() + chunk(b"tRNS", bytes(range(256)))),
    )
    yield (
        "1280 x 1280 palette with transparency",
        lambda: png(noise(1280, 1280), 3, before=palette() + chunk(b"tRNS", bytes(range(256)))),
    )
    yield "2048 x 2048 1 bit, checkerboard", lambda: png(np.tile(np.array([[0x55], [0xAA]], np.uint8), (1024, 256)), depth=1)
    yield (
        "1448 x 1448 RGB16 with a transparent colour",
        lambda: png(noise(1448, 6 * 1448), 2, 16, before=chunk(b"tRNS", bytes(6))),
    )
    yield "2048 x 2048 grey, interlaced", lambda: framed(interlaced(1, SIDE), SIDE, SIDE, 0, 8, interlace=True)
    yield "1448 x 1448 RGBA, noise, interlaced", lambda: framed(interlaced(4, 1448), 1448, 1448, 6, 8, interlace=True)
    for name, ink in patterns():
        yield f"280 x 280, {name}", partial(png, ink)
    ink = png(rings(280, 40))
    yield "87,000 empty text chunks", lambda: ink[:33] + chunk(b"tEXt", b"") * 87_000 + ink[33:]
    yield "4,000 empty text chunks", lambda: ink[:33] + chunk(b"tEXt", b"") * 4000 + ink[33:]
    yield "280 x 280, a zlib bomb", lambda: framed(bytes(BOMB), 280, 280, 0, 8)
    yield (
        "280 x 280, a bomb of text",
        lambda: ink[:33] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(500_000_000), 9)) + ink[33:],
    )
    yield "1 x 1, half transparent", lambda: png(np.array([[0, 0, 0, 127]], np.uint8), 6)
    yield "1 x 2048", lambda: png(noise(SIDE, 1, 2) * np.uint8(255))


def palette() -> bytes:
    """Return a palette of 256 colours."""
    return chunk(b"PLTE", np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())


def interlaced(channels: int, side: int) -> bytes:
    """Return the seven passes of an interlaced picture of noise, with a filter of each kind in turn."""
    raw = noise(1, channels * side * side + 30 * side, 2)[0].tobytes()
    passes, at = [], 0
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        high, wide = -(-(side - y) // dy), -(-(side - x) // dx) * channels
        rows = np.frombuffer(raw[at : at + high * (wide + 1)], np.uint8).reshape(high, wide + 1).copy()
        rows[:, 0] = np.arange(high) % 5
        passes.append(rows.tobytes())
        at += rows.size
    return b"".join(passes)


def rings(side: int, width: int) -> np.ndarray:
    """Return nested rings (side, side), each half of ``width`` wide."""
    y, x = np.mgrid[:side, :side] - side / 2
    r = np.hypot(y, x)
    return np.where((r % width < width / 2) & (r < side / 2 - 1), 0, 255).astype(np.uint8)


def patterns() -> Iterator[tuple[str, np.ndarray]]:
    """Yield pictures (280, 280) with as many pieces, or as much outline, as there can be."""
    y, x = np.mgrid[:280, :280]
    rng = np.random.default_rng(0)
    for width in (1, 2, 20, 30):
        yield f"checkerboard of {width}", ((y // width + x // width) % 2 * 255).astype(np.uint8)
    for part in (0.0005, 0.02, 0.3, 0.5):
        yield f"noise, {part:.2%} black", np.where(rng.random((280, 280)) < part, 0, 255).astype(np.uint8)
    yield "dots", np.where((y % 36 < 12) & (x % 36 < 12), 0, 255).astype(np.uint8)
    for width in (3, 16, 30):
        yield f"rings of {width}", rings(280, width)
    for width in (4, 8, 14):
        yield f"comb of {width}", np.where((x % width < width // 2) | (y < 6), 0, 255).astype(np.uint8)
    for width in (4, 16, 40):
        yield f"grid of {width}", np.where((x % width == 0) | (y % width == 0), 0, 255).astype(np.uint8)
    for width in (6, 14):
        turns = np.arctan2(y - 140, x - 140) * width / 2 / np.pi
        yield f"spiral of {width}", np.where((np.hypot(y - 140, x - 140) + turns) % width < width / 2, 0, 255).astype(np.uint8)


def strokes() -> Iterator[Case]:
    """Yield the dearest strokes: 10,000 points, or 200 strokes."""
    rng = np.random.default_rng(0)
    i = np.arange(10_000)
    far = rng.uniform(0, 280, (10_000, 2))
    known = np.column_stack([far, i * 3.37, rng.uniform(0, 1, 10_000)])
    angle = i / 30
    spiral = np.column_stack([140 + 0.014 * i * np.cos(angle), 140 + 0.014 * i * np.sin(angle)])
    yield "10,000 random points", lambda: json_of([far])
    yield "10,000 random points with time and pressure", lambda: json_of([known])
    yield "200 strokes of 50 random points", lambda: json_of(far.reshape(200, 50, 2))
    yield "10,000 points, zigzag", lambda: json_of([np.column_stack([i % 2 * 280, i * 0.028])])
    yield "10,000 points, from corner to corner", lambda: json_of([np.column_stack([i % 2 * 280, i % 2 * 280])])
    yield (
        "10,000 points, in and out of the canvas",
        lambda: json_of([np.column_stack([-280 + i % 2 * 840, rng.uniform(-280, 560, 10_000)])]),
    )
    yield "10,000 points, zigzag of one pixel", lambda: json_of([np.column_stack([140 + i % 2, 140 + i / 10_000])])
    yield "10,000 points, spiral", lambda: json_of([spiral])
    yield "3,900 points, zigzag of five pixels", lambda: json_of([np.column_stack([140 + i % 2 * 5, 140 + i / 100])[:3900]])
    yield "10,000 points on one spot", lambda: json_of([np.full((10_000, 2), 140)])
    yield "200 dots", lambda: json_of(far[:200].reshape(200, 1, 2))
    yield "200 strokes of 50 times one point", lambda: json_of(far[:200].reshape(200, 1, 2).repeat(50, axis=1))
    yield "10,000 points, the last is none", lambda: json_of([[*far[:-1].tolist(), [1, "2"]]])


def json_of(lines: Any, width: int = 280, height: int = 280) -> bytes:
    """Return strokes as a request has them."""
    listed = [line if isinstance(line, list) else line.tolist() for line in lines]
    return json.dumps({"strokes": listed, "width": width, "height": height}).encode()


if __name__ == "__main__":
    main()
