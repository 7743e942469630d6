"""The page api.md: every call of the API, from its OpenAPI description, the table of access and the rate limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from functions.app import api as views
from functions.web.api.openapi import ALWAYS, REASONS, describe
from functions.web.api.request_schemas import DrawingFields
from functions.web.security.access import ACCESS, OWNERS, Access
from functions.web.security.rate_limits import ELSEWHERE, LIMITS

DRAWN = DrawingFields.model_fields.keys()
WHO = {"_contributor": "contributor", "_stranger": "address without a cookie", "_client": "address", "_site": "site"}
PERIODS = {1: "second", 60: "minute", 3600: "hour"}
LIMIT_WORDS = (
    ("maxLength", "at most {} characters"),
    ("minLength", "at least {} characters"),
    ("minItems", "at least {}"),
    ("maxItems", "at most {}"),
    ("minimum", "from {}"),
    ("maximum", "to {}"),
    ("pattern", "`{}`"),
)


def api() -> str:
    """Return the page: each call with what it takes and answers, then the objects that the tables name."""
    app = Flask("inkloop")
    app.register_blueprint(views)
    described = _inlined(describe(app))
    calls = [
        (operation["tags"][0], method.upper(), path.removeprefix("/api/v1"), operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    bodies = {_named(content) for *_, operation in calls if (content := _json_body(operation))}
    lines = [*_lead(), ""]
    group = None
    for tag, method, path, operation in sorted(calls, key=lambda call: call[0]):
        if tag != group:
            lines += [f"## {tag.capitalize()}", ""]
            group = tag
        lines += [f"### {method} {path}", "", *_call(operation, described["components"]["schemas"])]
    lines += ["## Objects", ""]
    for name, schema in sorted(described["components"]["schemas"].items()):
        if "properties" in schema and name not in ("ErrorOut", "ErrorDetail", *(bodies - {"DrawingFields"})):
            lines += [f"### {name}", "", *_fields(schema["properties"], schema.get("required", ())), ""]
    return "\n".join(lines).rstrip() + "\n"


def _inlined(described: dict[str, Any]) -> dict[str, Any]:
    """Return the description with the values of names that are no objects, such as a list of choices, in their places."""
    schemas = described["components"]["schemas"]

    def walk(one: Any) -> Any:
        if isinstance(one, list):
            return [walk(each) for each in one]
        if not isinstance(one, dict):
            return one
        meant = schemas.get(str(one.get("$ref", "")).rpartition("/")[2], {"properties": {}})
        kept = {key: walk(value) for key, value in one.items()}
        return kept if "properties" in meant else walk(meant) | {key: kept[key] for key in kept if key != "$ref"}

    walked: dict[str, Any] = walk(described)
    return walked


def _lead() -> Iterator[str]:
    yield "# API"
    yield ""
    yield "Every call, below `/api/v1`. [api.md](../api.md) has examples and the meaning of the answers. A running platform has"
    yield "this description as `/api/v1/openapi.json`, and a form for each call at `/reference`."
    yield ""
    yield f"Where no limit is named, {_limits(ELSEWHERE)}. Every call may also answer 414, 429, 500 and 503. Each error is"
    yield '`{"error": {"code", "message", "request_id"}}`; the calls name their statuses:'
    yield ""
    yield "| status | meaning |"
    yield "| --- | --- |"
    for status, reason in REASONS.items():
        yield f"| {status} | {reason} |"


def _call(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    endpoint = f"api.{operation['operationId']}"
    access = ACCESS[endpoint]
    words = str((Access.READER if access in OWNERS else access).value[0])
    who = re.sub(r"[,;] (which its view checks|its view checks that)$", "", words)
    scope = f" Scope: `{access.scope}`." if access.scope else ""
    yield f"{operation['summary'].rstrip('.')}."
    yield ""
    yield f"Who: {who}.{scope}{f' Limit: {_limits(LIMITS[endpoint])}.' if endpoint in LIMITS else ''}"
    yield ""
    yield from _taken(operation, schemas)
    done, *failed = sorted(operation["responses"], key=int)
    ((kind, content),) = operation["responses"][done]["content"].items()
    answer = _type(content["schema"]) if "$ref" in content["schema"] else f"`{kind}`"
    own = ", ".join(status for status in failed if int(status) not in ALWAYS)
    yield f"Answers: {done} {answer}{f'; {own}' if own else ''}."
    yield ""


def _taken(operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """Yield what a call takes: its parameters, the fields of its body, and the body's other forms."""
    body, needed = _body(operation, schemas)
    drawn = DRAWN & body.keys() == DRAWN
    rows = [
        _row(one["name"], one["in"], one["schema"], one["required"]) for one in operation["parameters"] if one["in"] != "path"
    ]
    if drawn:
        rows.append(f"| {', '.join(f'`{field}`' for field in DRAWN)} | body | [a drawing](#drawingfields) | | |")
    rows += [_row(field, "body", body[field], field in needed) for field in body if not (drawn and field in DRAWN)]
    if rows:
        yield from ("| parameter | in | type | limits | meaning |", "| --- | --- | --- | --- | --- |", *rows, "")
    other = [kind for kind in operation.get("requestBody", {}).get("content", {}) if kind != "application/json"]
    if other:
        yield f"The body may also be {' or '.join(f'`{kind}`' for kind in other)}." if body else f"The body is `{other[0]}`."
        yield ""


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the fields of a JSON body, and the names of those that must be there."""
    content = _json_body(operation)
    if content is None:
        return {}, []
    schema = schemas[_named(content)]
    return schema.get("properties", {}), schema.get("required", [])


def _json_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return found


def _named(content: dict[str, Any]) -> str:
    return str(content["schema"]["$ref"]).rpartition("/")[2]


def _fields(properties: dict[str, Any], required: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield "| field | type | limits | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, schema in properties.items():
        yield _row(name, None, schema, name in required)


def _row(name: str, where: str | None, schema: dict[str, Any], required: bool) -> str:
    meaning = schema.get("description", "")
    given = "" if required or schema.get("default") in (None, "") else f"default `{_plain(schema['default'])}`"
    limits = ", ".join(filter(None, ["" if required or where is None else "optional", given, *_bounds(schema)]))
    cells = [f"`{name}`", *([where] if where else []), _type(schema), limits, meaning]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    for one in (schema, *(each for each in schema.get("anyOf", ()) if each.get("type") != "null")):
        for key, words in LIMIT_WORDS:
            if key in one:
                yield words.format(_plain(one[key]))


def _type(schema: dict[str, Any]) -> str:
    """Return a schema's type in a few words; ``or null`` where it may be missing."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{_plain(schema['const'])}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type", "any"))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{int(value):,}" if float(value).is_integer() else f"{value:g}"
    return str(value)


def _limits(limits: Any) -> str:
    said: dict[str, list[str]] = {}
    for who, limit in limits:
        said.setdefault(WHO[who.__name__], []).append(f"{limit.most:,} a {PERIODS[int(limit.seconds)]}")
    return "; ".join(f"{' and '.join(figures)} for one {who}" for who, figures in said.items())
