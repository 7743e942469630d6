"""The API of explanations: what an answer depends on."""

from __future__ import annotations

from flask import Response

from functions.errors import EmptyDrawing
from functions.verbs.explain import explain as explain_verb
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_drawing
from functions.web.api.present import Extended, json_response
from functions.web.api.request_schemas import DrawingFields
from functions.web.api.response_schemas import ExplanationOut
from functions.web.api.samples import api
from functions.web.platform import platform


@api.post("/sets/<set_name>/explanations")
@Operation(
    "Says which pixels of the square the CNN's answer depends on; nothing is kept",
    ExplanationOut,
    body=DrawingFields,
    errors=(400, 404, 409, 413, 415, 422),
    drawing=True,
)
def explain(set_name: str) -> Response:
    """Explain the CNN's answer to a drawing."""
    _, drawing = read_drawing(DrawingFields)
    if drawing is None:
        raise EmptyDrawing("Nothing is drawn.")
    found = explain_verb(platform().runtime, set_name, drawing.square)
    lost = [round(float(value), 4) for value in found.lost.ravel()]
    return json_response(ExplanationOut.model_validate(Extended(found, set=set_name, lost=lost)))
