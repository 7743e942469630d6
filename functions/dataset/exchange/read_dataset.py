"""Reads somebody's dataset, whatever its form: the names of the files tell which reader it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from functions.dataset.exchange.card import CARD
from functions.dataset.exchange.file_tree import Archive, FileTree, opened, read_at_most
from functions.dataset.exchange.incoming import Incoming, Labels, Refused
from functions.dataset.exchange.read_arrays import IMAGES, read_idx, read_npz
from functions.dataset.exchange.read_lines import is_lines, read_lines
from functions.dataset.exchange.read_parquet import read_parquet
from functions.dataset.exchange.read_pictures import read_pictures
from functions.domain.symbols import SymbolSet

MOST_CARD = 16 * 2**20  # bytes; the card of a million pictures in fifty parts has some kilobytes
Reader = Callable[[FileTree, Labels], Iterator[Incoming | Refused]]


def read_dataset(path: Path, symbols: SymbolSet) -> Iterator[Incoming | Refused]:
    """Yield the drawings of a file or a folder, and what is refused.

    Raises:
        Malformed: the whole cannot be read, or is hostile; a reader may notice that after some drawings.
    """
    with opened(path) as tree:
        card = _card(tree)
        folders = card.get("folders")
        labels = Labels(symbols, folders if isinstance(folders, dict) else {})
        yield from _read(tree, labels)


def read_card(path: Path) -> dict[str, Any]:
    """Return the card of an export, also one inside its archive; {} where there is none."""
    with opened(path) as tree:
        return _card(tree)


def _read(tree: FileTree, labels: Labels) -> Iterator[Incoming | Refused]:
    archives = [name for name in tree.names() if name.lower().endswith(".zip")] if not isinstance(tree, Archive) else []
    for name in archives:
        with tree.open(name) as file:
            yield from _read(Archive(file), labels)
    if not archives:
        yield from _reader(tree)(tree, labels)


def _reader(tree: FileTree) -> Reader:
    names = [name.lower() for name in tree.names()]
    if any(name.endswith(".parquet") for name in names):
        return read_parquet
    if any(name.endswith(".npz") for name in names):
        return read_npz
    if any(IMAGES in name for name in names):
        return read_idx
    return read_lines if any(is_lines(name) for name in names) else read_pictures


def _card(tree: FileTree) -> dict[str, Any]:
    names = tree.names()
    if CARD not in names:
        npz = [name for name in names if name.lower().endswith(".npz")]
        if len(npz) != 1 or isinstance(tree, Archive):
            return {}
        with tree.open(npz[0]) as file:
            return _card(Archive(file))
    try:
        found = json.loads(read_at_most(tree, CARD, MOST_CARD) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
