"""The verb *export*, as a run: the files of an export go into the object store, part by part, and can be fetched from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions import jobs, registry
from functions.dataset.exchange.export import Export, ExportRequest, read_request, written_request
from functions.domain.run_step import Step
from functions.domain.webhooks import Event
from functions.errors import MissingObject, NotFound
from functions.records import webhooks
from functions.records.audit_log import Actor, note
from functions.records.database import Database
from functions.records.tables import Run
from functions.store import Store
from functions.store.names import export_key

MANIFEST = "export.json"  # in the folder of the export: how far it is, and its files once it is complete
CONTENT_TYPES = {
    "zip": "application/zip",
    "gz": "application/gzip",
    "npz": "application/x-npz",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown",
    "json": "application/json",
    "txt": "text/plain",
}
OnProgress = Callable[[float, Step], None]


@dataclass(frozen=True)
class ExportedFile:
    """A file of a complete export in the store."""

    key: str
    name: str
    bytes: int
    sha256: str

    @property
    def content_type(self) -> str:
        """The file's type, by its ending."""
        return content_type(self.name)


def content_type(name: str) -> str:
    """Return the type of a file by the ending of its name."""
    return CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def request_export(database: Database, set_name: str, request: ExportRequest, *, by: Actor | None = None) -> Run:
    """Queue an export as a run; ``verbs.export.open_export`` has checked the request."""
    with database.writing() as session:
        run = jobs.request_export(session, set_name, written_request(request))
        note(session, by, "export_requested", run.id, set_name=set_name, format=request.format)
        return run


def run_export(database: Database, store: Store, claim: jobs.Lease, licence: str, on_progress: OnProgress) -> dict[str, Any]:
    """Do the leased export, and return its result. After a kill, the next worker goes on behind the last complete part.

    Raises:
        LeaseLost: another worker has taken the run over.
        StoreUnavailable: the store cannot be reached; what was written stays for the next attempt.
    """
    with database.reading() as session:
        symbols = registry.symbol_set(session, claim.set_name)
    export = Export(database, store, symbols, read_request(dict(claim.request)), licence)
    _go_on(export, store, claim)
    read, total = export.tally.samples, max(export.total, 1)

    def on_samples(count: int) -> None:
        nonlocal read
        read += count
        on_progress(min(read / total, 1.0) * 0.99, Step.of("exporting", samples=read, total=total))

    export.on_samples = on_samples
    while not export.done:
        for file in export.part():
            store.put_pieces(_key(claim, file.name), file.pieces(), content_type(file.name))
        _keep(export, store, claim)
    for file in export.tally.recording(export.card()):
        store.put_pieces(_key(claim, file.name), file.pieces(), content_type(file.name))
    _keep(export, store, claim)
    result = {"samples": export.tally.samples, "files": len(export.tally.files), "format": export.request.format}
    with jobs.holding(database, claim) as session:
        webhooks.tell(session, Event.EXPORT_READY, claim.set_name, run=claim.run_id, **result)
        jobs.finish(session, claim, "done", result, Step.of("exported", samples=export.tally.samples))
    return result


def exported_files(store: Store, run: Run) -> list[ExportedFile]:
    """Return the files of an export that is done, in the order in which they were written.

    Raises:
        NotFound: the run is no export, is not done, or its files were deleted.
    """
    if run.kind != jobs.EXPORT or run.state != "done":
        raise NotFound("This run is not an export that is done.")
    try:
        kept = json.loads(store.get(export_key(run.set_name, run.id, MANIFEST)))
    except MissingObject:
        raise NotFound("The files of this export were deleted.") from None
    return [
        ExportedFile(export_key(run.set_name, run.id, name), name, file["bytes"], file["sha256"])
        for name, file in kept["tally"]["files"].items()
    ]


def delete_export(database: Database, store: Store, run: Run, *, by: Actor | None = None) -> None:
    """Delete the files of an export from the store; a repeated call is harmless."""
    with database.writing() as session:  # the store takes part in no transaction: the intention is written first
        note(session, by, "export_deleted", run.id, set_name=run.set_name)
    for key in list(store.keys(export_key(run.set_name, run.id, ""))):
        store.delete(key)


def _go_on(export: Export, store: Store, claim: jobs.Lease) -> None:
    try:
        kept = json.loads(store.get(_key(claim, MANIFEST)))
    except MissingObject:
        return
    export.go_on(kept)


def _keep(export: Export, store: Store, claim: jobs.Lease) -> None:
    store.put(_key(claim, MANIFEST), json.dumps(export.state()).encode(), "application/json")


def _key(claim: jobs.Lease, name: str) -> str:
    return export_key(claim.set_name, claim.run_id, name)
