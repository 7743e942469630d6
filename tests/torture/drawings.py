"""Drawings that the clients send, each with what the platform must keep of it."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass, field
from typing import Any

from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, to_png
from functions.records.drawings import strokes_bytes
from tests.support.pictures import REAL, placed

UPLOADS = 3  # each third drawing is a picture: of it, only the outbox and the store have the ink


@dataclass(frozen=True)
class Sent:
    """The fields of a request, and the hash of the picture and the strokes that must be kept; a picture has no strokes."""

    fields: dict[str, Any] = field(repr=False)
    png_sha256: str
    strokes: bytes | None = field(repr=False)


def drawings(count: int, chance: random.Random) -> list[Sent]:
    """Return real drawings, each of a place and a size of its own."""
    return [_drawing(chance, number % UPLOADS == 0) for number in range(count)]


def _drawing(chance: random.Random, upload: bool) -> Sent:
    size, x, y = chance.uniform(90, 220), chance.uniform(115, 165), chance.uniform(115, 165)
    lines = placed(chance.choice(REAL)["strokes"], size, x, y)
    fields: dict[str, Any] = {"strokes": lines, "width": 280, "height": 280}
    if upload:
        png = to_png(_read(fields).ink)
        fields = {"image": base64.b64encode(png).decode()}
        kept = from_png(png)
    else:
        kept = _read(fields)
    return Sent(fields, hashlib.sha256(to_png(kept.ink)).hexdigest(), strokes_bytes(kept))


def _read(fields: dict[str, Any]) -> Drawing:
    return from_strokes(parse_strokes(fields["strokes"], fields["width"], fields["height"]))
