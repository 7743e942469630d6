"""The API of withdrawals: a contributor withdraws all own drawings, the owner retracts all drawings of a contributor."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from functions.errors import NotSignedIn
from functions.verbs.withdraw import retract, withdraw_all
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import json_response
from functions.web.api.request_schemas import NoQuery, RetractionBody
from functions.web.api.response_schemas import AllWithdrawnOut, RetractedOut
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity


@api.delete("/contributors/me/samples")
@Operation("Withdraws all drawings of the caller", AllWithdrawnOut, status=202, query=NoQuery, errors=(400, 401, 403))
def withdraw_mine() -> ResponseReturnValue:
    """Withdraw all drawings of the contributor of the cookie or the token."""
    read_query(NoQuery)
    here, who = platform(), identity.caller()
    if not who.known:
        raise NotSignedIn("Send the cookie or the token of the drawings' contributor.")
    done = withdraw_all(here.database, who.contributor)
    return json_response(AllWithdrawnOut.model_validate(done), 202)


@api.post("/contributors/<contributor>/retraction")
@Operation(
    "Withdraws everything of a contributor, and has it forgotten where that is asked for",
    RetractedOut,
    status=202,
    body=RetractionBody,
    errors=(400, 401, 403, 404, 415),
)
def retract_contributor(contributor: str) -> ResponseReturnValue:
    """Retract a contributor."""
    here, body = platform(), read_json(RetractionBody)
    done = retract(here.database, contributor, forget=body.forget, by=identity.caller().actor)
    return json_response(RetractedOut.model_validate(done), 202)
