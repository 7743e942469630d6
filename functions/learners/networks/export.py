"""The files of a version: weights as npz, for training, and a LiteRT network, for inference."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from functions.domain.answer import Learner
from functions.learners.calibration import Answers, answers
from functions.learners.litert import PARITY, NoNetwork, infer
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Pixels, Weights


class ExportDiffers(Exception):
    """The outputs of the exported network differ from those of the trained one; it must not be published."""


@dataclass(frozen=True)
class ModelHeader:
    """The facts stored beside weights; ``labels`` in the order of the outputs, "not a symbol" after the last."""

    learner: Learner
    labels: tuple[str, ...]
    temperature: float
    threshold: float = 0.0  # a square with at least these log-odds of "not a symbol" is rejected
    # Figures of the first version of the line:
    anchor: float | None = None  # accuracy (0..1) on the hold-out
    known: float | None = None  # accuracy (0..1) on the selection squares
    recalls: dict[str, float] | None = None  # recall (0..1) of each label on the shipped hold-out
    squares: str | None = None  # the digest of the shipped squares with which these figures were measured
    confusable: dict[str, Any] | None = None  # the figures where confusable labels are not wrong (gate.line.ConfusableFigures)


def pack(weights: Weights, about: ModelHeader) -> bytes:
    """Return the weights as npz bytes; the same weights give the same bytes. Half precision is used where it loses nothing."""
    arrays: dict[str, Any] = {}
    for i, w in enumerate(weights):
        half = w.astype(np.float16)
        arrays[f"w{i:03}"] = half if np.array_equal(half.astype(np.float32), w) else np.asarray(w, np.float32)
    body = io.BytesIO()
    np.savez_compressed(body, about=np.array(json.dumps(asdict(about), sort_keys=True)), **arrays)
    return body.getvalue()


def unpack(body: bytes) -> tuple[Weights, ModelHeader]:
    """Read what ``pack`` wrote."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        about["labels"] = tuple(about["labels"])
        return [arrays[name].astype(np.float32) for name in sorted(arrays.files) if name != "about"], ModelHeader(**about)


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
