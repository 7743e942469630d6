"""The picture door: outside PNG bytes in, a checked drawing out; and the one way a drawing is written."""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np
from PIL import Image

from functions.domain.drawing.ink import INK_SIDE, Drawing, Ink
from functions.domain.drawing.ink_extraction import Pixels, ink_of_picture
from functions.domain.drawing.normalise import square_from_ink
from functions.domain.drawing.png_chunks import SIGNATURE, Checked, check, chunk
from functions.errors import BrokenPicture


def from_png(data: bytes) -> Drawing:
    """Turn the bytes of a PNG into a drawing.

    Any colour type and depth, interlaced or not; dark on light or light on dark. A picture written by ``to_png`` gives
    the same ink back.

    Raises:
        WrongType: it is no PNG, or an animated one.
        TooLarge: more than 1 MiB or 2048 x 2048.
        BrokenPicture: it cannot be read to its end.
        EmptyDrawing: nothing is drawn.

    >>> ink = np.full((280, 280), 255, np.uint8)
    >>> ink[60:220, 135:145] = 0  # an upright line
    >>> drawing = from_png(to_png(ink))
    >>> bool((drawing.ink == ink).all()), drawing.square.shape, drawing.strokes is None
    (True, (28, 28), True)
    """
    ink = ink_of_picture(*_decode(check(data)))
    return Drawing(None, square_from_ink(ink), lambda: ink)


def to_png(ink: Ink) -> bytes:
    """Write ink (280, 280) as an 8-bit grey PNG without metadata; the same ink gives the same bytes."""
    rows = np.zeros((INK_SIDE, INK_SIDE + 1), np.uint8)  # every row begins with its filter: none
    rows[:, 1:] = ink
    header = INK_SIDE.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    # Run lengths alone: a twentieth of the time of the usual search for repetitions, and a sixth more bytes.
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    parts = ((b"IHDR", header), (b"IDAT", deflate.compress(rows.tobytes()) + deflate.flush()), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(name, body) for name, body in parts)


def _decode(checked: Checked) -> tuple[Pixels, Pixels | None]:
    """Return the pixels (h, w, 1 or 3) with 8 bits, and the opacity (h, w) where there is one."""
    try:
        with Image.open(BytesIO(checked.body), formats=["PNG"]) as picture:
            picture.load()
            return _pixels(picture, checked)
    except (OSError, SyntaxError, ValueError, EOFError):  # what Pillow raises; the frame was checked, so hardly ever
        raise BrokenPicture("The PNG's pixels are damaged.") from None


def _pixels(picture: Image.Image, checked: Checked) -> tuple[Pixels, Pixels | None]:
    if picture.mode.startswith("I"):  # 16-bit grey
        deep = np.asarray(picture).astype(np.uint16)
        see_through = picture.info.get("transparency")
        opaque = None if see_through is None else np.where(deep == see_through, 0, 255).astype(np.uint8)
        return (deep >> 8).astype(np.uint8)[:, :, None], opaque
    if picture.mode == "P" and int(np.asarray(picture).max()) >= checked.colours:
        raise BrokenPicture("The PNG uses a colour that its palette lacks.")
    if picture.mode in ("RGBA", "LA") or "transparency" in picture.info:
        rgba = np.asarray(picture.convert("RGBA"))
        return rgba[:, :, :3], rgba[:, :, 3]
    if picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L"))[:, :, None], None
    return np.asarray(picture.convert("RGB")), None
