"""What the throughput benchmark compares the platform with: an empty JSON POST, and the two networks asked through Keras.

``gunicorn benchmarks.load.reference_app:app`` serves it; Keras is loaded by the first request that needs it.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask, Response, jsonify, request

from functions.domain.drawing import from_strokes, parse_strokes

MODELS = Path(__file__).resolve().parents[2] / "models" / "digits"
app = Flask(__name__)
one_at_a_time = threading.Lock()  # Keras's networks are not made to be asked by several threads


@app.post("/empty")
def empty() -> Response:
    """Read a JSON body and answer with another."""
    return jsonify(fields=len(request.get_json()))


@app.post("/keras")
def keras() -> Response:
    """Answer as many small projects do: ``model.predict`` of both networks."""
    body = request.get_json()
    square = from_strokes(parse_strokes(body["strokes"], body["width"], body["height"], None)).square
    with one_at_a_time:
        outputs = [network.predict(square[None], verbose=0)[0] for network in _networks()]
    return jsonify([int(np.argmax(output)) for output in outputs])


@cache
def _networks() -> list[Any]:
    from functions.learners.networks.architectures import build
    from functions.learners.weights_file import unpack

    networks = []
    for learner in ("fnn", "cnn"):
        weights, _ = unpack((MODELS / f"{learner}.npz").read_bytes())
        network = build(learner, 11)
        network.set_weights(weights)
        networks.append(network)
    return networks
