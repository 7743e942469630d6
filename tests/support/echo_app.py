"""A small app for tests of the server: it echoes, waits and sends much. Not the platform, so that these tests start at once."""

from __future__ import annotations

import os
import time
from types import SimpleNamespace

from flask import Flask, Response, jsonify, request

from functions.errors import Unavailable
from functions.web.server.streams import PIECE, Pieces
from functions.web.server.waits import Waits

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
waits = Waits(slow=(6, 8))
app.extensions["inkloop"] = SimpleNamespace(waits=waits)


@app.route("/echo", methods=["GET", "POST"])
def echo() -> Response:
    """Tell what came."""
    return jsonify(length=len(request.get_data()), method=request.method, begin=request.get_data()[:20].decode("latin-1"))


@app.post("/unread")
def unread() -> str:
    """Answer without a look at the body."""
    return "unread"


@app.get("/sleep/<float:seconds>")
def sleep(seconds: float) -> str:
    """Take a thread for some time."""
    time.sleep(seconds)
    return "slept"


@app.get("/wait/<float:seconds>")
def wait(seconds: float) -> Response:
    """Wait for something slow, and give the place to others meanwhile."""
    try:
        with waits.waiting("slow", Unavailable()):
            time.sleep(seconds)
        return Response("waited")
    except Unavailable:
        return Response("too many wait", 503)


@app.get("/much")
def much() -> bytes:
    """Send more than fits on the way to a client that does not read."""
    return b"x" * 4_000_000


@app.get("/streamed/<int:size>")
def streamed(size: int) -> Response:
    """Send bytes piece by piece; of more than ten million, a piece behind the first million cannot be read."""

    def read(start: int, length: int) -> bytes:
        if size > 10_000_000 and start > 1_000_000:
            raise OSError("the disk is away")
        return bytes(start // PIECE % 256 for _ in range(1)) * length

    response = Response(Pieces(read, 0, size), direct_passthrough=True)
    response.headers["Content-Length"] = str(size)
    return response


@app.get("/broken")
def broken() -> str:
    """Fail outside of any answer."""
    raise SystemExit


@app.get("/healthz")
def healthz() -> Response:
    """Answer as a probe expects."""
    return jsonify(status="ok", pid=os.getpid())
