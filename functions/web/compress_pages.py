"""Compress pages and long answers of the API with gzip."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

KINDS = {"text/html": 1_000, "application/json": 16_000}  # bytes from which on it is worth its time; a prediction is shorter
LEVEL = 6  # a page of 40 kB takes a millisecond


def install(app: Flask) -> None:
    """Let ``app`` compress what it says in one piece to clients that accept gzip.

    A page's secret could be guessed from lengths only by a site that can ask for the page in the owner's name (BREACH). The
    owner's cookie is not sent with requests of other sites.
    """

    @app.after_request
    def compress(response: Response) -> Response:
        least = KINDS.get(response.mimetype or "")
        if least is None or response.is_streamed or response.direct_passthrough or response.content_encoding:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip") or (response.content_length or 0) < least:
            return response
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.content_encoding = "gzip"
        if response.headers.get("ETag"):
            response.headers["ETag"] = response.headers["ETag"].rstrip('"') + '-gzip"'
        return response
