"""Exports and imports as runs, in a thread of their own: they take minutes, and no correction waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from functions import jobs
from functions.domain.run_step import Step
from functions.jobs.heartbeat import Heartbeat
from functions.records.database import Database
from functions.store import Store
from functions.verbs.export_run import run_export
from functions.verbs.import_dataset import ImportReport, ImportRequest, import_dataset
from functions.verbs.import_run import Importer, Upload, run_import
from functions.worker.run_ending import ending

KINDS = (jobs.EXPORT, jobs.IMPORT)


def export_next(database: Database, store: Store, licence: str, stop: threading.Event) -> bool:
    """Execute one due export or import; return whether there was one. Once ``stop`` is set, the run is handed back."""
    if not jobs.is_due(database, KINDS):  # an idle worker asks for no lock
        return False
    claim = jobs.lease(database, kinds=KINDS)
    if claim is None:
        return False
    with ending(database, claim), Heartbeat(database, claim, stop) as heart:
        heart.tell(0.0, Step("preparing"))
        if claim.kind == jobs.IMPORT:
            run_import(database, store, claim, importer(database, store), heart.tell)
        else:
            run_export(database, store, claim, licence, heart.tell)
    return True


def importer(database: Database, store: Store) -> Importer:
    """Return what imports the file of an upload."""

    def do(set_name: str, path: Path, upload: Upload, on_read: Callable[[int], None]) -> ImportReport:
        origin = upload.origin or upload.name
        request = ImportRequest(set_name, path, origin, upload.licence, dry_run=upload.dry_run, near=upload.near)
        return import_dataset(database, store, request, on_read)

    return do
