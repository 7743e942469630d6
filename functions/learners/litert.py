"""Run an exported network with LiteRT. TensorFlow is not needed.

The exported networks have batch size 1, so squares are run one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.drawing.ink import Square
from functions.errors import Malformed
from functions.learners.squares import Pixels

PARITY = 1e-4  # the outputs of Keras and of its export may differ by less than this


@dataclass(frozen=True)
class OpenNetwork:
    """A LiteRT interpreter and the indices of its tensors; to ask for the indices takes almost as long as an answer."""

    interpreter: Any
    entry: int
    exits: tuple[int, ...]


def open_network(tflite: bytes) -> OpenNetwork:
    """Return a LiteRT interpreter for the bytes of an exported network.

    The interpreter uses one thread: a web process has many requests and few cores. It must not be used by two threads at once.

    Raises:
        ValueError, RuntimeError: ``tflite`` is not a LiteRT file.

    >>> from pathlib import Path
    >>> network = open_network(Path("models/digits/cnn.tflite").read_bytes())
    >>> outputs = infer_square(network, np.zeros((28, 28), np.float32))
    >>> outputs.shape  # ten labels and the rejection
    (11,)
    >>> bool(outputs[-1] > 0.5)  # a blank square is not a symbol
    True
    """
    interpreter = Interpreter(model_content=tflite, num_threads=1)
    interpreter.allocate_tensors()
    exits = tuple(one["index"] for one in interpreter.get_output_details())
    return OpenNetwork(interpreter, interpreter.get_input_details()[0]["index"], exits)


def infer_square(network: OpenNetwork, square: Square) -> NDArray[np.float32]:
    """Return the outputs (K + 1,) for ``square`` (28, 28): the probability of each label, then the rejection probability."""
    return infer_square_and_embedding(network, square)[0]


def infer_square_and_embedding(network: OpenNetwork, square: Square) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return the outputs (K + 1,) for ``square`` (28, 28), and the embedding (d,); None if the network does not export it."""
    batch = square.astype(np.float32, copy=False)[None, :, :, None]  # (1, 28, 28, 1)
    network.interpreter.set_tensor(network.entry, batch)
    network.interpreter.invoke()
    outputs, *more = (network.interpreter.get_tensor(one)[0] for one in network.exits)
    return outputs, more[0] if more else None


def checked_network(tflite: bytes, labels: int) -> bytes:
    """Return ``tflite`` if the network has ``labels`` + 1 outputs. A file that cannot be run must never become live.

    Raises:
        ValueError, RuntimeError: the bytes are not a network, or the network has other outputs.
    """
    outputs = infer_square(open_network(tflite), np.zeros((28, 28), np.float32))
    if outputs.shape != (labels + 1,) or not np.isfinite(outputs).all():
        raise ValueError(f"it does not give {labels + 1} probabilities")
    return tflite


class NoNetwork(Malformed):
    """The bytes are not an exported network that takes squares."""


def output_count(tflite: bytes) -> int:
    """Return the number of outputs of an exported network: one for each label, and the rejection.

    Raises:
        NoNetwork: ``tflite`` is no LiteRT file, or its network does not take one square (1, 28, 28, 1).
    """
    return _checked_shapes(tflite)[1]


def infer(tflite: bytes, x: Pixels) -> NDArray[np.float32]:
    """Return the outputs (n, K + 1) for squares ``x`` (n, 28, 28), 0..255. A slow run shows a progress bar.

    Raises:
        NoNetwork: see ``output_count``.
    """
    network, count = _checked_shapes(tflite)
    outputs = np.zeros((len(x), count), np.float32)
    for i in tqdm(range(len(x)), desc="inference", unit="square", delay=1, disable=None):
        outputs[i] = infer_square(network, x[i].astype(np.float32) / np.float32(255))
    return outputs


def _checked_shapes(tflite: bytes) -> tuple[OpenNetwork, int]:
    try:
        network = open_network(tflite)
    except (ValueError, RuntimeError):
        raise NoNetwork("This is not a LiteRT network.") from None
    details = network.interpreter.get_input_details()[0], network.interpreter.get_output_details()[0]
    input_shape, output_shape = (one["shape"] for one in details)
    if list(input_shape) != [1, 28, 28, 1] or len(output_shape) != 2:
        raise NoNetwork("This network does not take one square (1, 28, 28, 1) and give one answer (1, K + 1).")
    return network, int(output_shape[-1])
