"""One network's file, asked as it is: LiteRT, one square at a time, no TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from functions.domain.drawing.ink import Square


def open_network(tflite: bytes) -> Any:
    """Return a LiteRT interpreter for a network's bytes; one thread, as a web process has many requests and few cores."""
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def probabilities(interpreter: Any, square: Square) -> NDArray[np.float32]:
    """Return the network's outputs for ``square`` (28, 28): its labels' probabilities, then how surely it is no symbol."""
    return look(interpreter, square)[0]


def look(interpreter: Any, square: Square) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return the network's outputs for ``square`` (28, 28), and its embedding (d,) where it shows that."""
    batch = square.astype(np.float32, copy=False)[None, :, :, None]  # (1, 28, 28, 1)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], batch)
    interpreter.invoke()
    outputs, *more = (interpreter.get_tensor(one["index"])[0] for one in interpreter.get_output_details())
    return outputs, more[0] if more else None


def tried(tflite: bytes, labels: int) -> bytes:
    """Return ``tflite`` if it answers for so many ``labels``: a file that cannot be run never becomes live.

    Raises:
        ValueError, RuntimeError: it is no network, or one of something else.
    """
    found = probabilities(open_network(tflite), np.zeros((28, 28), np.float32))
    if found.shape != (labels + 1,) or not np.isfinite(found).all():
        raise ValueError(f"it does not give {labels + 1} probabilities")
    return tflite
