"""The networks, built in code. They give logits; calibration and softmax come with the artefact."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from functions.answer import Learner

BN_MOMENTUM = 0.9  # fine-tunes are a few hundred steps: the usual 0.99 would not have forgotten its start by then
Network = Any  # keras.Model, which carries no types


def build(learner: Learner, classes: int, *, seed: int = 0) -> Network:
    """Return a new network of (n, 28, 28, 1) squares, 0 paper .. 1 ink, to (n, classes) logits.

    ``fnn`` has 275 K parameters, ``cnn`` 141 K (with 10 classes). ``seed`` decides the first weights.
    """
    squares = keras.Input((28, 28, 1), name="squares")
    seeds = keras.random.SeedGenerator(seed)
    body = {"fnn": _fnn, "cnn": _cnn}[learner](squares, seeds)
    return keras.Model(squares, layers.Dense(classes, name="logits", kernel_initializer=_first(seeds))(body), name=learner)


def _first(seeds: Any) -> Any:
    return keras.initializers.HeNormal(seed=seeds)


def _dense(x: Any, units: int, seeds: Any) -> Any:
    x = layers.Dense(units, use_bias=False, kernel_initializer=_first(seeds))(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=BN_MOMENTUM)(x))


def _conv(x: Any, filters: int, size: int, seeds: Any, *, strides: int = 1, padding: str = "same") -> Any:
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, kernel_initializer=_first(seeds))(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=BN_MOMENTUM)(x))


def _fnn(squares: Any, seeds: Any) -> Any:
    x = layers.Flatten()(squares)  # (n, 784)
    x = _dense(x, 288, seeds)
    return _dense(x, 160, seeds)


def _cnn(squares: Any, seeds: Any) -> Any:
    # 5 x 5 with stride 2 sees whole pen crossings and makes every later layer four times cheaper.
    x = _conv(squares, 32, 5, seeds, strides=2)  # (n, 14, 14, 32)
    x = _conv(x, 32, 3, seeds)
    x = _conv(x, 64, 3, seeds, strides=2)  # (n, 7, 7, 64)
    x = _conv(x, 64, 3, seeds, padding="valid")
    x = _conv(x, 64, 3, seeds, padding="valid")  # (n, 3, 3, 64)
    return _dense(layers.Flatten()(x), 64, seeds)
