"""Build the networks of ``layer_table`` with Keras. They give logits; the export adds calibration and softmax."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from functions.domain.answer import Learner
from functions.learners import layer_table
from functions.learners.layer_table import LAYERS, Layer

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
    x = squares
    for layer in LAYERS[learner]:
        x = _added(x, layer, seeds)
    return keras.Model(squares, layers.Dense(outputs, name="logits", kernel_initializer=_initial(seeds))(x), name=learner)


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


def _added(x: Any, layer: Layer, seeds: Any) -> Any:
    # Every layer has a name: Keras would number them in a process, and an export contains the names.
    if isinstance(layer, layer_table.Flatten):
        return layers.Flatten(name=layer.name)(x)
    named = {"use_bias": False, "kernel_initializer": _initial(seeds), "name": layer.name}
    if isinstance(layer, layer_table.Dense):
        x = layers.Dense(layer.units, **named)(x)
    else:
        x = layers.Conv2D(layer.filters, layer.size, strides=layer.strides, padding=layer.padding, **named)(x)
    x = layers.BatchNormalization(momentum=BN_MOMENTUM, name=f"{layer.name}_norm")(x)
    return layers.ReLU(name=f"{layer.name}_relu")(x)
