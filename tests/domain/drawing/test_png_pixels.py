from __future__ import annotations

import zlib
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain.drawing.png_chunks import CHANNELS, DEPTHS, check
from functions.domain.drawing.png_pixels import Planes, decode
from functions.errors import BrokenPicture, TooLarge
from tests.support.examples import examples
from tests.support.pictures import SIGNATURE, chunk, header, png

KINDS = [(colour, depth) for colour, depths in DEPTHS.items() for depth in depths]
PALETTE = np.random.default_rng(1).integers(0, 256, (256, 3)).astype(np.uint8)


def samples_of(colour: int, depth: int, high: int, wide: int, seed: int = 0) -> np.ndarray:
    """Samples with runs and edges, as drawings have them, and some noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 1 << depth, (high // 5 + 1, wide // 5 + 1, CHANNELS[colour]))
    plain = np.repeat(np.repeat(coarse, 5, axis=0), 5, axis=1)[:high, :wide]
    noisy = rng.random((high, wide, 1)) < 0.1
    return np.where(noisy, rng.integers(0, 1 << depth, plain.shape), plain)


def wanted(samples: np.ndarray, colour: int, depth: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The colours (h, w, 1 or 3) and the opacity that the PNG specification asks for, of 16 bits the upper 8."""
    if colour == 3:
        return PALETTE[samples[:, :, 0]], None
    levels = samples >> 8 if depth == 16 else samples * (255 // ((1 << depth) - 1))
    return (levels[:, :, :-1], levels[:, :, -1]) if colour in (4, 6) else (levels, None)


def same(planes: Planes, colours: np.ndarray, opaque: np.ndarray | None) -> bool:
    found = np.stack(planes.colours, axis=2)
    see_through = opaque is not None and opaque.min() < 255
    return (
        bool((found == colours).all())
        and (planes.opaque is not None) == see_through
        and (planes.opaque is None or bool((planes.opaque == opaque).all()))
    )


def written(samples: np.ndarray, colour: int, depth: int, **more) -> bytes:
    palette = chunk(b"PLTE", PALETTE[: 1 << depth].tobytes()) if colour == 3 else b""
    return png(samples, depth, colour, before=palette + more.pop("before", b""), **more)


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_every_kind_of_picture_and_filter_is_decoded(colour, depth, interlace):
    sizes = [(1, 1), (1, 40), (40, 1), (2, 3), (33, 47), (70, 64)]
    filters = [[0], [1], [2], [3], [4], [0, 1, 2, 3, 4], [2] * 20 + [4] + [1] * 20, [1, 2]]
    for (high, wide), kinds in product(sizes, filters):
        samples = samples_of(colour, depth, high, wide)
        planes = decode(check(written(samples, colour, depth, interlace=interlace, kinds=kinds)))
        assert same(planes, *wanted(samples, colour, depth)), (high, wide, kinds)


@pytest.mark.parametrize("kinds", [[4], [2], [1, 2, 4, 0, 3]])
@pytest.mark.parametrize(("colour", "high", "wide"), [(0, 1500, 900), (6, 700, 500)])
def test_a_picture_larger_than_a_strip_or_a_block_is_decoded(kinds, colour, high, wide):
    samples = samples_of(colour, 8, high, wide)
    assert same(decode(check(written(samples, colour, 8, kinds=kinds))), *wanted(samples, colour, 8))


@pytest.mark.parametrize("kinds", [[0], [1], [2], [3], [4], [0, 1, 2, 3, 4]])
@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_grey_saved_as_opaque_colour_is_one_plane(kinds, interlace, value):
    grey = samples_of(0, 8, 20, 30)
    samples = np.concatenate([grey, grey, grey, np.full_like(grey, value)], axis=2)
    planes = decode(check(png(samples, 8, 6, interlace=interlace, kinds=kinds)))
    assert len(planes.colours) == 1
    assert (planes.colours[0] == grey[:, :, 0]).all()
    assert planes.opaque is None if value == 255 else (planes.opaque == value).all()


@examples(15)
@given(
    st.sampled_from(KINDS),
    st.integers(1, 20),
    st.integers(1, 20),
    st.booleans(),
    st.lists(st.integers(0, 4), min_size=1),
    st.data(),
)
def test_any_samples_come_back(kind, high, wide, interlace, kinds, data):
    colour, depth = kind
    samples = samples_of(colour, depth, high, wide, data.draw(st.integers(0, 1000)))
    planes = decode(check(written(samples, colour, depth, interlace=interlace, kinds=kinds)))
    assert same(planes, *wanted(samples, colour, depth))


@pytest.mark.parametrize(("colour", "depth"), [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16)])
def test_one_colour_stands_for_transparent_to_its_last_bit(colour, depth):
    samples = samples_of(colour, depth, 20, 20)
    key = samples[3, 4]
    if depth == 16:
        samples[0, 0] = key ^ 1  # differs in the lowest bit alone
    clear = chunk(b"tRNS", b"".join(int(level).to_bytes(2, "big") for level in key))
    planes = decode(check(png(samples, depth, colour, before=clear)))
    expected = np.where((samples == key).all(axis=2), 0, 255)
    assert planes.opaque is not None
    assert (planes.opaque == expected).all()


def test_colours_of_a_palette_may_be_transparent():
    samples = samples_of(3, 4, 20, 20)
    planes = decode(check(written(samples, 3, 4, before=chunk(b"tRNS", bytes([0, 10, 255])))))
    assert planes.opaque is not None
    assert (planes.opaque == np.array([0, 10] + [255] * 14)[samples[:, :, 0]]).all()


def noise(high: int, wide: int) -> bytes:
    some = np.random.default_rng(0).integers(0, 256, 30_000).astype(np.uint8)
    rows = np.resize(some, high * (wide + 1)).reshape(high, wide + 1)
    rows[:, 0] = 4
    return zlib.compress(rows.tobytes(), 9)


@pytest.mark.parametrize(("side", "depth", "colour"), [(2048, 8, 6), (2048, 16, 6), (2048, 16, 2), (1448, 8, 6)])
def test_noise_that_takes_too_long_to_decode_is_refused(side, depth, colour):
    body = chunk(b"IDAT", noise(side, side * CHANNELS[colour] * depth // 8))
    with pytest.raises(TooLarge, match="too long to decode"):
        decode(check(SIGNATURE + header(side, side, depth, colour) + body + chunk(b"IEND", b"")))


def test_no_more_is_inflated_than_the_header_says():
    bomb = chunk(b"IDAT", zlib.compress(bytes(30_000_000)))
    with pytest.raises(BrokenPicture, match="more pixels"):
        decode(check(SIGNATURE + header(2048, 2048) + bomb + chunk(b"IEND", b"")))
