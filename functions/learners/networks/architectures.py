"""The architectures. Networks give logits; the export adds calibration and softmax."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from functions.domain.answer import Learner

BN_MOMENTUM = 0.9  # with the usual 0.99 the start would still dominate after the few hundred steps of a short training
FROZEN_CONVOLUTIONS = 3  # the first convolutions, which fine-tuning does not change
Network = Any  # keras.Model, which carries no types


def build(learner: Learner, outputs: int, *, seed: int = 0) -> Network:
    """Return a new network of (n, 28, 28, 1) squares, 0 paper .. 1 ink, to (n, outputs) logits.

    A set of K labels has K + 1 outputs, the last for "not a symbol". With 11 outputs ``fnn`` has 539 K parameters, ``cnn``
    359 K. ``seed`` determines the initial weights.
    """
    squares = keras.Input((28, 28, 1), name="squares")
    seeds = keras.random.SeedGenerator(seed)
    body = {"fnn": _fnn, "cnn": _cnn}[learner](squares, seeds)
    return keras.Model(squares, layers.Dense(outputs, name="logits", kernel_initializer=_initial(seeds))(body), name=learner)


def trainable_in_fine_tuning(network: Network) -> list[Any]:
    """Return the variables that fine-tuning changes: in a CNN those after the third convolution, in an FNN all.

    The lower layers detect strokes, crossings and ends, which are the same in all handwriting. Frozen, they make a step almost
    half as expensive, and cannot be forgotten (Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep
    neural networks?", NIPS 2014).
    """
    return [variable for layer in network.layers[_frozen(network) :] for variable in layer.trainable_variables]


def split_at_frozen(network: Network) -> tuple[Network, Network] | None:
    """Return the (frozen, trainable) halves of a network, which share its layers; None if nothing is frozen.

    The first half maps squares (n, 28, 28, 1) to features, the second maps features to logits. The result is cached.
    """
    if not hasattr(network, "inkloop_halves"):
        network.inkloop_halves = _halves(network)
    return network.inkloop_halves  # type: ignore[no-any-return]


def _halves(network: Network) -> tuple[Network, Network] | None:
    frozen = _frozen(network)
    if not frozen:
        return None
    lower = keras.Model(network.inputs, network.layers[frozen - 1].output)
    features = keras.Input(lower.output_shape[1:])
    x = features
    for layer in network.layers[frozen:]:
        x = layer(x)
    return lower, keras.Model(features, x)


def _frozen(network: Network) -> int:
    """Return the number of layers that fine-tuning does not change."""
    convolutions = [place for place, layer in enumerate(network.layers) if isinstance(layer, layers.Conv2D)]
    return convolutions[FROZEN_CONVOLUTIONS] if len(convolutions) > FROZEN_CONVOLUTIONS else 0


def _initial(seeds: Any) -> Any:
    return keras.initializers.HeNormal(seed=seeds)


def _dense(x: Any, units: int, seeds: Any) -> Any:
    x = layers.Dense(units, use_bias=False, kernel_initializer=_initial(seeds), name=f"dense_{units}")(x)
    return _activated(x, f"dense_{units}")


def _conv(x: Any, filters: int, size: int, seeds: Any, *, strides: int = 1, padding: str = "same") -> Any:
    named = {"kernel_initializer": _initial(seeds), "name": f"conv_{filters}"}
    return _activated(
        layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, **named)(x), f"conv_{filters}"
    )


def _activated(x: Any, name: str) -> Any:
    # Every layer has a name: Keras would number them in a process, and an export contains the names.
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
