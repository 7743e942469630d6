"""The OpenAPI document, generated from the routes, their descriptions and the schemas."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.domain.scopes import Scope
from functions.web.api.operations import Operation
from functions.web.api.response_schemas import ErrorOut
from functions.web.security.access import ACCESS, OWNERS

openapi = Blueprint("openapi", __name__, url_prefix="/api/v1")

TITLE, VERSION = "Inkloop", "1"
REASONS = {
    400: "The request is malformed, or has an unknown field.",
    401: "The caller must authenticate.",
    403: "The caller may not do this.",
    404: "The object does not exist.",
    409: "The request contradicts the recorded data, or no network has learned the set yet.",
    413: "The request is too large.",
    414: "The address, with its query, is longer than the server reads.",
    415: "This content type is not accepted.",
    416: "The range begins behind the end of the file.",
    422: "The request is valid but not acceptable: nothing is drawn, the label is unknown, or its key was used for another one.",
    429: "Too many requests; Retry-After has the seconds to wait.",
    500: "A server error, which is logged under the request id.",
    503: "A necessary part is unavailable; Retry-After has the seconds to wait.",
}
SCOPES = f"A token with the scope that the call names: {', '.join(Scope)}. Moderate contains read, and admin everything."
ALWAYS = (414, 429, 500, 503)


@openapi.get("/openapi.json")
def document() -> Response:
    """Send the OpenAPI document of this app."""
    return jsonify(describe(current_app, server=request.script_root or "/"))


def describe(app: Flask, server: str = "/") -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of every described view of ``app``, which answers below the path ``server``."""
    paths: dict[str, dict[str, Any]] = {}
    models: dict[str, type[BaseModel]] = {"ErrorOut": ErrorOut}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        described = getattr(view, "operation", None)
        if not isinstance(described, Operation):
            continue
        for schema in (described.body, described.answer):
            if isinstance(schema, type):
                models[schema.__name__] = schema
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            paths.setdefault(path, {})[method.lower()] = _operation(rule.endpoint, _tag(view), sorted(rule.arguments), described)
    modes = [(model, "validation") for model in models.values()]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": "Draw, see, correct, and watch two networks learn."},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": SCOPES},
                "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def _operation(endpoint: str, tag: str, arguments: list[str], described: Operation) -> dict[str, Any]:
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in arguments]
    parameters += [{"name": name, "in": "header", "required": False, "schema": {"type": "string"}} for name in described.headers]
    if described.query is not None:
        query = described.query.model_json_schema()
        parameters += [
            {"name": name, "in": "query", "required": name in query.get("required", ()), "schema": schema}
            for name, schema in query["properties"].items()
        ]
    failures = {str(status): _failure(status) for status in sorted({*described.errors, *ALWAYS})}
    result: dict[str, Any] = {
        "tags": [tag],
        "operationId": endpoint.replace("api.", ""),
        "summary": described.summary,
        "parameters": parameters,
        "responses": {str(described.status): _success(described), **failures},
    }
    if described.body is not None:
        result["requestBody"] = {"required": True, "content": _body(described)}
    if described.octets:
        schema = {"type": "string", "format": "binary", "maxLength": described.octets}
        result["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": schema}}}
    if (scope := ACCESS[endpoint].scope) is not None:
        result["security"] = _security(ACCESS[endpoint] in OWNERS, scope)
    return result


def _tag(view: Callable[..., Any]) -> str:
    """Return the group of a call: the module that has its view."""
    return view.__module__.rpartition(".")[2].replace("_", " ")


def _security(owners: bool, scope: Scope) -> list[dict[str, list[str]]]:
    """Return who may call: a token with the scope, the owner's session, and where anybody may, nobody in particular."""
    token: dict[str, list[str]] = {"token": [scope]}
    if owners:
        return [token, {"session": [], "csrf": []}]
    return [{}, token]


def _success(described: Operation) -> dict[str, Any]:
    if isinstance(described.answer, str):
        content = {described.answer: {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": _reference(described.answer)}}
    return {"description": described.summary, "content": content}


def _failure(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": REASONS[status], "content": {"application/json": {"schema": _reference(ErrorOut)}}}
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return answer


def _body(described: Operation) -> dict[str, Any]:
    if described.body is None:
        return {}
    content: dict[str, Any] = {"application/json": {"schema": _reference(described.body)}}
    if described.drawing:
        picture = {"type": "object", "properties": {"image": {"type": "string", "format": "binary"}}}
        content["multipart/form-data"] = {"schema": picture}
        content["image/png"] = {"schema": {"type": "string", "format": "binary", "maxLength": 2**20}}
    return content


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
