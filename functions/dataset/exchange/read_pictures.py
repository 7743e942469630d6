"""Reads pictures in label folders, with or without ``metadata.jsonl``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functions.dataset.exchange.file_tree import FileTree, read_at_most
from functions.dataset.exchange.image_folder import METADATA
from functions.dataset.exchange.incoming import MOST_PNG, Incoming, Labels, Refused, checked_path, split_of
from functions.dataset.exchange.read_lines import drawn_strokes, json_lines
from functions.domain.problem import Problem

BESIDE = ("README.md", "card.json", "labels.txt", METADATA)
JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
NO_JPEG = Problem("refused_jpeg")


def read_pictures(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    """Yield the drawings of each line of metadata, and then those of the pictures that no line names."""
    names = tree.names()
    there, named = set(names), set()
    for metadata in (name for name in names if name.rpartition("/")[2] == METADATA):
        above = metadata.rpartition("/")[0]
        for where, line in json_lines(tree, metadata):
            if isinstance(line, Refused):
                yield line
                continue
            found = _of_line(tree, labels, where, above, line, there)
            if isinstance(found, Incoming):
                named.add(found.name)
            yield found
    for name in names:
        if name not in named and name.rpartition("/")[2] not in BESIDE:
            yield _of_folder(tree, labels, name)


def _of_line(tree: FileTree, labels: Labels, where: str, above: str, line: dict[str, Any], there: set[str]) -> Incoming | Refused:
    file_name = line.get("file_name")
    if not isinstance(file_name, str):
        return Refused(where, Problem("refused_no_name"))
    checked_path(file_name)
    name = f"{above}/{file_name}" if above else file_name
    try:
        folder = file_name.split("/")[-2] if "/" in file_name else ""
        label = labels.known(line["label"]) if "label" in line else labels.of_folder(folder)
        strokes = drawn_strokes(line)
    except LookupError as error:
        return Refused(name, error.args[0])
    if strokes is None and name not in there:
        return Refused(name, Problem("refused_missing"))
    png = None if strokes is not None else _png(tree, name)
    if isinstance(png, Refused):
        return png
    return Incoming(name, label, split_of(line.get("split")) or split_of(above), strokes, png, facts=line)


def _of_folder(tree: FileTree, labels: Labels, name: str) -> Incoming | Refused:
    parts = name.split("/")
    if name.lower().endswith(JPEG):
        return Refused(name, NO_JPEG)
    if not name.lower().endswith(".png"):
        return Refused(name, Problem("refused_no_png"))
    if len(parts) < 2:
        return Refused(name, Problem("refused_no_folder"))
    try:
        label = labels.of_folder(parts[-2])
    except LookupError as error:
        return Refused(name, error.args[0])
    png = _png(tree, name)
    split = next((found for part in parts[:-2] if (found := split_of(part))), None)
    return png if isinstance(png, Refused) else Incoming(name, label, split, png=png)


def _png(tree: FileTree, name: str) -> bytes | Refused:
    if name.lower().endswith(JPEG):
        return Refused(name, NO_JPEG)
    png = read_at_most(tree, name, MOST_PNG)
    if png is None:
        return Refused(name, Problem("refused_large"))
    return Refused(name, NO_JPEG) if png.startswith(b"\xff\xd8") else png
