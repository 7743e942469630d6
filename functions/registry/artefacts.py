"""Read the files of a version, checked against their SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from functions.domain.problem import Problem
from functions.errors import BrokenArtefact, MissingObject
from functions.records.tables import Version
from functions.store import Store

Kind = Literal["tflite", "npz"]
CONTENT_TYPES: dict[Kind, str] = {"tflite": "application/vnd.tflite", "npz": "application/x-npz"}


class FilesOf(Protocol):
    """A version with files: a row, or a new version that has no row yet."""

    @property
    def set_name(self) -> str: ...

    @property
    def id(self) -> str: ...


def artefact_key(version: FilesOf, kind: Kind) -> str:
    """Return the key of a version's object."""
    return f"versions/{version.set_name}/{version.id}.{kind}"


def used_samples_key(version: FilesOf) -> str:
    """Return the key of the object that holds a version's used samples."""
    return f"versions/{version.set_name}/{version.id}.lesson.json"


@dataclass(frozen=True)
class Artefacts:
    """The files of all versions: the store, and the folder of the shipped originals."""

    store: Store
    models: Path

    def read(self, version: Version, kind: Kind) -> bytes:
        """Return a version's network (tflite) or weights (npz), checked against its recorded SHA-256.

        Raises:
            BrokenArtefact: the file is missing, or its bytes are not the recorded ones.
            StoreUnavailable: the store cannot be reached.
        """
        if version.original and (body := shipped_file(self.models, version, kind)) is not None:
            return body
        try:
            body = self.store.get(artefact_key(version, kind))
        except MissingObject:
            raise BrokenArtefact(Problem("artefact_missing", kind=kind, version=version.id)) from None
        if hashlib.sha256(body).hexdigest() != _sha256(version, kind):
            raise BrokenArtefact(Problem("artefact_changed", kind=kind, version=version.id))
        return body


def shipped_file(models: Path, version: Version, kind: Kind) -> bytes | None:
    """Return an original's file from ``models/``; None where it is missing or another release ships another file of that name."""
    try:
        body = (models / version.card["files"][kind]["file"]).read_bytes()
    except (OSError, KeyError):
        return None
    return body if hashlib.sha256(body).hexdigest() == _sha256(version, kind) else None


def _sha256(version: Version, kind: Kind) -> str:
    return version.sha256 if kind == "tflite" else str(version.card.get("weights_sha256"))
