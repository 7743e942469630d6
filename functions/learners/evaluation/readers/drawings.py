"""Read labelled drawings: a folder of PNGs, or strokes as JSON, normalised like the drawings of visitors.

A damaged file, or a folder without labels, is a ``BadCollection``.
"""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, square_to_bytes
from functions.learners.evaluation.readers.entries import BadCollection, Entries, Entry, ReadOptions, Unread
from functions.learners.squares import Pixels
from functions.store.names import escape


def unpacked(body: bytes, name: str) -> bytes:
    """Return bytes without gzip compression, if they have one."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        raise BadCollection(f"{name} is damaged: its gzip does not end as it should.") from None


def folder_entries(folder: Path, labels: tuple[str, ...]) -> Entries:
    """Read ``folder``/<label>/**.png; a label's folder has its name in the bucket, the plain label, or it percent-encoded.

    Facts (``.json``) and hidden files are ignored; all other files must be PNGs. The labels take turns, so that the first
    hundreds of drawings have all labels."""
    inside = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    of_label = {escape(label): label for label in (*labels, None)}
    parts: list[list[Entry | Unread]] = []
    for one in inside:
        if one.is_dir():
            label = of_label[one.name] if one.name in of_label else unquote(one.name)
            parts.append([Entry(str(file.relative_to(folder)), label, partial(_picture, file)) for file in _files(one)])
        elif one.suffix.lower() == ".png":
            parts.append([Unread(one.name, "It lies in no label's folder.")])
    if not any(one.is_dir() for one in inside):
        raise BadCollection(f"{folder} has no folders named after labels with PNGs in them.")
    turns = [entry for turn in itertools.zip_longest(*parts) for entry in turn if entry is not None]
    return Entries(len(turns), turns)


def _files(folder: Path) -> list[Path]:
    return sorted(
        file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".") and file.suffix != ".json"
    )


def _picture(file: Path) -> Pixels:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise BadCollection(f"It cannot be read: {error.strerror}.") from None
    return _square(from_png(body))


def stroke_entries(body: bytes, name: str, ways: ReadOptions) -> Entries:
    """Read strokes: one JSON object a line, or one JSON list of such objects.

    An object has ``label`` (None: not a symbol), ``strokes``, the canvas as ``width`` and ``height`` or as ``box``, and may
    have ``pointer`` and ``writer``."""
    rows = _rows(body, name)
    return Entries(len(rows), _of_writers(rows, ways.writers))


def _rows(body: bytes, name: str) -> list[tuple[str, Any]]:
    """Return (where, JSON value); instead of a line that is not JSON there is the exception."""
    if body.lstrip()[:1] == b"[":
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            raise BadCollection(f"{name} begins as a JSON list and is none.") from None
        return [(f"{name}[{i}]", value) for i, value in enumerate(values)]
    rows = [(f"{name}:{i}", _value(line)) for i, line in enumerate(body.splitlines(), 1) if line.strip()]
    if all(isinstance(value, Exception) for _, value in rows):
        raise BadCollection(f"{name} is none of npz, IDX, a folder of PNGs, or strokes as JSON.")
    return rows


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as broken:
        return broken


def _of_writers(rows: list[tuple[str, Any]], wanted: tuple[int, int] | None) -> Iterator[Entry | Unread]:
    writers: dict[str, int] = {}
    for where, row in rows:
        wrong = _wrong(row)
        if wrong is None and wanted is not None:
            if row.get("writer") is None:
                wrong = "It names no writer."
            else:
                number = writers.setdefault(str(row["writer"]), len(writers) + 1)
                if not wanted[0] <= number <= wanted[1]:
                    continue
        if wrong is not None:
            yield Unread(where, wrong)
        else:
            label = row["label"]
            yield Entry(where, None if label is None else str(label), partial(_drawn, row))


def _wrong(row: Any) -> str | None:
    if isinstance(row, Exception):
        return "It is no JSON."
    if not isinstance(row, dict) or not {"label", "strokes"} <= set(row):
        return "It is no object with label and strokes."
    if isinstance(row["label"], bool) or not isinstance(row["label"], str | int | None):
        return "Its label is neither text nor null."
    return None


def _drawn(row: dict[str, Any]) -> Pixels:
    box = row.get("box")
    width, height = box if isinstance(box, list) and len(box) == 2 else (row.get("width"), row.get("height"))
    return _square(from_strokes(parse_strokes(row["strokes"], width, height, row.get("pointer"))))


def _square(drawing: Drawing) -> Pixels:
    return np.frombuffer(square_to_bytes(drawing.square), np.uint8).reshape(28, 28)
