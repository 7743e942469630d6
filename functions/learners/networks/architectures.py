"""The networks, built in code. They give logits; calibration and softmax come with the artefact."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from functions.domain.answer import Learner

BN_MOMENTUM = 0.9  # fine-tunes are a few hundred steps: the usual 0.99 would not have forgotten its start by then
FROZEN_CONVOLUTIONS = 3  # convolutions that stay as they are in a quick lesson
Network = Any  # keras.Model, which carries no types


def build(learner: Learner, outputs: int, *, seed: int = 0) -> Network:
    """Return a new network of (n, 28, 28, 1) squares, 0 paper .. 1 ink, to (n, outputs) logits.

    A set of K labels has K + 1 outputs, the last for what is not a symbol. ``fnn`` has 539 K parameters, ``cnn`` 359 K (with
    11 outputs). ``seed`` decides the first weights.
    """
    squares = keras.Input((28, 28, 1), name="squares")
    seeds = keras.random.SeedGenerator(seed)
    body = {"fnn": _fnn, "cnn": _cnn}[learner](squares, seeds)
    return keras.Model(squares, layers.Dense(outputs, name="logits", kernel_initializer=_first(seeds))(body), name=learner)


def trainable_in_fine_tuning(network: Network) -> list[Any]:
    """Return the variables that change in a quick lesson: of a CNN what comes after its third convolution, of an FNN all.

    The lower layers know strokes, crossings and ends, which are the same in every hand. As they stay, a step costs little more
    than half, and nothing that rests on them is forgotten (Yosinski, Clune, Bengio and Lipson, "How transferable are features
    in deep neural networks?", NIPS 2014).
    """
    return [variable for layer in network.layers[_stay(network) :] for variable in layer.trainable_variables]


def split_at_frozen(network: Network) -> tuple[Network, Network] | None:
    """Return (what stays in a quick lesson, the rest), which share the network's layers; None where nothing stays.

    The first makes features of squares (n, 28, 28, 1), the second makes logits of those. The same two every time.
    """
    if not hasattr(network, "inkloop_halves"):
        network.inkloop_halves = _halves(network)
    return network.inkloop_halves  # type: ignore[no-any-return]


def _halves(network: Network) -> tuple[Network, Network] | None:
    stay = _stay(network)
    if not stay:
        return None
    lower = keras.Model(network.inputs, network.layers[stay - 1].output)
    features = keras.Input(lower.output_shape[1:])
    x = features
    for layer in network.layers[stay:]:
        x = layer(x)
    return lower, keras.Model(features, x)


def _stay(network: Network) -> int:
    """Return how many layers stay as they are in a quick lesson."""
    convolutions = [place for place, layer in enumerate(network.layers) if isinstance(layer, layers.Conv2D)]
    return convolutions[FROZEN_CONVOLUTIONS] if len(convolutions) > FROZEN_CONVOLUTIONS else 0


def _first(seeds: Any) -> Any:
    return keras.initializers.HeNormal(seed=seeds)


def _dense(x: Any, units: int, seeds: Any) -> Any:
    x = layers.Dense(units, use_bias=False, kernel_initializer=_first(seeds), name=f"dense_{units}")(x)
    return _then(x, f"dense_{units}")


def _conv(x: Any, filters: int, size: int, seeds: Any, *, strides: int = 1, padding: str = "same") -> Any:
    named = {"kernel_initializer": _first(seeds), "name": f"conv_{filters}"}
    return _then(layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, **named)(x), f"conv_{filters}")


def _then(x: Any, name: str) -> Any:
    # Named, like all others: Keras would count them up in a process, and the names are among an export's bytes.
    x = layers.BatchNormalization(momentum=BN_MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _fnn(squares: Any, seeds: Any) -> Any:
    x = layers.Flatten(name="flat")(squares)  # (n, 784)
    x = _dense(x, 512, seeds)
    return _dense(x, 256, seeds)


def _cnn(squares: Any, seeds: Any) -> Any:
    # 5 x 5 with stride 2 sees whole pen crossings and makes every later layer four times cheaper.
    x = _conv(squares, 32, 5, seeds, strides=2)  # (n, 14, 14, 32)
    x = _conv(x, 48, 3, seeds)
    x = _conv(x, 64, 3, seeds, strides=2)  # (n, 7, 7, 64)
    x = _conv(x, 96, 3, seeds, padding="valid")
    x = _conv(x, 128, 3, seeds, padding="valid")  # (n, 3, 3, 128)
    return _dense(layers.Flatten(name="flat")(x), 128, seeds)
