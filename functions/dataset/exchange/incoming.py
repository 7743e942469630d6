"""What a reader finds in somebody's dataset: drawings, and files that it refuses, each with the reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.dataset.exchange.label_folders import label_in
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet
from functions.errors import Malformed

SPLITS = {"train": "train", "validation": "validation", "val": "validation", "valid": "validation", "dev": "validation"}
SPLITS |= {"test": "test", "t10k": "test", "unused": "unused"}
MOST_PNG = 2**20  # bytes, as of an uploaded picture
MOST_LINE = 2**21  # bytes of a line of JSON; ten thousand points take half of it


class Refused(NamedTuple):
    """A file or a line that is not imported, with the reason, a ``Problem``."""

    name: str
    reason: str


def undrawable(error: Exception) -> Problem:
    """Return why a drawing cannot be drawn: the problem that an error names, or its text."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Problem) else Problem("refused_drawing", answer=str(error))


@dataclass(frozen=True)
class Incoming:
    """A labelled drawing: its strokes, else its PNG, else its square (28, 28); ``facts`` may have split, contributor and more."""

    name: str
    label: str | None
    split: str | None = None
    strokes: Mapping[str, Any] | None = None
    png: bytes | None = None
    square: NDArray[np.uint8] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def created(self) -> datetime | None:
        """When it was drawn, if its facts say so."""
        found = self.facts.get("created")
        if isinstance(found, str):
            try:
                found = datetime.fromisoformat(found)
            except ValueError:
                return None
        if not isinstance(found, datetime):
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


@dataclass(frozen=True)
class Labels:
    """The labels of the set that is imported into; ``folders`` are those of the export's card, if there is one."""

    symbols: SymbolSet
    folders: Mapping[str, str | None] = field(default_factory=dict)

    def of_folder(self, folder: str) -> str | None:
        """Return the label of a folder, None for a non-symbol; raise LookupError with a sentence."""
        if folder in self.folders:
            return self.known(self.folders[folder])
        plain = unicodedata.normalize("NFC", folder)
        if plain in self.symbols.labels:
            return plain
        try:
            return self.known(label_in(folder))
        except ValueError:
            raise LookupError(Problem("refused_folder", label=folder[:64], name=self.symbols.name)) from None

    def known(self, label: object) -> str | None:
        """Return a label of the set, or None for a non-symbol; raise LookupError with a sentence."""
        if label is None:
            return None
        plain = unicodedata.normalize("NFC", label) if isinstance(label, str) else label
        if not isinstance(plain, str) or plain not in self.symbols.labels:
            raise LookupError(Problem("refused_label", label=str(label)[:64], name=self.symbols.name))
        return plain


def split_of(text: object) -> str | None:
    """Return the split that a word or a folder's name means, None for other words."""
    return SPLITS.get(text.lower()) if isinstance(text, str) else None


def checked_path(name: str) -> str:
    """Return the path of a file inside an archive, or raise Malformed: it must not lead out, also not on Windows."""
    parts = name.split("/")
    if "\\" in name or ":" in name or name.startswith("/") or ".." in parts or not name.isprintable():
        raise Malformed(Problem("import_path", name=name[:100]))
    return name
