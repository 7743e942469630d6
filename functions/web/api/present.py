"""Convert rows and results to the API's answers; the response schemas read the attributes."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote, urlencode

from flask import Response, request
from pydantic import BaseModel

from functions.dataset.predicted import Predicted
from functions.dataset.readings import Reading
from functions.domain.reading import Box
from functions.web.api.response_schemas import GlyphOut, PredictionOut, ReadingOut


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


class Paged(Protocol):
    """An answer with a page of a list; ``next`` is the cursor of the next page, None on the last one."""

    next: str | None

    def model_dump_json(self) -> str:
        """Return the answer as JSON."""
        ...


def page_response(out: Paged) -> Response:
    """Return a page of a list; its header ``Link`` leads to the next page with the same filters (RFC 8288)."""
    response = Response(out.model_dump_json(), mimetype="application/json")
    if out.next is not None:
        query = urlencode([*((name, text) for name, text in request.args.items() if name != "cursor"), ("cursor", out.next)])
        response.headers["Link"] = f'<{quote(request.script_root + request.path)}?{query}>; rel="next"'
    return response


def reading_json(reading: Reading, set_name: str) -> dict[str, Any]:
    """Return the answer to a reading as JSON values."""
    glyphs = [
        GlyphOut(
            label=glyph.label,
            box=_sides(glyph.box),
            strokes=list(glyph.strokes),
            prediction=prediction_out(glyph.prediction, False),
        )
        for glyph in reading.glyphs
    ]
    out = ReadingOut(text=reading.text, set=set_name, glyphs=glyphs).model_dump(mode="json")
    for glyph in out["glyphs"]:
        _leave_out_unused(glyph["prediction"], with_square=False)
    return out


def prediction_json(predicted: Predicted, with_square: bool) -> dict[str, Any]:
    """Return the answer to a prediction as JSON values."""
    out = prediction_out(predicted, with_square).model_dump(mode="json")
    _leave_out_unused(out, with_square)
    return out


def _leave_out_unused(prediction: dict[str, Any], with_square: bool) -> None:
    if not with_square:
        del prediction["square"]
    for opinion in prediction["models"]:
        if opinion["instead_of"] is None:
            del opinion["instead_of"]


def _sides(box: Box) -> list[float]:
    left, top, right, bottom = box
    return [round(side, 3) for side in (left, top, right - left, bottom - top)]


def prediction_out(predicted: Predicted, with_square: bool) -> PredictionOut:
    """Return the answer to a prediction."""
    square = [round(float(value), 4) for value in predicted.square.ravel()] if with_square else None
    unadapted = predicted.unadapted if predicted.adapted else None
    return PredictionOut.model_validate(Extended(predicted, unadapted=unadapted, square=square))
