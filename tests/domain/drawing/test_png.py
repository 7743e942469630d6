from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.domain.drawing import from_png, to_png
from functions.errors import BrokenPicture, EmptyDrawing, Situation, TooLarge, WrongType
from tests.support.examples import examples
from tests.support.pictures import REAL, SIGNATURE, chunk, drawn, header, placed, png, raw, seven

GOOD = png(seven(60))
END = chunk(b"IEND", b"")
WANTED = from_png(png(seven())).square


def pixels(body: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(body))


def like(one: np.ndarray, other: np.ndarray = WANTED) -> bool:
    return float(np.abs(one - other).mean()) < 0.01


def test_our_own_pictures_come_back_pixel_for_pixel():
    for hand in REAL[::6]:
        ink = drawn(hand["strokes"], 500, 500).ink
        assert np.array_equal(from_png(to_png(ink)).ink, ink)


def test_the_same_ink_is_written_as_the_same_plain_bytes():
    ink = drawn(REAL[0]["strokes"], 500, 500).ink
    body = to_png(ink)
    assert body == to_png(ink.copy())
    with Image.open(BytesIO(body)) as picture:
        assert (picture.mode, picture.size, picture.info) == ("L", (280, 280), {})
        assert np.array_equal(np.asarray(picture), ink)


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_grey_of_every_depth_is_read(depth, interlace):
    samples = (seven().astype(np.uint32) * ((1 << depth) - 1)) // 255
    assert like(from_png(png(samples, depth, interlace=interlace)).square)


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_colour_and_alpha_are_read(depth, colour, channels, interlace):
    samples = np.repeat((seven().astype(np.uint32) * ((1 << depth) - 1)) // 255, channels, axis=1).reshape(280, 280, channels)
    if colour in (4, 6):
        samples[:, :, -1] = (1 << depth) - 1
    assert like(from_png(png(samples, depth, colour, interlace=interlace)).square)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_with_transparency_is_read(depth):
    palette = chunk(b"PLTE", bytes([20, 20, 90, 0, 0, 0]))  # blue ink, and black that nobody sees
    samples = (seven() > 0).astype(np.uint8)
    assert like(from_png(png(samples, depth, 3, before=palette + chunk(b"tRNS", bytes([255, 0])))).square)


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (255, 255, 0), (200, 30, 30)])
def test_transparent_is_paper_whatever_the_ink(ink):
    samples = np.zeros((280, 280, 4), np.uint8)
    samples[seven() == 0] = (*ink, 255)
    assert like(from_png(png(samples, 8, 6)).square)


@pytest.mark.parametrize(("depth", "key"), [(8, 255), (16, 65535), (16, 300)])
def test_a_grey_that_stands_for_transparent_is_paper(depth, key):
    samples = np.where(seven() == 0, 5, key)
    assert like(from_png(png(samples, depth, 0, before=chunk(b"tRNS", key.to_bytes(2, "big")))).square)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (90, 230), (230, 90), (190, 255), (60, 0)])
def test_light_on_dark_and_dark_on_light_are_the_same_drawing(ink, paper):
    assert like(from_png(png(np.where(seven() == 0, ink, paper))).square)


def test_yellow_on_white_is_ink():
    samples = np.full((280, 280, 3), 255, np.uint8)
    samples[seven() == 0] = (255, 255, 0)
    assert like(from_png(png(samples, 8, 2)).square)


def test_a_bold_drawing_that_fills_its_picture_is_still_dark_on_light():
    paper = np.full((100, 60), 255, np.uint8)
    paper[6:94, 8:52] = 0
    paper[26:74, 24:36] = 255
    square = from_png(png(paper)).square
    assert square[14, 14] < 0.5
    assert np.array_equal(square, from_png(png(255 - paper)).square)


