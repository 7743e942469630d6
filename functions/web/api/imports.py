"""The API of imports: a file is declared, comes in parts, and is imported by a worker."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from functions import jobs
from functions.errors import NotFound, TooLarge, WrongType
from functions.verbs.import_run import LONGEST, PART, Upload, import_report, keep_part, request_import
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import json_response
from functions.web.api.request_schemas import NoQuery, Strict
from functions.web.api.response_schemas import Out
from functions.web.api.samples import api
from functions.web.api.version_schemas import RunOut
from functions.web.platform import platform
from functions.web.security import identity


class ImportQuery(Strict):
    """Whether the import only says what it would do."""

    dry_run: bool = False


class ImportBody(Strict):
    """A file to import; its ending says its format. Its licence stays with every drawing."""

    name: Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f]{1,100}\.(zip|npz|jsonl|jsonl\.gz|parquet)$")]
    bytes: Annotated[int, Field(ge=1, le=LONGEST)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    licence: Annotated[str, Field(max_length=200, description="Needed, unless the card in the file says it.")] = ""
    origin: Annotated[str, Field(max_length=200, description="Where the drawings come from; by default the file's name.")] = ""
    near: Annotated[bool, Field(description="Import drawings that look almost like another one too.")] = True


class StartedImportOut(Out):
    """The run of an import, and the parts to send: each has ``part_bytes``, and the last one the rest."""

    run: RunOut
    parts: int
    part_bytes: int


class PartOut(Out):
    """How many parts are missing; with none, a worker begins."""

    missing: int


class ImportOut(Out):
    """What an import did or would do: drawings by label, and refused files (up to a thousand are named) with their reasons."""

    run: RunOut
    labels: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


@api.post("/sets/<set_name>/imports")
@Operation(
    "Brings a dataset in, or says what it would do: declares the file, whose parts follow",
    StartedImportOut,
    status=202,
    body=ImportBody,
    query=ImportQuery,
    errors=(400, 401, 403, 404, 409, 415, 422),
)
def start_import(set_name: str) -> ResponseReturnValue:
    """Declare a file to import."""
    body, dry_run = read_json(ImportBody, ImportQuery), read_query(ImportQuery).dry_run
    upload = Upload(**body.model_dump(), dry_run=dry_run)
    run = request_import(platform().database, set_name, upload, by=identity.caller().actor)
    return json_response(StartedImportOut(run=RunOut.model_validate(run), parts=upload.parts, part_bytes=PART), 202)


@api.post("/imports/<run_id>/parts/<number>")
@Operation(
    "Sends a part of an import's file, as application/octet-stream; a repeated part is harmless",
    PartOut,
    query=NoQuery,
    errors=(400, 401, 403, 404, 409, 413, 415),
    octets=PART,
)
def import_part(run_id: str, number: str) -> Response:
    """Keep a part of a file."""
    read_query(NoQuery)
    if request.mimetype != "application/octet-stream":
        raise WrongType("A part is sent as application/octet-stream.")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise NotFound("This import has no such part.")
    body = request.get_data()
    if len(body) > PART:
        raise TooLarge(f"A part has at most {PART} bytes.")
    here = platform()
    return json_response(
        PartOut(missing=keep_part(here.database, here.store, run_id, int(number), body, by=identity.caller().actor))
    )


@api.get("/imports/<run_id>")
@Operation("What an import did, or would do", ImportOut, query=NoQuery, errors=(400, 401, 403, 404))
def import_report_of(run_id: str) -> Response:
    """Return the report of an import."""
    read_query(NoQuery)
    here = platform()
    with here.database.reading() as session:
        run = jobs.run(session, run_id)
    return json_response(ImportOut(run=RunOut.model_validate(run), **import_report(here.store, run)))
