"""The API of exports: a small one at once, a large one as a run whose files are fetched with ranges."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import IO

from flask import Response, request
from flask.typing import ResponseReturnValue

from functions import jobs
from functions.dataset.exchange.export import ExportRequest
from functions.errors import NotAllowed, NotFound, TooLarge, Unavailable
from functions.records.audit_log import note
from functions.records.tables import Run
from functions.verbs.export import open_export
from functions.verbs.export_run import ExportedFile, content_type, delete_export, exported_files, request_export
from functions.web.api.exchange_schemas import ExportedFileOut, ExportFields, ExportOut
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import json_response
from functions.web.api.ranges import ranged
from functions.web.api.request_schemas import NoQuery
from functions.web.api.samples import api
from functions.web.api.version_schemas import RunOut
from functions.web.platform import platform
from functions.web.security import access, identity

MOST_AT_ONCE = 2_000  # samples: two seconds of a thread that counts as waiting


@api.get("/sets/<set_name>/export")
@Operation(
    "A small export at once; the owner, or anybody if the owner says so",
    "application/octet-stream",
    query=ExportFields,
    errors=(400, 401, 403, 404, 409, 413, 422),
)
def export(set_name: str) -> Response:
    """Send an export as one file."""
    here, asked = platform(), read_query(ExportFields).request()
    _check_access(asked)
    made = open_export(here.database, here.store, set_name, asked, here.settings.licence)
    if made.total > MOST_AT_ONCE:
        raise TooLarge(f"At once, an export has at most {MOST_AT_ONCE} samples; this one has {made.total}. Ask for it as a run.")
    if "Range" not in request.headers:  # a range is a part of an export that was taken before
        actor = identity.caller().actor  # before the transaction: who calls may be a write of its own
        with here.database.writing() as session:
            note(session, actor, "export_taken", made.file_name, set_name=set_name, samples=made.total)
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - the answer reads it piece by piece
    with here.waits.waiting("export", Unavailable("Other exports are being made; try again in a moment.")):
        for piece in made.one_file():
            file.write(piece)

    def read(start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)

    name = made.file_name
    kind = "application/x-ndjson" if name.endswith(".jsonl") else content_type(name)
    response = ranged(read, file.tell(), name, kind)
    response.cache_control.no_store = True
    return response


@api.post("/sets/<set_name>/exports")
@Operation(
    "A large export as a run, into the bucket",
    RunOut,
    status=202,
    body=ExportFields,
    errors=(400, 401, 403, 404, 409, 415, 422),
)
def start_export(set_name: str) -> ResponseReturnValue:
    """Ask for an export as a run."""
    here, asked = platform(), read_json(ExportFields).request()
    open_export(here.database, here.store, set_name, asked)  # refuses what cannot be exported
    return json_response(RunOut.model_validate(request_export(here.database, set_name, asked, by=identity.caller().actor)), 202)


@api.get("/exports/<run_id>")
@Operation("The files of an export that is done", ExportOut, query=NoQuery, errors=(400, 401, 403, 404))
def exported(run_id: str) -> Response:
    """List the files of an export."""
    read_query(NoQuery)
    run, files = _exported(run_id)
    found = [ExportedFileOut.model_validate({"number": number, **_facts(file)}) for number, file in enumerate(files)]
    result = run.result
    out = ExportOut(id=run.id, set=run.set_name, format=result["format"], samples=result["samples"], files=found)
    return json_response(out)


@api.get("/exports/<run_id>/files/<number>")
@Operation(
    "A file of an export, also a part of it (Range)",
    "application/octet-stream",
    headers=("Range",),
    errors=(400, 401, 403, 404, 416),
)
def exported_file(run_id: str, number: str) -> Response:
    """Send a file of an export, or the range of it that is asked for."""
    here = platform()
    _, files = _exported(run_id)
    if not number.isascii() or not number.isdigit() or int(number) >= len(files):
        raise NotFound("This export has no such file.")
    file = files[int(number)]

    def read(start: int, length: int) -> bytes:
        return here.store.read(file.key, start, length)

    response = ranged(read, file.bytes, file.name.rpartition("/")[2], file.content_type, file.sha256)
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


@api.delete("/exports/<run_id>")
@Operation("Deletes the files of an export", RunOut, query=NoQuery, errors=(400, 401, 403, 404))
def remove_export(run_id: str) -> Response:
    """Delete the files of an export."""
    read_query(NoQuery)
    here = platform()
    with here.database.reading() as session:
        run = jobs.run(session, run_id)
    if run.kind != jobs.EXPORT or run.state in ("queued", "running"):
        raise NotFound("This run is not an export that has ended.")
    delete_export(here.database, here.store, run, by=identity.caller().actor)
    return json_response(RunOut.model_validate(run))


def _exported(run_id: str) -> tuple[Run, list[ExportedFile]]:
    here = platform()
    with here.database.reading() as session:
        run = jobs.run(session, run_id)
    if run.kind == jobs.EXPORT and not _public(run.request):
        access.need()
    return run, exported_files(here.store, run)


def _public(asked: dict[str, object]) -> bool:
    return platform().settings.export == "public" and asked.get("statuses") == ["accepted"]


def _check_access(asked: ExportRequest) -> None:
    if platform().settings.export != "public":
        access.need()
    elif asked.wanted.statuses != ("accepted",) and not access.may():
        raise NotAllowed("Only the owner may export samples that are not accepted.")


def _facts(file: ExportedFile) -> dict[str, object]:
    return {"name": file.name, "bytes": file.bytes, "sha256": file.sha256}
