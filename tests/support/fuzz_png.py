"""Throw damaged pictures at the picture door until the time is over: python -m tests.support.fuzz_png FOLDER SECONDS

atheris finds inputs that reach new lines of the door, where it can be installed (Linux on x86-64); elsewhere the corpus is
changed at random. FOLDER takes what atheris finds. The status is not 0 if an input is neither drawn nor refused in words, or
takes a second.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from importlib.util import find_spec
from pathlib import Path

if __name__ == "__main__" and find_spec("atheris"):
    import atheris

    with atheris.instrument_imports(include=["functions.domain.drawing"]):
        pass

import numpy as np

from functions.domain.drawing import from_png
from functions.domain.drawing.png_chunks import CHANNELS, Header
from functions.errors import Situation
from tests.support.pictures import SIGNATURE, chunk, header
from tests.support.png_corpus import broken, good, hostile

KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]
LONGEST = 1.0  # seconds of processor time; many times what any picture takes
LARGEST_SEED = 4096  # bytes


def try_picture(data: bytes) -> None:
    """Let the door read what ``data`` stands for; raise whatever is no named situation."""
    picture = mended(data[1:]) if data[:1] == b"\x89" else made_of(data)
    began = time.thread_time()
    try:
        square = from_png(picture).square
    except Situation:
        return
    finally:
        assert time.thread_time() - began < LONGEST, "This picture takes long."
    assert np.isfinite(square).all()
    assert 0 <= square.min() <= square.max() <= 1


def mended(data: bytes) -> bytes:
    """Return chunks as a file, with every checksum put right that can be."""
    at, result = 0, SIGNATURE
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            break
        result += chunk(data[at + 4 : at + 8], data[at + 8 : end - 4])
        at = end
    return result + data[at:]


def made_of(data: bytes) -> bytes:
    """Return a whole PNG whose kind, size, palette and filtered rows are taken from ``data``."""
    kind, wide, high, more, *rest = data.ljust(5, b"\0")
    colour, depth = KINDS[kind % len(KINDS)]
    shape = Header(wide + 1, high + 1, depth, colour, bool(more & 1))
    size = sum((columns * CHANNELS[colour] * depth + 7) // 8 * rows + rows for _, _, rows, columns in shape.passes)
    body = bytes(rest)
    before = chunk(b"PLTE", (body * 768)[: 3 * (1 << min(depth, 8))]) if colour == 3 else b""
    if more & 2 and colour in (0, 2, 3):
        before += chunk(b"tRNS", (body * 6)[: {0: 2, 2: 6, 3: 2}[colour]])
    pixels = chunk(b"IDAT", zlib.compress((body * (size // len(body) + 1))[:size], 1))
    head = header(shape.width, shape.height, depth, colour, int(shape.interlaced))
    return SIGNATURE + head + before + pixels + chunk(b"IEND", b"")


def seeds() -> list[bytes]:
    """Return the corpus, and a picture of each kind made of few bytes."""
    pictures = [*good(), *hostile(), *(one for _, picture in list(good())[::7] for one in broken(picture))]
    some = [b"\x89" + picture[8:] for _, picture in pictures if len(picture) <= LARGEST_SEED]
    return some + [bytes([kind, 30, 20, more, 0, 1, 2, 3, 4, 255]) for kind in range(len(KINDS)) for more in range(4)]


def mutate(seconds: float) -> None:
    """Change the corpus at random for some ``seconds``."""
    corpus, rng, end = seeds(), random.Random(0), time.monotonic() + seconds
    while time.monotonic() < end:
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
            data = data or bytearray(1)
        try_picture(bytes(data))


def main() -> None:
    """Fuzz the picture door."""
    folder, seconds = Path(sys.argv[1]), int(sys.argv[2])
    if not find_spec("atheris"):
        mutate(seconds)
        return
    for place, seed in enumerate(seeds()):
        (folder / f"seed-{place}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(folder), f"-max_total_time={seconds}", "-max_len=8192", "-print_final_stats=1"], try_picture)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
