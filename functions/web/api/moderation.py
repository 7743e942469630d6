"""The API of moderation: decide about a sample."""

from __future__ import annotations

from typing import Literal

from flask import Response

from functions.errors import Malformed
from functions.records.samples import find_sample
from functions.verbs.moderate import moderate, relabel
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json
from functions.web.api.present import json_response
from functions.web.api.request_schemas import Label, Strict
from functions.web.api.response_schemas import SampleOut
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity


class DecisionBody(Strict):
    """Accept or reject a sample; or relabel it, which accepts its drawing with another label (null: not a symbol)."""

    decision: Literal["accept", "reject", "relabel"]
    label: Label | None = None


@api.post("/samples/<sample_id>/decision")
@Operation(
    "Decides about a sample; one that is relabelled is answered as the new sample with the new label",
    SampleOut,
    body=DecisionBody,
    errors=(400, 401, 403, 404, 409, 415, 422),
)
def decide(sample_id: str) -> Response:
    """Accept, reject or relabel a sample."""
    here, body = platform(), read_json(DecisionBody)
    delay, by = here.settings.learn_after, identity.caller().actor
    if ("label" in body.model_fields_set) != (body.decision == "relabel"):
        raise Malformed("A new label belongs to the decision 'relabel', and only to that.")
    if body.decision == "relabel":
        decided = relabel(here.database, here.store, sample_id, body.label, learn_after=delay, by=by).sample
    else:
        decided = moderate(here.database, sample_id, accept=body.decision == "accept", learn_after=delay, by=by).sample
    with here.database.reading() as session:
        return json_response(SampleOut.model_validate(find_sample(session, decided)))
