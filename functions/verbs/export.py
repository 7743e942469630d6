"""The verb *export*: the samples of a set that pass a filter leave the platform as files, to a folder or as one stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from functions import registry
from functions.dataset.exchange.export import Export, ExportRequest, written_request
from functions.dataset.exchange.parquet import load_arrow
from functions.domain.problem import Problem
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
            raise NotFound(Problem("no_snapshot", name=set_name))
    return Export(database, store, symbols, request, licence, on_samples)


def export_to_folder(export: Export, folder: Path) -> None:
    """Write the files of an export into a folder. An export that was stopped goes on behind its last complete part.

    Raises:
        Conflict: the folder has files of something else.
    """
    state = folder / STATE
    if state.exists():
        kept = json.loads(state.read_text())
        if kept["request"] != written_request(export.request):
            raise Conflict(f"The folder has an unfinished export with other filters; finish it, or delete its {STATE}.")
        export.go_on(kept)
    elif folder.exists() and any(folder.iterdir()):
        raise Conflict("The folder has files that are not of this export; name a new or an empty folder.")
    folder.mkdir(parents=True, exist_ok=True)
    while not export.done:
        for file in export.part():
            _write(folder / file.name, file.pieces())
        _write(state, iter([json.dumps(export.state()).encode()]))
    for file in export.card():
        _write(folder / file.name, file.pieces())
    state.unlink()


def write_one_file(export: Export, file: Path) -> None:
    """Write an export as one file, which appears when it is complete."""
    _write(file, export.one_file())


def _write(file: Path, pieces: Iterator[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + UNFINISHED)
    with unfinished.open("wb") as written:
        for piece in pieces:
            written.write(piece)
    unfinished.replace(file)
