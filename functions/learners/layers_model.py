"""Write a version as a layers model of TensorFlow.js: a JSON of the layers, and the weights in one binary file.

The format is what ``tf.loadLayersModel`` reads (https://www.tensorflow.org/js/guide/save_load). TensorFlow is not needed: the
weights come from a version's npz, the layers from ``layer_table``. Calibration and rejection are inside, as in the ``.tflite``:

- ``labels``: a softmax over the labels' logits, divided by the temperature.
- ``reject``: a softmax over all logits, the last one less the threshold. Its last probability is the rejection probability,
  because sigmoid(a - log sum exp b) = exp a / (exp a + sum exp b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.learners.layer_table import LAYERS, Convolution, Flatten, Layer
from functions.learners.squares import Weights
from functions.learners.weights_file import ModelHeader

WEIGHTS_FILE = "weights.bin"  # beside the JSON
NORM_WEIGHTS = ("gamma", "beta", "moving_mean", "moving_variance")
NORM_EPSILON = 1e-3  # the default of Keras, with which the networks were trained


@dataclass(frozen=True)
class LayersModel:
    """A model for TensorFlow.js: ``document`` is the content of model.json, ``weights`` of weights.bin."""

    document: dict[str, Any]
    weights: bytes


class _Writer:
    """Collects layers, one after the other, with their weights in the order of the file."""

    def __init__(self) -> None:
        self.layers: list[dict[str, Any]] = []
        self.weights: list[tuple[str, NDArray[np.float32]]] = []

    def add(self, kind: str, name: str, inputs: tuple[str, ...], weights: dict[str, NDArray[np.float32]], **config: Any) -> str:
        nodes = [[[one, 0, 0, {}] for one in inputs]] if inputs else []
        self.layers.append(
            {"class_name": kind, "name": name, "config": {"name": name, "dtype": "float32", **config}, "inbound_nodes": nodes}
        )
        self.weights += [(f"{name}/{part}", np.asarray(values, "<f4")) for part, values in weights.items()]
        return name


def layers_model(weights: Weights, about: ModelHeader) -> LayersModel:
    """Return a version's model for TensorFlow.js: squares (n, 28, 28, 1) of 0..1 in, answers (n, K + 1) out.

    The answers are those of its ``.tflite``.

    Raises:
        ValueError: the weights are not those of the learner's layers.
    """
    left, writer = list(weights), _Writer()
    here = writer.add("InputLayer", "squares", (), {}, batch_input_shape=[None, 28, 28, 1], sparse=False)
    for layer in LAYERS[about.learner]:
        here = _add(writer, layer, here, left)
    kernel, bias = left  # a ValueError says that the weights are of another network
    _add_answers(writer, here, kernel, bias, about)
    return LayersModel(_document(writer, about.learner), b"".join(values.tobytes() for _, values in writer.weights))


def _add(writer: _Writer, layer: Layer, before: str, left: Weights) -> str:
    """Add a layer with its normalisation and ReLU, and take its weights from those that are ``left``."""
    if isinstance(layer, Flatten):
        return writer.add("Flatten", layer.name, (before,), {})
    (kernel, *norm), left[:5] = left[:5], []
    if isinstance(layer, Convolution):
        shape = {"kernel_size": [layer.size] * 2, "strides": [layer.strides] * 2, "padding": layer.padding}
        config = {"filters": layer.filters, "data_format": "channels_last", "dilation_rate": [1, 1], **shape}
        here = writer.add("Conv2D", layer.name, (before,), {"kernel": kernel}, activation="linear", use_bias=False, **config)
    else:
        config = {"units": layer.units, "activation": "linear", "use_bias": False}
        here = writer.add("Dense", layer.name, (before,), {"kernel": kernel}, **config)
    named = dict(zip(NORM_WEIGHTS, norm, strict=True))
    here = writer.add("BatchNormalization", f"{layer.name}_norm", (here,), named, axis=-1, epsilon=NORM_EPSILON)
    return writer.add("ReLU", f"{layer.name}_relu", (here,), {})


def _add_answers(
    writer: _Writer, before: str, kernel: NDArray[np.float32], bias: NDArray[np.float32], about: ModelHeader
) -> None:
    outputs = len(bias)
    labels = {"kernel": kernel[:, :-1] / about.temperature, "bias": bias[:-1] / about.temperature}
    every = {"kernel": kernel, "bias": np.append(bias[:-1], bias[-1] - about.threshold)}
    last = {"kernel": np.eye(outputs, dtype=np.float32)[:, -1:]}  # takes the last of the probabilities
    writer.add("Dense", "labels", (before,), labels, units=outputs - 1, activation="softmax", use_bias=True)
    writer.add("Dense", "all", (before,), every, units=outputs, activation="softmax", use_bias=True)
    writer.add("Dense", "reject", ("all",), last, units=1, activation="linear", use_bias=False)
    writer.add("Concatenate", "answers", ("labels", "reject"), {}, axis=-1)


def _document(writer: _Writer, name: str) -> dict[str, Any]:
    ends = {"input_layers": [["squares", 0, 0]], "output_layers": [["answers", 0, 0]]}
    topology = {"class_name": "Model", "config": {"name": name, "layers": writer.layers, **ends}}
    entries = [{"name": one, "shape": list(values.shape), "dtype": "float32"} for one, values in writer.weights]
    return {
        "format": "layers-model",
        "generatedBy": "Inkloop",
        "convertedBy": None,
        "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": topology},
        "weightsManifest": [{"paths": [WEIGHTS_FILE], "weights": entries}],
    }
