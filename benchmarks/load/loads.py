"""The requests that the throughput benchmarks play: drawings of real people, predicted and contributed by many visitors."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import requests
from PIL import Image

from benchmarks.end_to_end import STROKES, Drawing, read_writers, strokes_of
from benchmarks.load.clients import as_json, prepared
from functions.domain.drawing import from_strokes, parse_strokes

SET = "/api/v1/sets/digits"
# The trust rules would refuse a visitor's hundredth drawing, and a training would take processors.
SETTINGS = {"INKLOOP_LEARN_AFTER": "86400", "INKLOOP_TRUST": "open", "INKLOOP_TRAIN": "asked"}


def shuffled_drawings() -> list[Drawing]:
    """Return the drawings of writers 13 to 30, in an order that is always the same."""
    drawings = [drawing for writer in read_writers(STROKES)[12:] for drawing in writer]
    Random(1).shuffle(drawings)
    return drawings


def loads(drawings: list[Drawing], address: str) -> dict[str, list[bytes]]:
    """Return the requests of each load of the platform."""
    strokes = [strokes_of(drawing) for drawing in drawings[:400]]
    visitors = [_cookie(address, body) for body in strokes[:40]]
    cookies = [{"Cookie": visitors[number % len(visitors)]} for number in range(len(strokes))]
    pictures = [as_picture(body) for body in strokes[:100]]
    return {
        "predict": [as_json(f"{SET}/predictions", body) for body in strokes],
        "predict, kept": [
            as_json(f"{SET}/predictions", {**body, "consent": True}, cookie)
            for body, cookie in zip(strokes, cookies, strict=True)
        ],
        "predict, PNG": [prepared(f"{SET}/predictions", picture, "image/png") for picture in pictures],
        "contribute": [
            as_json(f"{SET}/samples", {**body, "label": drawing["label"]}, cookie)
            for body, drawing, cookie in zip(strokes, drawings[:400], cookies, strict=True)
        ],
    }


def _cookie(address: str, body: Any) -> str:
    """Be a new visitor, and return its cookie."""
    answer = requests.post(f"{address}{SET}/predictions", json={**body, "consent": True}, timeout=30)
    answer.raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def as_picture(body: Any) -> bytes:
    """Return a drawing as a 280 x 280 PNG."""
    drawing = from_strokes(parse_strokes(body["strokes"], body["width"], body["height"], None))
    buffer = io.BytesIO()
    Image.fromarray(drawing.ink).save(buffer, "PNG")
    return buffer.getvalue()
