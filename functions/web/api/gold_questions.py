"""The API of gold questions: drawings with a certain label, to measure how reliably a contributor labels."""

from __future__ import annotations

import base64

from flask import Response
from itsdangerous import BadSignature, SignatureExpired

from functions.dataset.gold_questions import GoldQuestion, gold_question
from functions.domain.drawing import to_png
from functions.errors import Malformed
from functions.records.tables import new_id
from functions.verbs.gold_answer import gold_answer
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import json_response
from functions.web.api.request_schemas import CheckBody, NoQuery
from functions.web.api.response_schemas import CheckedOut, CheckOut
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity, keys

LIFETIME = 3600  # seconds in which a question can be answered; a session is shorter


@api.get("/sets/<set_name>/check")
@Operation("A drawing whose label is known, to be named", CheckOut, query=NoQuery, errors=(400, 404))
def question(set_name: str) -> Response:
    """Return a gold question."""
    read_query(NoQuery)
    question_id = new_id()
    picture = base64.b64encode(to_png(_question(set_name, question_id).ink)).decode()
    signed = keys.question_signer(set_name).sign(question_id).decode()
    response = json_response(CheckOut(id=signed, set=set_name, image=picture))
    response.cache_control.no_store = True
    return response


@api.post("/sets/<set_name>/check")
@Operation(
    "Names a known drawing; a question counts once", CheckedOut, body=CheckBody, errors=(400, 401, 403, 404, 409, 413, 415, 422)
)
def answer(set_name: str) -> Response:
    """Record a contributor's answer to a gold question."""
    here, body = platform(), read_json(CheckBody)
    question_id = _checked_id(set_name, body.id)
    asked, who = _question(set_name, question_id), identity.caller()
    right = gold_answer(here.database, set_name, question_id, asked.label, answered=body.label, contributor=who.contributor)
    identity.remember(who)
    return json_response(CheckedOut(right=right, label=asked.label))


def _question(set_name: str, question_id: str) -> GoldQuestion:
    # The id and the secret determine the drawing: nothing needs to be stored, and the id does not reveal the drawing.
    number = int(keys.keyed_hash("which known drawing", f"{set_name} {question_id}".encode())[:12], 16)
    return gold_question(platform().settings.models, set_name, number)


def _checked_id(set_name: str, text: str) -> str:
    """Return the id of a question; raise Malformed unless it was asked here, about this set, within the last hour."""
    try:
        return keys.question_signer(set_name).unsign(text, max_age=LIFETIME).decode()
    except SignatureExpired:
        raise Malformed("This question is too old; ask for another.") from None
    except BadSignature:
        raise Malformed("This question was not asked here.") from None
