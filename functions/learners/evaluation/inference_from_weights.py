"""Run a network that is still packed weights (npz). Loads TensorFlow; ``litert`` runs an exported network without it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from functions.learners.calibration import answers
from functions.learners.litert import NoNetwork
from functions.learners.networks.architectures import build
from functions.learners.networks.export import unpack
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Pixels


def inference_from_weights(body: bytes) -> tuple[tuple[str, ...], Callable[[Pixels], NDArray[np.float32]]]:
    """Return the labels of packed weights, and a function from squares (n, 28, 28) to the outputs (n, K + 1) of their export.

    Raises:
        NoNetwork: ``body`` was not written by ``export.pack``, or belongs to another architecture.
    """
    try:
        weights, header = unpack(body)
        network = build(header.learner, len(header.labels) + 1)
        network.set_weights(weights)
    except (ValueError, KeyError, TypeError, OSError, EOFError, json.JSONDecodeError, zipfile.BadZipFile):
        raise NoNetwork("This npz does not hold the weights of a network as train-base and the worker write them.") from None

    def infer(x: Pixels) -> NDArray[np.float32]:
        return answers(predict_logits(network, x), header.temperature, header.threshold).astype(np.float32)

    return header.labels, infer
