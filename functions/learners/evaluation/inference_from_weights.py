"""Ask a network that is still weights (npz). Loads TensorFlow; ``asking`` asks what was exported without it."""

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


def ask_weights(body: bytes) -> tuple[tuple[str, ...], Callable[[Pixels], NDArray[np.float32]]]:
    """Return the labels of packed weights, and what answers (n, K + 1) to squares (n, 28, 28) exactly as their export would.

    Raises:
        NoNetwork: ``body`` is not what ``artefact.pack`` writes, or is of another architecture.
    """
    try:
        weights, about = unpack(body)
        network = build(about.learner, len(about.labels) + 1)
        network.set_weights(weights)
    except (ValueError, KeyError, TypeError, OSError, EOFError, json.JSONDecodeError, zipfile.BadZipFile):
        raise NoNetwork("This npz does not hold the weights of a network as train-base and the worker write them.") from None

    def ask(x: Pixels) -> NDArray[np.float32]:
        return answers(predict_logits(network, x), about.temperature, about.threshold).astype(np.float32)

    return about.labels, ask
