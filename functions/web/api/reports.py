"""The API of reports: somebody says that a drawing does not belong into the dataset."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from functions.verbs.report import report as report_verb
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json
from functions.web.api.present import json_response
from functions.web.api.request_schemas import Strict
from functions.web.api.response_schemas import Out
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity
from functions.web.security.address_block import block


class ReportBody(Strict):
    """A report has no fields: the owner looks at the drawing."""


class ReportedOut(Out):
    """The sample that the owner will look at."""

    id: str


@api.post("/samples/<sample_id>/report")
@Operation(
    "Reports a drawing to the owner; nothing about the drawing changes",
    ReportedOut,
    status=202,
    body=ReportBody,
    errors=(400, 401, 403, 404, 415),
)
def report(sample_id: str) -> ResponseReturnValue:
    """Report a sample."""
    read_json(ReportBody)
    # By the address block, as a keyed hash: whoever deletes cookies is still one reporter.
    report_verb(platform().database, sample_id, (block() or identity.caller().contributor)[:32])
    return json_response(ReportedOut(id=sample_id), 202)
