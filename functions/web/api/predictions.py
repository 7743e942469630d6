"""The API of predictions and corrections."""

from __future__ import annotations

from contextlib import nullcontext

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from functions.dataset.labelled_drawing import Sender
from functions.domain.drawing import Drawing, to_png
from functions.errors import Malformed
from functions.records.drawings import drawing_sha256
from functions.records.idempotency import GivenKey, RequestKey
from functions.verbs.correct import Correction
from functions.verbs.correct import correct as correct_verb
from functions.verbs.predict import predict as predict_verb
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_drawing, read_json
from functions.web.api.present import Extended, json_response, prediction_json
from functions.web.api.request_schemas import CorrectionBody, PredictionBody
from functions.web.api.response_schemas import CorrectedOut, PredictionOut
from functions.web.api.retries import HEADER, idempotency_key
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.request_counts import count_answer
from functions.web.security import access, identity
from functions.web.security.address_block import block


@api.post("/sets/<set_name>/predictions")
@Operation(
    "Asks both networks; with consent the drawing is kept and can be corrected",
    PredictionOut,
    body=PredictionBody,
    headers=(HEADER,),
    errors=(400, 401, 403, 404, 409, 413, 415, 422),
    drawing=True,
)
def predict(set_name: str) -> Response:
    """Recognise a drawing."""
    here = platform()
    body, drawing = read_drawing(PredictionBody)
    # Without consent nothing is written; only the own drawings of a visitor with a cookie are read.
    who = access.sender() if body.consent else None
    if who is not None and drawing is not None:
        here.outbox_room.check(here.database)
    visitor = identity.visitor() if body.adapt else None
    with idempotency_key(who) if who else nullcontext() as key:
        predicted = predict_verb(
            here.database,
            here.runtime,
            set_name=set_name,
            drawing=drawing,
            contributor=who.contributor if who else None,
            examples=here.visitor_examples.of(here.database, here.runtime, visitor) if visitor else None,
            key=_with_request(key, set_name, body, drawing),
        )
    if who is not None and predicted.id is not None and predicted.new:
        identity.remember(who)
    count_answer(set_name, predicted.answer)
    return jsonify(prediction_json(predicted, body.square))


@api.post("/predictions/<prediction_id>/correction")
@Operation(
    "Says what a prediction's drawing really is: right, a label, or null for not a symbol",
    CorrectedOut,
    status=202,
    body=CorrectionBody,
    headers=(HEADER,),
    errors=(400, 401, 403, 404, 409, 413, 415, 422),
)
def correct(prediction_id: str) -> ResponseReturnValue:
    """Turn a prediction into a sample with its true label."""
    here = platform()
    body = read_json(CorrectionBody)
    if len(body.model_fields_set) != 1 or (body.model_fields_set == {"verdict"} and body.verdict is None):
        raise Malformed("A correction is either 'verdict', which must be 'right', or 'label', which may be null.")
    here.outbox_room.check(here.database)
    who, right = identity.caller(), body.verdict is not None
    with idempotency_key(who) as key:
        with_request = key.with_request("correction", prediction_id, right, body.label) if key else None
        corrected = correct_verb(
            here.database,
            here.store,
            here.settings.trust,
            Correction(prediction_id, right=right, label=body.label, key=with_request),
            Sender(block(), who.owner),
            learn_after=here.settings.learn_after,
        )
    receipt = identity.receipt(corrected.sample)
    return json_response(CorrectedOut.model_validate(Extended(corrected, receipt=receipt)), 202)


def _with_request(key: GivenKey | None, set_name: str, body: PredictionBody, drawing: Drawing | None) -> RequestKey | None:
    if key is None or drawing is None:
        return None
    return key.with_request("prediction", set_name, body.adapt, body.square, drawing_sha256(drawing, to_png(drawing.ink)))
