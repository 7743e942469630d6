"""Compare rows with the object store, in both directions, without changing anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions import registry
from functions.records import objects, outbox
from functions.records.database import batches
from functions.records.drawings import is_wiped
from functions.records.objects import Expected
from functions.records.runs import EXPORT, IMPORT
from functions.records.tables import Activation, DrawingRow, Run, Sample, SymbolSetRow, Version
from functions.store import Store
from functions.store.names import set_key

READERS = 8  # objects asked about at once
OF_VERSIONS = ("sets", "versions", "activations")


def rows_without_objects(store: Store, expected: Sequence[Expected], waiting: Collection[str]) -> list[tuple[Expected, set[str]]]:
    """Return the rows with the keys of their objects that are missing or different, other than those ``waiting``.

    Raises:
        StoreUnavailable: the store cannot be asked.
    """
    asked = [(one, key) for one in expected for key in one.sha256 if key not in waiting]
    with ThreadPoolExecutor(READERS, thread_name_prefix="audit") as readers:
        stored = list(readers.map(store.sha256, (key for _, key in asked)))
    wrong: dict[str, set[str]] = {}
    for (one, key), found in zip(asked, stored, strict=True):
        if found != one.sha256[key]:
            wrong.setdefault(one.id, set()).add(key)
    return [(one, wrong[one.id]) for one in expected if one.id in wrong]


def objects_without_rows(session: Session, keys: Iterable[str]) -> list[str]:
    """Return those of the ``keys`` that no row wants, and that do not wait to be deleted."""
    left: list[str] = []
    for some in batches(list(keys), 200):
        wanted = _of_samples(session, _ids(some, "samples", 4)) | _of_drawings(session, _ids(some, "drawings", 3))
        alone = [key for key in some if key not in wanted and not _of_others(session, key)]
        gone = outbox.under_way(session, alone)
        left += [key for key in alone if key not in gone]
    return left


def _ids(keys: Iterable[str], folder: str, depth: int) -> list[str]:
    parts = [key.split("/") for key in keys if key.startswith(f"{folder}/")]
    return sorted({one[-1].partition(".")[0] for one in parts if len(one) == depth})


def _of_samples(session: Session, ids: Sequence[str]) -> set[str]:
    rows = session.scalars(select(Sample).where(Sample.id.in_(ids), Sample.status != "withdrawn"))
    return {key for row in rows for key in objects.keys_of_sample(row)}


def _of_drawings(session: Session, ids: Sequence[str]) -> set[str]:
    labelled = set(session.scalars(select(Sample.drawing_id).where(Sample.drawing_id.in_(ids), Sample.status != "withdrawn")))
    rows = session.scalars(select(DrawingRow).where(DrawingRow.id.in_(ids)))
    return {key for row in rows if row.id not in labelled and not is_wiped(row) for key in objects.keys_of_drawing(row)}


def _of_others(session: Session, key: str) -> bool:
    """Return whether a set, a version, an activation or an export has this object."""
    folder, _, rest = key.partition("/")
    set_name, _, name = rest.partition("/")
    match folder:
        case "sets":
            row = session.get(SymbolSetRow, rest.removesuffix(".json"))
            return row is not None and set_key(row.name) == key
        case "versions":
            version = session.get(Version, name.partition(".")[0])
            return version is not None and version.set_name == set_name
        case "activations":
            of_version = name.removesuffix(".json").partition("-")[2]
            rows = session.scalars(select(Activation).where(Activation.version_id == of_version))
            return any(registry.activation_key(row) == key for row in rows)
        case "exports" | "imports":
            run = session.get(Run, name.partition("/")[0])
            return run is not None and run.kind == (EXPORT if folder == "exports" else IMPORT)
    return False