@pytest.mark.long_run
@pytest.mark.parametrize(("side", "period"), [(2048, 2), (2048, 42), (1000, 11), (999, 10), (2048, 3), (1500, 23)])
@pytest.mark.parametrize("across", [False, True])
def test_stripes_are_a_drawing_wherever_the_paper_is_sampled(side, period, across):
    paper = np.full((side, side), 255, np.uint8)
    paper[:, ::period] = 0
    assert from_png(png(paper.T if across else paper)).square.max() > 0.5
    assert from_png(png(255 - paper)).square.max() > 0.5


def test_noise_and_dust_do_not_count():
    rng = np.random.default_rng(0)
    paper = np.clip(np.where(seven() == 0, 40, 225) + rng.normal(0, 6, (280, 280)), 0, 255).astype(np.uint8)
    paper[5, 5] = paper[270, 9] = 0
    assert like(from_png(png(paper)).square)


@pytest.mark.parametrize("paper", [0, 128, 250, 255])
def test_blank_paper_is_an_empty_drawing(paper):
    flat = np.full((90, 90), paper, np.uint8)
    for blank in (flat, np.clip(flat + np.random.default_rng(0).normal(0, 5, (90, 90)), 0, 255).astype(np.uint8)):
        with pytest.raises(EmptyDrawing, match="Nothing is drawn"):
            from_png(png(blank))
    for value in (0, 255):
        with pytest.raises(EmptyDrawing):
            from_png(png(np.full((90, 90, 4), (value, value, value, 0), np.uint8), 8, 6))


@pytest.mark.parametrize("side", [28, 56, 140, 300, 560, 1400, 2048])
def test_a_picture_of_any_size_is_the_same_drawing(side):
    assert float(np.abs(from_png(png(seven(side))).square - WANTED).mean()) < 0.03


def test_a_small_drawing_on_a_large_picture_keeps_its_pixels():
    drawing = drawn(placed(REAL[2]["strokes"], 150, 140, 140))
    large = np.full((1500, 2000), 255, np.uint8)
    large[1000:1280, 300:580] = drawing.ink
    found = from_png(png(large))
    assert np.array_equal(np.sort(found.ink, axis=None), np.sort(drawing.ink, axis=None))
    assert np.abs(found.square - from_png(to_png(drawing.ink)).square).max() <= 1 / 255


@examples(8)
@given(across=st.integers(0, 40), down=st.integers(0, 40), side=st.sampled_from([64, 100, 333, 700]))
def test_moving_a_drawing_on_a_picture_of_any_size_changes_nothing(across, down, side):
    part = seven(60)[8:52, 8:52]

    def at(x: int, y: int) -> np.ndarray:
        paper = np.full((side, side), 255, np.uint8)
        x, y = x * (side - 44) // 40, y * (side - 44) // 40
        paper[y : y + 44, x : x + 44] = part
        return from_png(png(paper)).square

    assert np.abs(at(0, 0) - at(across, down)).max() <= 1 / 255


def test_a_picture_is_small_enough_or_refused():
    with pytest.raises(TooLarge, match="1048576 bytes"):
        from_png(GOOD + bytes(1 << 20))
    for size in ((2049, 1), (1, 2049), (1 << 31, 1 << 31), (100_000, 100_000)):
        with pytest.raises(TooLarge, match="2048 x 2048"):
            from_png(SIGNATURE + header(*size) + pixels(b"") + END)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\xff\xd8\xff\xe0 JFIF", b"GIF89a", b"<svg/>", GOOD[:7], GOOD[1:], b"BM" + bytes(50)]
)
def test_what_is_no_png_is_of_the_wrong_type(data):
    with pytest.raises(WrongType, match="PNG"):
        from_png(data)


