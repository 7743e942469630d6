"""Answers with a file of known length, whole or one range of it (RFC 9110, section 14)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import quote_etag

from functions.web.server.streams import Pieces


def ranged(read: Callable[[int, int], bytes], size: int, name: str, content_type: str, etag: str | None = None) -> Response:
    """Return the file, or the one range that the request asks for; ``read`` gives bytes by their start and length.

    Raises:
        RequestedRangeNotSatisfiable: the range begins behind the end of the file.
    """
    start, stop = 0, size
    if (asked := _asked(etag)) is not None:
        found = asked.range_for_length(size)
        if found is None:
            raise RequestedRangeNotSatisfiable(size)
        start, stop = found
    # Passed through: Werkzeug would wrap the pieces, and the server would not know that they can wait.
    response = Response(Pieces(read, start, stop - start), mimetype=content_type, direct_passthrough=True)
    if asked is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Content-Length"] = str(stop - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if etag is not None:
        response.set_etag(etag)
    return response


def _asked(etag: str | None) -> Range | None:
    """Return the range of the request; None where it has none, several, or one of a file that has changed."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and (etag is None or condition != quote_etag(etag)):
        return None
    return asked
