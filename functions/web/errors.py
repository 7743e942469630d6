"""Error answers, ``{"error": {"code", "message", "request_id"}}``, from one table of situations."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import TemplateNotFound
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadHost, HTTPException

from functions import errors
from functions.web.platform import platform
from functions.web.security.access import ACCESS, Access

log = logging.getLogger(__name__)

SOON = 1  # seconds; longer than nearly every request takes
RETRY_AFTER = 5  # seconds; long enough for a database or a bucket to come back from a short restart


@dataclass(frozen=True)
class ErrorAnswer:
    """The status and the code of an error answer."""

    status: int
    code: str


# The first matching class wins, so subclasses come before their base classes.
TABLE: tuple[tuple[type[Exception], ErrorAnswer], ...] = (
    (errors.BrokenPicture, ErrorAnswer(400, "broken_picture")),
    (errors.BadStrokes, ErrorAnswer(400, "bad_strokes")),
    (errors.Malformed, ErrorAnswer(400, "malformed")),
    (errors.NotSignedIn, ErrorAnswer(401, "not_signed_in")),
    (errors.NotAllowed, ErrorAnswer(403, "not_allowed")),
    (errors.UnknownSet, ErrorAnswer(404, "unknown_set")),
    (errors.UnknownSample, ErrorAnswer(404, "unknown_sample")),
    (errors.UnknownPrediction, ErrorAnswer(404, "unknown_prediction")),
    (errors.UnknownVersion, ErrorAnswer(404, "unknown_version")),
    (errors.UnknownRun, ErrorAnswer(404, "unknown_run")),
    (errors.UnknownContributor, ErrorAnswer(404, "unknown_contributor")),
    (errors.UnknownToken, ErrorAnswer(404, "unknown_token")),
    (errors.MissingObject, ErrorAnswer(503, "unavailable")),  # the object may be moving to another key
    (errors.NotFound, ErrorAnswer(404, "not_found")),
    (errors.InProgress, ErrorAnswer(409, "in_progress")),
    (errors.Conflict, ErrorAnswer(409, "conflict")),
    (errors.NothingLearned, ErrorAnswer(409, "nothing_learned")),
    (errors.TooLarge, ErrorAnswer(413, "too_large")),
    (errors.WrongType, ErrorAnswer(415, "wrong_type")),
    (errors.EmptyDrawing, ErrorAnswer(422, "blank_drawing")),
    (errors.KeyReused, ErrorAnswer(422, "key_reused")),
    (errors.BadLabel, ErrorAnswer(422, "unknown_label")),
    (errors.BadSet, ErrorAnswer(422, "bad_set")),
    (errors.Unavailable, ErrorAnswer(503, "unavailable")),
    (OperationalError, ErrorAnswer(503, "unavailable")),
    (InterfaceError, ErrorAnswer(503, "unavailable")),
    (PoolTimeout, ErrorAnswer(503, "unavailable")),
)

# Errors that the framework itself raises.
HTTP: dict[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be understood."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not answer that method."),
    406: ("not_acceptable", "This file is sent only with Brotli compression, which browsers accept over https."),
    413: ("too_large", "The request is larger than a drawing may be."),
    415: ("wrong_type", "This kind of content is not accepted here."),
    416: ("range_not_satisfiable", "The range begins behind the end of the file."),
    429: ("too_many_requests", "That was too much at once; try again in a moment."),
}
HEADERS = ("Allow", "Content-Range", "Retry-After", "WWW-Authenticate")  # of an error's own answer
UNAVAILABLE = "Something that is needed for this cannot be reached just now; try again in a moment."
INTERNAL = "Something went wrong here; it was noted under the request id."


def install(app: Flask) -> None:
    """Answer every error of ``app`` in one form: JSON under ``/api``, a page elsewhere."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _any)


def answer_to(error: Exception) -> ErrorAnswer | None:
    """Return the status and the code of a known situation, None for any other error."""
    return next((answer for kind, answer in TABLE if isinstance(error, kind)), None)


def _any(error: Exception) -> ResponseReturnValue:
    answer = answer_to(error)
    if answer is None:
        log.exception("request %s failed", g.request_id)
        return _answer(500, "internal", INTERNAL)
    if answer.status == 503 and not isinstance(error, errors.TooManyWait):  # a crowd does not make a database unwritable
        platform().write_health.doubt()
    if isinstance(error, errors.Situation) and str(error):
        return _answer(answer.status, answer.code, error.problem, _headers(error))
    log.error("request %s: %s", g.request_id, _one_line(error))
    return _answer(answer.status, answer.code, UNAVAILABLE if answer.status == 503 else HTTP[400][1])


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect is not an error
    code, message = HTTP.get(status) or (_slug(status), INTERNAL if status >= 500 else HTTP[400][1])
    return _answer(status, code, message, dict(error.get_headers(request.environ)))


def _answer(status: int, code: str, message: str, given: dict[str, str] | None = None) -> ResponseReturnValue:
    headers = {name: value for name, value in (given or {}).items() if name in HEADERS}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER)
    if _wants_json():
        return jsonify(error={"code": code, "message": message, "request_id": g.request_id}), status, headers
    if isinstance(request.routing_exception, BadHost):  # no link can be built, so no page either
        return f"{message}\n", status, headers | {"Content-Type": "text/plain; charset=utf-8"}
    try:
        page = render_template("error.html", status=status, code=code, message=message, request_id=g.request_id)
    except TemplateNotFound:
        page, headers["Content-Type"] = f"{message}\n", "text/plain; charset=utf-8"
    return page, status, headers


def _headers(error: errors.Situation) -> dict[str, str]:
    """Return the headers of an error's answer; the scope that is needed is named as RFC 6750 wants it."""
    if isinstance(error, errors.InProgress):
        return {"Retry-After": str(SOON)}
    if isinstance(error, errors.NotSignedIn):
        scope = ACCESS.get(request.endpoint or "", Access.ANYBODY).scope
        return {"WWW-Authenticate": f'Bearer scope="{scope}"' if scope else "Bearer"}
    if isinstance(error, errors.NotAllowed) and error.scope:
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}


def _one_line(error: Exception) -> str:
    """Return the first line of an error, without the statement below it and without characters that end a line of the log."""
    first, *_ = str(error).splitlines() or [""]
    return "".join(character if character.isprintable() else " " for character in f"{type(error).__name__}: {first}")


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/healthz", "/metrics", "/readyz"))


def _slug(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
