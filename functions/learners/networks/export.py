"""Export a trained network as a LiteRT file, for inference, and compare the two."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from functions.learners.calibration import Answers, answers
from functions.learners.litert import PARITY, NoNetwork, infer
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Pixels
from functions.learners.weights_file import unpack


class ExportDiffers(Exception):
    """The outputs of the exported network differ from those of the trained one; it must not be published."""


def rounded(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a weight array rounded to half precision; unchanged if half precision cannot hold its values."""
    most = np.finfo(np.float16)
    fits = (np.abs(weight) <= most.max).all() and (np.abs(weight)[weight != 0] >= most.tiny).mean() > 0.99
    return weight.astype(np.float16).astype(np.float32) if fits else weight


def export(network: Network, temperature: float, threshold: float) -> bytes:
    """Return ``network`` as LiteRT bytes: float32, one square (1, 28, 28, 1) of 0..1 in, one answer (1, K + 1) out.

    The answer is ``calibration.answers``: the labels' probabilities, then the rejection probability. Temperature and threshold
    are part of the network.
    """

    def answer(squares: Any) -> Any:
        logits = network(squares, training=False)
        labels, none = logits[:, :-1], logits[:, -1:]
        odds = none - tf.reduce_logsumexp(labels, 1, keepdims=True)
        return tf.concat([tf.nn.softmax(labels / tf.constant(temperature, tf.float32)), tf.sigmoid(odds - threshold)], 1)

    answering = tf.function(answer, input_signature=[tf.TensorSpec((1, 28, 28, 1), tf.float32, name="square")])
    # The converter alone would keep the weights as variables.
    frozen = convert_variables_to_constants_v2(answering.get_concrete_function())
    return cast(bytes, tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert())


def export_difference(tflite: bytes, x: Pixels, expected: Answers) -> float:
    """Return the largest difference between the export's answers to ``x`` and the ``expected`` ones (n, K + 1)."""
    return float(np.abs(infer(tflite, x) - expected).max(initial=0.0))


def compare_export(tflite: bytes, x: Pixels, expected: Answers) -> float:
    """Return the same difference for a network that no gate tests.

    Raises:
        ExportDiffers: it is ``PARITY`` or more, or not a number.
    """
    difference = export_difference(tflite, x, expected)
    if not difference < PARITY:
        raise ExportDiffers(
            f"The export differs from the trained network by {difference:.1e}; less than {PARITY:.0e} is allowed."
        )
    return difference


def inference_from_weights(body: bytes) -> tuple[tuple[str, ...], Callable[[Pixels], NDArray[np.float32]]]:
    """Return the labels of packed weights, and a function from squares (n, 28, 28) to the outputs (n, K + 1) of their export.

    Raises:
        NoNetwork: ``body`` was not written by ``pack``, or belongs to another architecture.
    """
    try:
        weights, header = unpack(body)
        network = build(header.learner, len(header.labels) + 1)
        network.set_weights(weights)
    except (ValueError, KeyError, TypeError, OSError, EOFError, json.JSONDecodeError, zipfile.BadZipFile):
        raise NoNetwork("This npz does not hold the weights of a network as train-base and the worker write them.") from None

    def outputs(x: Pixels) -> NDArray[np.float32]:
        return answers(predict_logits(network, x), header.temperature, header.threshold).astype(np.float32)

    return header.labels, outputs
