"""The bodies and queries of requests as pydantic models, and validation errors as sentences."""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from functions.domain.prompts import Ask
from functions.errors import Malformed
from functions.jobs import TrainingKind

Body = TypeVar("Body", bound=BaseModel)


class Strict(BaseModel):
    """A schema without unknown fields and without conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Strokes = Annotated[
    Any,
    Field(
        description=(
            "At most 200 strokes with 10,000 points together; a stroke is a list of points [x, y], [x, y, t] or "
            "[x, y, t, pressure]."
        ),
        json_schema_extra={
            "type": "array",
            "maxItems": 200,
            "items": {"type": "array", "items": {"type": "array", "minItems": 2, "maxItems": 4, "items": {"type": "number"}}},
        },
    ),
]
PICTURE = (
    "A PNG in base64, with or without a data: prefix: at most 1 MiB, 2048 x 2048 pixels and 4,096 chunks. A picture that takes "
    "too long to decode is answered 413; a drawing of 2048 x 2048 pixels in grey, or 1500 x 1500 in colours, does not. Bytes "
    "behind the PNG's end and its orientation (eXIf) are ignored."
)
CanvasSize = Annotated[Any, Field(description="The canvas's side in the strokes' units.", json_schema_extra={"type": "number"})]
# A Mac may type an accented letter as two characters. A symbol set has it as one.
Label = Annotated[str, Field(max_length=64), AfterValidator(partial(unicodedata.normalize, "NFC"))]
Pointer = Annotated[Any, Field(json_schema_extra={"type": "string", "enum": ["mouse", "touch", "pen"]})]


class DrawingFields(Strict):
    """A drawing: strokes with the canvas's width and height, or an image. ``domain.drawing`` checks the strokes."""

    strokes: Strokes = None
    width: CanvasSize = None
    height: CanvasSize = None
    pointer: Pointer = None
    image: Annotated[str | None, Field(description=PICTURE)] = None


class SampleBody(DrawingFields):
    """A contribution."""

    label: Label


class PredictionBody(DrawingFields):
    """A drawing that both networks should recognise."""

    consent: Annotated[bool, Field(description="Keep the drawing, so that it can be corrected.")] = False
    square: Annotated[bool, Field(description="Include the 784 numbers that the networks got.")] = False
    adapt: Annotated[bool, Field(description="Adapt the answer to the own drawings of the visitor (known by the cookie).")] = True


class ReadingBody(DrawingFields):
    """A whole number or word that should be read."""

    consent: Annotated[bool, Field(description="Keep each symbol as a drawing, so that it can be corrected.")] = False
    adapt: Annotated[bool, Field(description="Adapt the answers to the own drawings of the visitor (known by the cookie).")] = (
        True
    )
    continues: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(max_length=30, description="With consent: predictions of an earlier reading of the same line, which has grown."),
    ] = []


Side = Annotated[float, Field(ge=-1e6, le=1e6)]


class CutBody(Strict):
    """Either ``join``, the predictions of symbols that are one, or ``split``, the prediction of one that is several.

    A split is the best one into two, or the one with ``boxes`` like these: left, top, width and height, as a reading has them.
    """

    join: Annotated[list[Annotated[str, Field(max_length=64)]] | None, Field(min_length=2, max_length=5)] = None
    split: Annotated[str | None, Field(max_length=64)] = None
    boxes: Annotated[list[Annotated[list[Side], Field(min_length=4, max_length=4)]] | None, Field(min_length=2, max_length=5)] = (
        None
    )


class CorrectionBody(Strict):
    """Either ``verdict`` or ``label``; the label null means "not a symbol"."""

    verdict: Literal["right"] | None = None
    label: Label | None = None


class CheckBody(Strict):
    """The answer to a gold question; the label null means "not a symbol"."""

    id: Annotated[str, Field(max_length=128)]
    label: Label | None


class RunBody(Strict):
    """The kind of run to start."""

    kind: TrainingKind


class RetractionBody(Strict):
    """How to retract a contributor."""

    forget: Annotated[bool, Field(description="Train at once, from the newest versions that never saw the drawings.")] = False


class ListQuery(Strict):
    """The page of a list."""

    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-z][0-9a-z-]{0,47}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PromptsQuery(Strict):
    """The number of prompts, the policy (by default the platform's), and the label of the prompt before."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    ask: Ask | None = None
    after: Label | None = None


class ReceiptQuery(Strict):
    """The receipt that a contribution was answered with."""

    receipt: str | None = None


class ActivationQuery(Strict):
    """The version that must be live at the moment of an activation; by default the one that is live when the call begins."""

    replaces: Annotated[str | None, Field(pattern=r"^[0-9a-z][0-9a-z-]{0,47}$")] = None


class NoQuery(Strict):
    """No query parameters."""


def parse(schema: type[Body], fields: object) -> Body:
    """Return ``fields`` as a value of ``schema``, or raise Malformed with one sentence about the first error."""
    try:
        return schema.model_validate(fields)
    except ValidationError as error:
        raise Malformed(_sentence(schema, error)) from None


def _sentence(schema: type[BaseModel], error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=True)[0]
    name = repr(str(first["loc"][0])[:40]) if first["loc"] else "The body"
    context = first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            known = ", ".join(schema.model_fields) or "none"
            return f"The field {name} is not known here; the known ones: {known}."
        case "missing":
            return f"The field {name} is missing."
        case "string_type":
            return f"{name} must be text."
        case "string_too_long":
            return f"{name} may have at most {context['max_length']} characters."
        case "bool_type":
            return f"{name} must be true or false."
        case "int_type" | "int_from_float" | "int_parsing":
            return f"{name} must be a whole number."
        case "greater_than_equal":
            return f"{name} must be at least {context['ge']}."
        case "less_than_equal":
            return f"{name} must be at most {context['le']}."
        case "literal_error":
            return f"{name} must be {context['expected']}."
        case "model_type" | "model_attributes_type" | "dict_type":
            return "The body must be a JSON object."
    return f"{name} cannot be used as it was given."