@pytest.mark.parametrize("format_", ["JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_other_pictures_are_of_the_wrong_type(format_):
    body = BytesIO()
    Image.fromarray(seven(60)).save(body, format_)
    with pytest.raises(WrongType):
        from_png(body.getvalue())


def test_an_animated_png_is_of_the_wrong_type():
    body = BytesIO()
    Image.fromarray(seven(60)).save(body, "PNG", save_all=True, append_images=[Image.fromarray(255 - seven(60))])
    with pytest.raises(WrongType, match="animated"):
        from_png(body.getvalue())


GREY = raw(np.where(seven(60) == 0, 0, 255)[:, :, None], 8)
HEAD = header(60, 60)
STREAM = zlib.compress(GREY)
PALETTE = chunk(b"PLTE", bytes(6))


@pytest.mark.parametrize(
    "parts",
    {
        "no chunk": [],
        "only a header": [HEAD],
        "no pixels": [HEAD, END],
        "no end": [HEAD, pixels(GREY)],
        "an end that is not empty": [HEAD, pixels(GREY), chunk(b"IEND", b"x")],
        "pixels before the header": [pixels(GREY), HEAD, END],
        "two headers": [HEAD, HEAD, pixels(GREY), END],
        "a short header": [chunk(b"IHDR", bytes(12)), pixels(GREY), END],
        "no width": [header(0, 60), pixels(GREY), END],
        "no height": [header(60, 0), pixels(GREY), END],
        "an unknown depth": [header(60, 60, 3), pixels(GREY), END],
        "an unknown colour type": [header(60, 60, 8, 5), pixels(GREY), END],
        "a depth the type lacks": [header(60, 60, 16, 3), PALETTE, pixels(GREY), END],
        "an unknown interlace": [header(60, 60, 8, 0, 2), pixels(GREY), END],
        "a critical chunk unknown": [HEAD, chunk(b"ABCD", b""), pixels(GREY), END],
        "a name that is no name": [HEAD, chunk(b"a b1", b""), pixels(GREY), END],
        "interrupted pixels": [HEAD, chunk(b"IDAT", STREAM[:20]), chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", STREAM[20:]), END],
        "too few pixels": [HEAD, pixels(GREY[:-1]), END],
        "too many pixels": [HEAD, pixels(GREY + b"\0"), END],
        "a stream cut off": [HEAD, chunk(b"IDAT", STREAM[:-3]), END],
        "bytes after the stream": [HEAD, chunk(b"IDAT", STREAM + b"more"), END],
        "a stream that is no stream": [HEAD, chunk(b"IDAT", b"not zlib at all"), END],
        "an unknown filter": [HEAD, pixels(b"\5" + GREY[1:]), END],
        "no palette": [header(60, 60, 8, 3), pixels(GREY), END],
        "a palette on grey": [HEAD, PALETTE, pixels(GREY), END],
        "a palette of part of a colour": [header(60, 60, 8, 3), chunk(b"PLTE", bytes(7)), pixels(bytes(3660)), END],
        "a palette too long": [header(60, 60, 1, 3), chunk(b"PLTE", bytes(9)), pixels(bytes(60 * 9)), END],
        "two palettes": [header(60, 60, 8, 3), PALETTE, PALETTE, pixels(bytes(3660)), END],
        "a palette after the pixels": [header(60, 60, 8, 3), pixels(bytes(3660)), PALETTE, END],
        "a colour beyond the palette": [header(60, 60, 8, 3), PALETTE, pixels(GREY), END],
        "transparency too long": [header(60, 60, 8, 3), PALETTE, chunk(b"tRNS", bytes(3)), pixels(bytes(3660)), END],
        "transparency beside alpha": [header(60, 60, 8, 4), chunk(b"tRNS", bytes(2)), pixels(bytes(60 * 121)), END],
        "transparency before the palette": [header(60, 60, 8, 3), chunk(b"tRNS", b"\0"), PALETTE, pixels(bytes(3660)), END],
    }.items(),
    ids=lambda case: case[0],
)
def test_a_broken_picture_is_refused(parts):
    with pytest.raises(BrokenPicture) as caught:
        from_png(SIGNATURE + b"".join(parts[1]))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "behind", [b"x", b"\0" * 5000, chunk(b"tEXt", b"a\0b"), GOOD, b"PK\3\4" + bytes(60), b"<script>", b"%PDF-1.7"]
)
def test_bytes_behind_the_end_are_passed_over(behind):
    assert np.array_equal(from_png(GOOD + behind).ink, from_png(GOOD).ink)


def test_the_orientation_tag_is_passed_over():
    turned = chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0")
    assert np.array_equal(from_png(png(seven(60), before=turned)).ink, from_png(GOOD).ink)


def test_a_file_of_thousands_of_chunks_is_refused_early():
    with pytest.raises(TooLarge, match="4096 chunks"):
        from_png(SIGNATURE + HEAD + chunk(b"tEXt", b"") * 80_000 + pixels(GREY) + END)
    assert from_png(png(seven(60), pieces=1000)).strokes is None


def test_every_damaged_chunk_is_noticed():
    damaged = bytearray(png(seven(60), before=chunk(b"tEXt", b"who\0me"), pieces=3))
    for at in range(8, len(damaged)):
        damaged[at] ^= 1
        with pytest.raises((BrokenPicture, TooLarge)):
            from_png(bytes(damaged))
        damaged[at] ^= 1


def test_a_picture_cut_off_anywhere_is_refused():
    for length in range(8, len(GOOD)):
        with pytest.raises(BrokenPicture):
            from_png(GOOD[:length])


def test_a_bomb_is_not_inflated():
    bomb = zlib.compress(bytes(100_000_000), 9)
    assert len(bomb) < 1 << 20
    with pytest.raises(BrokenPicture, match="more pixels"):
        from_png(SIGNATURE + HEAD + chunk(b"IDAT", bomb) + END)


def test_text_colour_profiles_and_other_extras_are_passed_over():
    bomb = b"who\0\0" + zlib.compress(bytes(50_000_000), 9)
    extras = chunk(b"zTXt", bomb) + chunk(b"iCCP", bomb) + chunk(b"gAMA", bytes(4)) + chunk(b"prVt", b"mine")
    assert np.array_equal(from_png(png(seven(60), before=extras, pieces=4)).ink, from_png(GOOD).ink)


mutations = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["set", "insert", "drop"])), max_size=6
)


