"""The verb *export*: the samples of a set that pass a filter leave the platform as files, to a folder or as one stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functions import registry
from functions.dataset.exchange.card import Tally
from functions.dataset.exchange.export import Export, ExportRequest, written_request
from functions.dataset.exchange.parquet import load_arrow
from functions.errors import Conflict, Malformed, NotFound
from functions.records.database import Database
from functions.records.exported_samples import EXPORTABLE, has_snapshot
from functions.store import Store

STATE = ".export.json"  # how far an export into a folder is, until it is complete
UNFINISHED = ".unfinished"


def open_export(
    database: Database,
    store: Store,
    set_name: str,
    request: ExportRequest,
    licence: str = "",
    on_samples: Callable[[int], None] = lambda count: None,
) -> Export:
    """Return an export that nothing has been read of.

    Raises:
        UnknownSet, BadLabel: the set or one of the labels does not exist.
        NotFound: the set has no such snapshot.
        Malformed: no sample can have one of the statuses.
        Unavailable: the format is Parquet, and pyarrow is not installed.
    """
    wanted = request.wanted
    if odd := [status for status in wanted.statuses if status not in EXPORTABLE]:
        raise Malformed(f"An export has samples that are {', '.join(EXPORTABLE)}; {odd[0]!r} is none of these.")
    if request.format == "parquet":
        load_arrow()
    with database.reading() as session:
        symbols = registry.symbol_set(session, set_name)
        for label in wanted.labels:
            if label is not None:
                symbols.index(label)
        if wanted.snapshot is not None and not has_snapshot(session, set_name, wanted.snapshot):
            raise NotFound(f"The set {set_name!r} has no snapshot of that name.")
    return Export(database, store, symbols, request, licence, on_samples)


def export_to_folder(export: Export, folder: Path) -> None:
    """Write the files of an export into a folder. An export that was stopped goes on behind its last complete part.

    Raises:
        Conflict: the folder has files of something else.
    """
    state = folder / STATE
    if state.exists():
        _go_on(export, json.loads(state.read_text()))
    elif folder.exists() and any(folder.iterdir()):
        raise Conflict("The folder has files that are not of this export; name a new or an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    while not export.done:
        for file in export.part():
            _write(folder / file.name, file.pieces())
        _write(state, iter([json.dumps(written_state(export)).encode()]))
    for file in export.card():
        _write(folder / file.name, file.pieces())
    state.unlink()


def written_state(export: Export) -> dict[str, Any]:
    """Return what an export needs to go on behind its last complete part, as JSON values."""
    return {
        "request": written_request(export.request),
        "created": export.created.isoformat(),
        "parts": export.parts,
        "place": export.place,
        "done": export.done,
        "tally": export.tally.as_dict(),
    }


def _go_on(export: Export, kept: dict[str, Any]) -> None:
    if kept["request"] != written_request(export.request):
        raise Conflict(f"The folder has an unfinished export with other filters; finish it, or delete its {STATE}.")
    go_on(export, kept)


def go_on(export: Export, kept: dict[str, Any]) -> None:
    """Let an export begin where ``kept`` was written."""
    export.created = export.created.fromisoformat(kept["created"])
    export.parts, export.place, export.done = kept["parts"], kept["place"], kept["done"]
    export.tally = Tally.of_dict(kept["tally"])


def write_one_file(export: Export, file: Path) -> None:
    """Write an export as one file, which appears when it is complete."""
    _write(file, export.one_file())


def _write(file: Path, pieces: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + UNFINISHED)
    with unfinished.open("wb") as written:
        for piece in pieces:
            written.write(piece)
    unfinished.replace(file)
