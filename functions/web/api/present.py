"""Convert rows and results to the API's answers; the response schemas read the attributes."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import BaseModel

from functions.verbs.predict import Predicted
from functions.web.api.response_schemas import PredictionOut


class Extended:
    """The attributes of an object, with additional ones."""

    def __init__(self, source: object, **more: Any) -> None:
        self._source = source
        vars(self).update(more)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the original object."""
        return getattr(self._source, name)


def json_response(out: BaseModel, status: int = 200) -> Response:
    """Return an answer with a schema as its JSON body."""
    return Response(out.model_dump_json(), status, mimetype="application/json")


def prediction_out(predicted: Predicted, with_square: bool) -> PredictionOut:
    """Return the answer to a prediction."""
    square = [round(float(value), 4) for value in predicted.square.ravel()] if with_square else None
    unadapted = predicted.unadapted if predicted.adapted else None
    return PredictionOut.model_validate(Extended(predicted, unadapted=unadapted, square=square))