@examples(80)
@given(mutations=mutations, mend=st.booleans(), colour=st.sampled_from([0, 2, 3, 4, 6]), interlace=st.booleans())
def test_mutated_pictures_are_drawings_or_situations(mutations, mend, colour, interlace):
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    samples = np.repeat(seven(30) // (255 if colour == 3 else 1), channels, axis=1).reshape(30, 30, channels)
    data = bytearray(png(samples, 8, colour, interlace=interlace, before=PALETTE if colour == 3 else b""))
    for at, value, how in mutations:
        at %= len(data)
        data[at : at + (how != "insert")] = b"" if how == "drop" else bytes([value])
    try:
        drawing = from_png(mended(bytes(data)) if mend else bytes(data))
    except Situation:
        return
    assert drawing.ink.shape == (280, 280)
    assert np.isfinite(drawing.square).all()


def mended(data: bytes) -> bytes:
    """Put right every checksum that can be, so that mutations get past the first guard."""
    at, result = 8, data[:8]
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            break
        result += chunk(data[at + 4 : at + 8], data[at + 8 : end - 4])
        at = end
    return result + data[at:]


@examples(60)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_drawing_or_a_situation(data, signed):
    with pytest.raises(Situation):
        from_png((SIGNATURE if signed else b"") + data)


@examples(25)
@given(st.data())
def test_any_pixels_are_a_drawing_or_empty(data):
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    values = data.draw(st.lists(st.sampled_from([0, 60, 128, 200, 255]), min_size=height * width, max_size=height * width))
    try:
        drawing = from_png(png(np.array(values, np.uint8).reshape(height, width)))
    except EmptyDrawing:
        return
    assert np.isfinite(drawing.square).all()
    assert 0 <= drawing.square.min() <= drawing.square.max() <= 1
    assert drawing.square.max() > 0
