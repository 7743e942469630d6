"""Reads drawings from lines of JSON: those of an export, and both forms of Quick, Draw!."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast

from functions.dataset.exchange.file_tree import INFLATES, SMALL, UNREADABLE, FileTree
from functions.dataset.exchange.incoming import MOST_LINE, MOST_PNG, Incoming, Labels, Refused, split_of, undrawable
from functions.domain.drawing import quick_draw
from functions.domain.problem import Problem
from functions.errors import Malformed

QUICK_DRAW_SIDE = 256  # of a simplified drawing
MARGIN = 8  # a pen at the edge of the canvas is as wide as elsewhere


def read_lines(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawing of each line of each ``.jsonl``, ``.ndjson``, or the same as ``.gz``."""
    for name in tree.names():
        if is_lines(name):
            for where, line in json_lines(tree, name):
                yield line if isinstance(line, Refused) else _of_line(labels, where, line)


def is_lines(name: str) -> bool:
    """Tell whether a file has lines of JSON, by its name."""
    plain = name.lower().removesuffix(".gz")
    return plain.endswith((".jsonl", ".ndjson")) and not plain.endswith("metadata.jsonl")


def json_lines(tree: FileTree, name: str) -> Iterator[tuple[str, dict[str, Any] | Refused]]:
    """Yield each line of a file as an object, with its place; raise Malformed where the file itself cannot be read."""
    with tree.open(name) as file:
        lines = plain(file, name)
        number = 0
        while True:
            try:
                line = lines.readline(MOST_LINE)
            except UNREADABLE as error:
                raise Malformed(Problem("import_cut_off", name=name, answer=str(error))) from None
            if not line:
                return
            number += 1
            where = f"{name}, line {number}"
            if len(line) == MOST_LINE:
                raise Malformed(Problem("import_long_line", name=name, number=number, most=MOST_LINE))
            if line.strip():
                yield where, _object(where, line)


def plain(file: IO[bytes], name: str, *, shrinks: bool = False) -> IO[bytes]:
    """Return a file whose bytes are not compressed, by its name. To read a bomb raises Malformed, unless its like ``shrinks``."""
    if not name.endswith(".gz"):
        return file
    return cast(IO[bytes], gzip.GzipFile(fileobj=file) if shrinks else Inflated(file, name))


class Inflated:
    """A gzip file that is read from its beginning, unless it inflates as no dataset does: a gigabyte of zeros takes a day."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._packed, self._name, self._plain = file, name, gzip.GzipFile(fileobj=file)

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes."""
        return self._checked(self._plain.read(size))

    def readline(self, size: int) -> bytes:
        """Return a line, or its first ``size`` bytes."""
        return self._checked(self._plain.readline(size))

    def __enter__(self) -> Inflated:
        return self

    def __exit__(self, *about: object) -> None:
        self._plain.close()
        self._packed.close()

    def _checked(self, body: bytes) -> bytes:
        inflated = self._plain.tell()
        if inflated > SMALL and inflated > INFLATES * self._packed.tell():
            raise Malformed(Problem("import_bomb", name=self._name[:100], times=INFLATES))
        return body


def drawn_strokes(line: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the strokes in the facts of a drawing, None if there are none; ``domain.drawing`` checks them."""
    if line.get("strokes") is None:
        return None
    strokes = {name: line.get(name) for name in ("strokes", "width", "height")}
    return strokes if line.get("pointer") is None else strokes | {"pointer": line["pointer"]}


def _object(where: str, line: bytes) -> dict[str, Any] | Refused:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Refused(where, Problem("refused_json"))
    return found if isinstance(found, dict) else Refused(where, Problem("refused_object"))


def _of_line(labels: Labels, where: str, line: dict[str, Any]) -> Incoming | Refused:
    try:
        label = labels.known(line["label"] if "label" in line else line.get("word", ""))
        split = split_of(line.get("split"))
        if "drawing" in line:
            return Incoming(where, label, split, _quick_draw(line["drawing"]), facts=line)
        if (strokes := drawn_strokes(line)) is not None:
            return Incoming(where, label, split, strokes, facts=line)
        if isinstance(line.get("image"), str) and len(line["image"]) < 2 * MOST_PNG:
            return Incoming(where, label, split, png=base64.b64decode(line["image"], validate=True), facts=line)
    except LookupError as error:
        return Refused(where, error.args[0])
    except binascii.Error:
        return Refused(where, Problem("refused_base64"))
    except (ValueError, TypeError) as error:
        return Refused(where, undrawable(error))
    return Refused(where, Problem("refused_empty"))


def _quick_draw(drawing: Any) -> dict[str, Any]:
    strokes = quick_draw.points_of(drawing)
    numbers = [value for line in strokes for point in line for value in point[:2]]
    if not all(isinstance(value, int | float) for value in numbers):
        raise ValueError("a point of its drawing is not a number")
    low, high = min(numbers, default=0), max(numbers, default=0)
    if low < 0 or high >= QUICK_DRAW_SIDE:  # the raw form has the pixels of somebody's screen
        xs, ys = ([point[axis] for line in strokes for point in line] for axis in (0, 1))
        strokes = [[[point[0] - min(xs), point[1] - min(ys), *point[2:3]] for point in line] for line in strokes]
        side = max(max(xs) - min(xs), max(ys) - min(ys), 1)
    else:
        side = QUICK_DRAW_SIDE
    edge = side * MARGIN / QUICK_DRAW_SIDE
    moved = [[[point[0] + edge, point[1] + edge, *point[2:3]] for point in line] for line in strokes]
    return {"strokes": moved, "width": side + 2 * edge, "height": side + 2 * edge}
