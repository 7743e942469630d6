"""One network's file, asked as it is: LiteRT, one square at a time, no TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.drawing.ink import Square
from functions.errors import Malformed
from functions.learners.squares import Pixels


def open_network(tflite: bytes) -> Any:
    """Return a LiteRT interpreter for a network's bytes; one thread, as a web process has many requests and few cores."""
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def probabilities(interpreter: Any, square: Square) -> NDArray[np.float32]:
    """Return the network's outputs for ``square`` (28, 28): its labels' probabilities, then how surely it is no symbol."""
    return outputs_and_embedding(interpreter, square)[0]


def outputs_and_embedding(interpreter: Any, square: Square) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return the network's outputs for ``square`` (28, 28), and its embedding (d,) where it shows that."""
    batch = square.astype(np.float32, copy=False)[None, :, :, None]  # (1, 28, 28, 1)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
    interpreter.invoke()
    outputs, *more = (interpreter.get_tensor(one["index"])[0] for one in interpreter.get_output_details())
    return outputs, more[0] if more else None


def checked_network(tflite: bytes, labels: int) -> bytes:
    """Return ``tflite`` if it answers for so many ``labels``: a file that cannot be run never becomes live.

    Raises:
        ValueError, RuntimeError: it is no network, or one of something else.
    """
    found = probabilities(open_network(tflite), np.zeros((28, 28), np.float32))
    if found.shape != (labels + 1,) or not np.isfinite(found).all():
        raise ValueError(f"it does not give {labels + 1} probabilities")
    return tflite


class NoNetwork(Malformed):
    """The bytes are not a network of squares."""


def outputs(tflite: bytes) -> int:
    """Return how many numbers an exported network answers: one for each label, and the rejection.

    Raises:
        NoNetwork: ``tflite`` is no LiteRT file, or its network does not take one square (1, 28, 28, 1).
    """
    return int(_opened(tflite).get_output_details()[0]["shape"][-1])


def ask(tflite: bytes, x: Pixels) -> NDArray[np.float32]:
    """Return the answers (n, K + 1) to squares (n, 28, 28): the labels' probabilities, then the rejection. Shows a bar when slow.

    Raises:
        NoNetwork: see ``outputs``.
    """
    interpreter = _opened(tflite)
    entry, way_out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]
    answers = np.zeros((len(x), int(way_out["shape"][-1])), np.float32)
    for i in tqdm(range(len(x)), desc="asking", unit="square", delay=1, disable=None):
        interpreter.set_tensor(entry, x[i].astype(np.float32)[None, :, :, None] / np.float32(255))  # (1, 28, 28, 1)
        interpreter.invoke()
        answers[i] = interpreter.get_tensor(way_out["index"])[0]
    return answers


def _opened(tflite: bytes) -> Interpreter:
    try:
        interpreter = Interpreter(model_content=tflite, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError):
        raise NoNetwork("This is not a LiteRT network.") from None
    takes, gives = interpreter.get_input_details()[0]["shape"], interpreter.get_output_details()[0]["shape"]
    if list(takes) != [1, 28, 28, 1] or len(gives) != 2:
        raise NoNetwork("This network does not take one square (1, 28, 28, 1) and give one answer (1, K + 1).")
    return interpreter


PARITY = 1e-4  # largest difference between the answers of Keras and its export
