"""The folder of a label in an export: safe on every file system, different for different labels, and readable back."""

from __future__ import annotations

import re
from collections.abc import Iterable

from functions.store.names import NOT_A_SYMBOL_FOLDER, escape

# Windows opens devices by these names, with any ending.
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
_BYTE = re.compile(rb"_([0-9a-f]{2})")


def folder_of(label: str | None) -> str:
    """Return the folder of a label; the folder of None is that of pictures that are not a symbol.

    It consists of a-z, 0-9, '-' and '_': any other byte of the label is written as '_' and its hex. A label that would be longer
    than 100 characters ends in a hash, and only the card tells it.

    >>> folder_of("7"), folder_of("A"), folder_of("../x"), folder_of("con")
    ('7', '_41', '_2e_2e_2fx', '_63on')
    """
    name = escape(label)
    return f"_{name[0].encode().hex()}{name[1:]}" if name in DEVICES else name


def folders_of(labels: Iterable[str]) -> dict[str, str | None]:
    """Return the labels by their folders, with the folder of non-symbols."""
    return {folder_of(label): label for label in (*labels, None)}


def label_in(folder: str) -> str | None:
    """Return the label that ``folder_of`` has written as a folder, None for a non-symbol; raise ValueError for other names.

    >>> label_in("_41"), label_in("_63on"), label_in("_not-a-symbol")
    ('A', 'con', None)
    """
    if folder == NOT_A_SYMBOL_FOLDER:
        return None
    label = _BYTE.sub(lambda byte: bytes([int(byte[1], 16)]), folder.encode()).decode()
    if folder_of(label) != folder:
        raise ValueError(f"{folder!r} is not the folder of a label")
    return label
