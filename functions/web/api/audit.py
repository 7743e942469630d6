"""The API of the audit log: what the owner did, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import AliasChoices, Field

from functions.records.audit_log import ACTS, AuditFilter, page_of_acts
from functions.records.database import Database
from functions.records.tables import AuditRow
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_query
from functions.web.api.present import Extended, page_response
from functions.web.api.request_schemas import ListQuery, Strict
from functions.web.api.response_schemas import Out, Timestamp, timestamp
from functions.web.api.samples import api
from functions.web.platform import platform

COLUMNS = ("id", "created", "actor_kind", "actor", "act", "object", "set", "details")
AT_ONCE = 500  # rows of the CSV that are read at once
UNDO = "were"  # a detail that is kept to undo an act; it may be very long
Name = Annotated[str | None, Field(max_length=64)]


class AuditFilters(Strict):
    """Which acts: by their code, by the name of the token or the session, by the id of their object, of one symbol set."""

    act: Annotated[str | None, Field(max_length=32, json_schema_extra={"examples": sorted(ACTS)[:3]})] = None
    actor: Name = None
    object: Name = None
    set: Annotated[str | None, Field(max_length=32)] = None

    def filter(self) -> AuditFilter:
        """Return the filter of the query."""
        return AuditFilter(self.act, self.actor, self.object, self.set)


class AuditQuery(ListQuery, AuditFilters):
    """A page of acts."""


class ActOut(Out):
    """An act of the owner; ``object`` is the id of what it was done to, ``details`` are its figures."""

    id: str
    created: Timestamp
    actor_kind: Literal["session", "token", "cli", "platform", "stranger"]
    actor: str
    act: str
    object: str
    set: Annotated[str | None, Field(validation_alias=AliasChoices("set", "set_name"))]
    details: dict[str, Any]


class ActsOut(Out):
    """A page of acts, newest first; ``next`` is the cursor of the following page."""

    acts: list[ActOut]
    next: str | None


@api.get("/audit")
@Operation("What the owner did: every act, newest first", ActsOut, query=AuditQuery, errors=(400, 401, 403))
def audit() -> Response:
    """List the owner's acts."""
    query = read_query(AuditQuery)
    with platform().database.reading() as session:
        rows = page_of_acts(session, query.filter(), limit=query.limit + 1, before=query.cursor)
    page = rows[: query.limit]
    acts = [ActOut.model_validate(Extended(row, details=_shown(row))) for row in page]
    return page_response(ActsOut(acts=acts, next=page[-1].id if len(rows) > query.limit else None))


@api.get("/audit.csv")
@Operation("The whole log of the owner's acts as CSV", "text/csv", query=AuditFilters, errors=(400, 401, 403))
def audit_csv() -> Response:
    """Send the owner's acts as CSV, piece by piece."""
    response = Response(_lines(platform().database, read_query(AuditFilters).filter()), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=audit.csv"
    response.cache_control.no_store = True
    return response


def _lines(database: Database, chosen: AuditFilter) -> Iterator[str]:
    before: str | None = None
    yield _written([COLUMNS])
    while True:
        with database.reading() as session:
            rows = page_of_acts(session, chosen, limit=AT_ONCE, before=before)
        if not rows:
            return
        yield _written([_cells(row) for row in rows])
        before = rows[-1].id


def _cells(row: AuditRow) -> tuple[str, ...]:
    details = json.dumps(_shown(row), ensure_ascii=False)
    cells = (row.id, timestamp(row.created), row.actor_kind, row.actor, row.act, row.object, row.set_name or "", details)
    # A spreadsheet would run what begins like a formula, and tokens and labels are named by people.
    return tuple(f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells)


def _written(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _shown(row: AuditRow) -> dict[str, Any]:
    return {name: value for name, value in row.details.items() if name != UNDO}
