"""Read the shipped files in ``models/``: every file is checked against the manifest before it is used.

Every function raises ``BadSettings`` for a file or a set that is missing or that the manifest describes otherwise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from functions.domain.answer import Learner
from functions.errors import BadSettings
from functions.learners.squares import Squares, load_squares

SEE = "See INKLOOP_MODELS, which names the folder."
Kind = Literal["tflite", "weights"]


@dataclass(frozen=True)
class ShippedSet:
    """The shipped squares and networks of one symbol set."""

    models: Path
    labels: tuple[str, ...]
    entry: dict[str, Any]

    def rehearsal(self) -> Squares:
        """Return the squares of the replay."""
        return load_squares(self._read(self.entry["rehearsal"]))

    def holdout(self) -> Squares:
        """Return the squares for the gate."""
        return load_squares(self._read(self.entry["holdout"]))

    def artefact(self, learner: Learner, kind: Kind) -> bytes:
        """Return the shipped network's LiteRT file or weights."""
        return self._read(self.entry["versions"][learner][kind])

    def _read(self, what: dict[str, str]) -> bytes:
        try:
            body = (self.models / what["file"]).read_bytes()
        except OSError:
            raise BadSettings(f"models/{what['file']} is missing. {SEE}") from None
        if hashlib.sha256(body).hexdigest() != what["sha256"]:
            raise BadSettings(f"models/{what['file']} is not the file that models/manifest.json describes. {SEE}")
        return body


def load_shipped(models: Path, set_name: str) -> ShippedSet:
    """Return the shipped squares and networks of a symbol set."""
    try:
        entry = shipped_sets(models)[set_name]
        return ShippedSet(models, tuple(entry["labels"]), entry)
    except KeyError:
        raise BadSettings(f"models/manifest.json has no symbol set {set_name!r}, or is broken. {SEE}") from None


def shipped_sets(models: Path) -> dict[str, Any]:
    """Return the manifest's entries of the symbol sets that ship, by name."""
    try:
        sets: dict[str, Any] = json.loads((models / "manifest.json").read_text())["sets"]
    except (OSError, ValueError, KeyError):
        raise BadSettings(f"models/manifest.json is missing or broken. {SEE}") from None
    return sets
