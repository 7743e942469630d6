"""The verb *import*, as a run: a file comes in parts into the object store, and a worker imports it.

A body of the API has at most 2 MiB, so a larger file is sent in parts of 1 MiB, in any order and repeatedly. The worker begins
when the last part is there. After a kill the next worker begins again, and doubles nothing (``verbs.import_dataset``).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.dataset.exchange.file_tree import room_for_files
from functions.dataset.exchange.incoming import Refused
from functions.domain.problem import Problem, failure, renamed
from functions.domain.run_step import Step
from functions.errors import Conflict, Malformed, MissingObject, NotFound, UnknownSet
from functions.records import outbox
from functions.records.audit_log import Actor, note
from functions.records.database import Database
from functions.records.tables import Run
from functions.store import Store
from functions.store.names import import_key

PART = 2**20  # bytes
LONGEST = 2**30  # bytes of a file; larger ones are imported by the command line
REPORT = "report.json"
ENDINGS = (".zip", ".npz", ".jsonl", ".jsonl.gz", ".parquet")
EXPECTED = 10_000  # drawings, for the progress: how many there are is known at the end
OnProgress = Callable[[float, Step], None]


class Report(Protocol):
    """What an import did, as ``verbs.import_dataset`` reports it."""

    read: int
    added: int
    already: int
    near: int
    labels: Counter[str | None]
    refused: list[Refused]
    reasons: Counter[str]


@dataclass(frozen=True)
class Upload:
    """A file that is to be imported: its name, its ``bytes`` and SHA-256, and what ``ImportRequest`` takes."""

    name: str
    bytes: int
    sha256: str
    licence: str = ""
    origin: str = ""
    near: bool = True
    dry_run: bool = False

    @property
    def parts(self) -> int:
        """The number of parts."""
        return -(-self.bytes // PART)

    def size_of(self, number: int) -> int:
        """Return the bytes of a part; the last one may be shorter."""
        return min(PART, self.bytes - number * PART)


# Imports the file at a path into a set, and tells after each batch how many drawings were read: ``verbs.import_dataset``.
Importer = Callable[[str, Path, Upload, Callable[[int], None]], Report]


def request_import(database: Database, set_name: str, upload: Upload, *, by: Actor | None = None) -> Run:
    """Queue an import, which waits for the parts of its file.

    Raises:
        UnknownSet: there is no such set.
        Conflict: too many imports wait.
    """
    with database.writing() as session:
        registry.symbol_set(session, set_name)
        run = jobs.request_import(session, set_name, asdict(upload))
        note(session, by, "import_requested", run.id, set_name=set_name, file=upload.name, dry_run=upload.dry_run)
        return run


def keep_part(database: Database, store: Store, run_id: str, number: int, body: bytes, *, by: Actor | None = None) -> int:
    """Keep a part of an import's file; the last one lets a worker begin. Return how many parts are missing.

    Raises:
        NotFound: the run is no import, or has no such part.
        Malformed: the part has another length.
        Conflict: the import has begun already.
    """
    with database.reading() as session:
        run = jobs.run(session, run_id)
    if run.kind != jobs.IMPORT:
        raise NotFound("This run is not an import.")
    upload = Upload(**run.request)
    if number >= upload.parts:
        raise NotFound(f"This file has {upload.parts} parts, counted from 0.")
    if run.state != "queued":
        raise Conflict("This import has begun already.")
    if len(body) != upload.size_of(number):
        raise Malformed(f"Part {number} has {len(body)} bytes, and must have {upload.size_of(number)}.")
    store.put(_part(run.set_name, run.id, number), body, "application/octet-stream")
    with database.reading() as session:
        cancelled = jobs.run(session, run_id).state == "cancelled"
    if cancelled:  # meanwhile: nobody else would delete this part
        store.delete(_part(run.set_name, run.id, number))
        raise Conflict("This import was cancelled.")
    missing = upload.parts - sum(1 for _ in store.keys(import_key(run.set_name, run.id, "")))
    if not missing:
        with database.writing() as session:
            jobs.begin_import(session, run_id)
            note(session, by, "import_begun", run_id, set_name=run.set_name)
    return missing


def forget_parts(session: Session, run: Run) -> None:
    """Delete the parts of an import's file after the caller's transaction, which has cancelled the run."""
    if run.kind == jobs.IMPORT:
        outbox.remove(session, *(_part(run.set_name, run.id, number) for number in range(Upload(**run.request).parts)))


def run_import(database: Database, store: Store, claim: jobs.Lease, importer: Importer, on_progress: OnProgress) -> None:
    """Do the leased import, end its run, and delete the parts of its file. What cannot be read ends it with the reason.

    Raises:
        LeaseLost: another worker has taken the run over.
        StoreUnavailable: the store cannot be reached; the import is tried again.
    """
    upload = Upload(**claim.request)
    try:
        report = _import(store, claim, upload, importer, on_progress)
    except (Malformed, UnknownSet) as error:
        _end(database, claim, "failed", failure(error.problem), Step("failed"))
    else:
        key = import_key(claim.set_name, claim.run_id, REPORT)
        store.put(key, json.dumps(_written(report)).encode(), "application/json")
        step = Step.of("import_tried" if upload.dry_run else "imported", samples=report.added)
        counts = {"read": report.read, "added": report.added, "already": report.already, "near": report.near}
        refused = sum(report.reasons.values())
        _end(database, claim, "done", {**counts, "refused": refused, "dry_run": upload.dry_run}, step)
    for number in range(upload.parts):
        store.delete(_part(claim.set_name, claim.run_id, number))


def import_report(store: Store, run: Run) -> dict[str, Any]:
    """Return the report of an import that is done, or raise NotFound."""
    if run.kind != jobs.IMPORT or run.state != "done":
        raise NotFound("This run is not an import that is done.")
    try:
        found: dict[str, Any] = json.loads(store.get(import_key(run.set_name, run.id, REPORT)))
    except MissingObject:
        raise NotFound("The report of this import is lost.") from None
    return found


def _import(store: Store, claim: jobs.Lease, upload: Upload, importer: Importer, on_progress: OnProgress) -> Report:
    read = 0

    def on_read(count: int) -> None:
        nonlocal read
        read += count
        on_progress(read / (read + EXPECTED), Step.of("importing", samples=read))

    with TemporaryDirectory() as folder:
        ending = next(one for one in sorted(ENDINGS, key=len, reverse=True) if upload.name.endswith(one))
        path = Path(folder) / f"file{ending}"
        _fetch(store, claim, upload, path)
        try:
            return importer(claim.set_name, path, upload, on_read)
        except Malformed as error:
            raise Malformed(renamed(error.problem, {folder: "", path.name: upload.name})) from None


def _fetch(store: Store, claim: jobs.Lease, upload: Upload, path: Path) -> None:
    digest = hashlib.sha256()
    with room_for_files(), path.open("wb") as file:
        for number in range(upload.parts):
            try:
                body = store.get(_part(claim.set_name, claim.run_id, number))
            except MissingObject:
                raise Malformed(Problem("import_not_whole")) from None
            digest.update(body)
            file.write(body)
    if digest.hexdigest() != upload.sha256:
        raise Malformed(Problem("import_sha256"))


def _end(database: Database, claim: jobs.Lease, state: Any, result: dict[str, Any], step: Step) -> None:
    with jobs.holding(database, claim) as session:
        jobs.finish(session, claim, state, result, step)


def _written(report: Report) -> dict[str, Any]:
    return {
        "labels": [{"label": label, "count": count} for label, count in report.labels.items()],
        "refused": [{"name": one.name, **failure(one.reason)} for one in report.refused],
        "reasons": [{"reason": reason, "count": count} for reason, count in report.reasons.items()],
    }


def _part(set_name: str, run_id: str, number: int) -> str:
    return import_key(set_name, run_id, f"{number:06}")
