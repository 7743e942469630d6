"""Drawings that many tests use, as a client sends them and as the rooms see them."""

from __future__ import annotations

import base64
from typing import Any

from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, to_png

SEVEN = {"strokes": [[[60, 60, 0], [220, 60, 120], [130, 230, 340]]], "width": 280, "height": 280, "pointer": "pen"}
ONE = {"strokes": [[[140, 50], [140, 230]]], "width": 280, "height": 280}
BLANK = {"strokes": [], "width": 280, "height": 280}


def drawing(fields: dict[str, Any] = SEVEN) -> Drawing:
    """Return what a client's strokes become."""
    return from_strokes(parse_strokes(fields["strokes"], fields["width"], fields["height"], fields.get("pointer")))


def png(fields: dict[str, Any] = SEVEN) -> bytes:
    """Return a picture of a client's strokes."""
    return to_png(drawing(fields).ink)


def upload(fields: dict[str, Any] = SEVEN) -> Drawing:
    """Return what a picture of a client's strokes becomes."""
    return from_png(png(fields))


def base64_png(fields: dict[str, Any] = SEVEN) -> str:
    """Return a picture as JSON carries it."""
    return base64.b64encode(png(fields)).decode()
