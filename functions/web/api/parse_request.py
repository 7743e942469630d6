"""Parse the body and the query of a request into valid values."""

from __future__ import annotations

import base64
import binascii
import threading
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel
from pydantic_core import from_json
from werkzeug.datastructures import MultiDict

from functions.domain.drawing import MAX_POINTS, MAX_STROKES, Drawing, Strokes, from_png, from_strokes, parse_strokes
from functions.errors import EmptyDrawing, Malformed, TooLarge, WrongType
from functions.web.api.request_schemas import DrawingFields, NoQuery, parse

Body = TypeVar("Body", bound=BaseModel)
Fields = TypeVar("Fields", bound=DrawingFields)

MOST_PNG = 2**20  # bytes, as API.md says
MOST_BODY = 2 * 2**20  # bytes; the largest picture in base64 takes 1.34 MiB, strokes take less
# A body of 2 MiB can hold 700,000 empty lists, or as many fields, and each takes 60 bytes or an error message. So the signs
# between values are counted before the values are made. Strings have few of these signs: base64 has none, a label 64 at most.
MOST_LISTS = MAX_POINTS + MAX_STROKES + 100
MOST_VALUES = 4 * MAX_POINTS + MAX_STROKES + 500
MOST_FIELDS = 500
# Threads that compute at the same time wait for the interpreter after each of many small steps: a PNG took three times as long.
one_at_a_time = threading.Lock()
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def read_json(schema: type[Body], query: type[BaseModel] = NoQuery) -> Body:
    """Return a JSON body as ``schema``, or raise Malformed, TooLarge or WrongType; an absent body is an empty object.

    The query must be one of ``query``.
    """
    read_query(query)
    data = _body()
    if not data:
        return parse(schema, {})
    if request.mimetype != "application/json":
        raise WrongType("The body must be JSON, with the content type application/json.")
    return parse(schema, _json(data))


def read_query(schema: type[Body]) -> Body:
    """Return the query as ``schema``, or raise Malformed."""
    return parse(schema, _from_texts(schema, request.args))


def read_drawing(schema: type[Fields]) -> tuple[Fields, Drawing | None]:
    """Return the fields and the drawing of a request in one of three content types; None is a blank drawing.

    Raises Malformed, BrokenPicture, BadStrokes, TooLarge or WrongType.
    """
    fields, png = _fields_and_png(schema)
    return fields, _drawing(fields, png)


def _fields_and_png(schema: type[Fields]) -> tuple[Fields, bytes | None]:
    match request.mimetype:
        case "application/json":
            read_query(NoQuery)
            return parse(schema, _json(_body())), None
        case "multipart/form-data":
            read_query(NoQuery)
            return parse(schema, _from_texts(schema, request.form)), _file()
        case "image/png":
            return parse(schema, _from_texts(schema, request.args)), _body()
    raise WrongType("A drawing comes as application/json, multipart/form-data or image/png.")


def read_writing(schema: type[Fields]) -> tuple[Fields, Strokes | bytes]:
    """Return the fields of a request, and the strokes or the PNG of a line of writing.

    Raises Malformed, BadStrokes, TooLarge, WrongType or EmptyDrawing.
    """
    fields, png = _fields_and_png(schema)
    _check_one(fields, png)
    if fields.strokes is not None:
        with one_at_a_time:
            return fields, parse_strokes(fields.strokes, fields.width, fields.height, fields.pointer)
    return fields, _decoded(fields.image) if fields.image is not None else png or b""


def _drawing(fields: DrawingFields, png: bytes | None) -> Drawing | None:
    _check_one(fields, png)
    try:
        with one_at_a_time:
            if fields.strokes is not None:
                return from_strokes(parse_strokes(fields.strokes, fields.width, fields.height, fields.pointer))
            return from_png(_decoded(fields.image) if fields.image is not None else png or b"")
    except EmptyDrawing:
        return None


def _check_one(fields: DrawingFields, png: bytes | None) -> None:
    given = [fields.strokes is not None, fields.image is not None, png is not None]
    if sum(given) != 1:
        raise Malformed("A drawing is either 'strokes' with 'width' and 'height', or one 'image'.")
    if fields.strokes is None and (fields.width, fields.height, fields.pointer) != (None, None, None):
        raise Malformed("'width', 'height' and 'pointer' belong to 'strokes'.")


def _decoded(text: str) -> bytes:
    if text[:5].lower() == "data:":
        kind, comma, text = text.partition(",")
        media, *parameters = (part.strip().lower() for part in kind[5:256].split(";"))
        if not comma or parameters[-1:] != ["base64"]:
            raise Malformed("'image' must be base64, after 'data:image/png;base64,' or by itself.")
        if media != "image/png":
            raise WrongType("Only PNG pictures are accepted.")
    if len(text) > MOST_PNG * 1.5:  # a third more for base64, and its line breaks
        raise TooLarge("A picture may have at most 1 MiB.")
    try:
        return base64.b64decode(text.encode("ascii").translate(None, b" \t\r\n\f\v"), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("'image' is not valid base64.") from None


def _body() -> bytes:
    data = request.get_data()
    # A chunked body has no length in advance; the framework reads it up to the limit and drops the rest without an error.
    if len(data) >= MOST_BODY:
        raise TooLarge("The request is larger than a drawing may be.")
    return data


def _file() -> bytes | None:
    unknown = {name or "" for name in request.files} - {"image"}  # a part may lack its name
    if unknown:
        raise Malformed(f"The file field {min(unknown)[:40]!r} is not known here; a picture goes into 'image'.")
    files = request.files.getlist("image")
    if len(files) > 1:
        raise Malformed("A drawing is one 'image', not several.")
    return files[0].read() if files else None


def _json(data: bytes) -> Any:
    if data.count(b"[") > MOST_LISTS or data.count(b",") > MOST_VALUES:
        raise TooLarge(f"A drawing may have at most {MAX_STROKES} strokes and {MAX_POINTS} points.")
    if data.count(b":") + data.count(b"{") > MOST_FIELDS:
        raise Malformed("The body has more fields than any that is known here.")
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError:  # also bytes that are not UTF-8, and deep nesting
        raise Malformed("The body is not valid JSON.") from None


def _from_texts(schema: type[BaseModel], texts: MultiDict[str, str]) -> dict[str, Any]:
    """Convert the texts of a form or a query to the JSON types of the schema's fields."""
    fields: dict[str, Any] = {}
    for name, values in texts.lists():
        if name is None:  # a part of a form may lack its name, whatever the types of Werkzeug say
            raise Malformed("A field of the form has no name.")
        if len(values) > 1:
            raise Malformed(f"The field {name[:40]!r} was given more than once.")
        field = schema.model_fields.get(name)
        fields[name] = _value(name, values[0], field.annotation if field else str)
    return fields


def _value(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        return _BOOLEANS.get(text.lower(), text)
    if kind is int:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    if name in ("width", "height"):
        return _json(text.encode()) if len(text) < 32 else text
    if name == "strokes":
        return _json(text.encode())
    return text
