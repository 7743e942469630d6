"""Serve the files of ``static``; large files are kept only compressed, beside no plain form, and are served as they lie there."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotAcceptable

BROTLI = ".br"


def install(app: Flask) -> None:
    """Let the static view of ``app`` send ``name.br`` as ``name`` where only the compressed file is there."""
    folder = Path(app.static_folder or "static")
    send_plain = app.send_static_file

    def send(filename: str) -> Response:
        if not (folder / f"{filename}{BROTLI}").is_file():
            return send_plain(filename)
        # Browsers accept Brotli over https and from their own machine. Unpacking for others would cost megabytes for each.
        if not request.accept_encodings.quality("br"):
            raise NotAcceptable
        response = send_from_directory(folder, f"{filename}{BROTLI}", mimetype=_type(filename))
        response.content_encoding = "br"
        response.vary.add("Accept-Encoding")
        return response

    app.view_functions["static"] = send


def _type(filename: str) -> str:
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"
