"""The trainer. It does not know which network it trains: it wants squares to logits and nothing more."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from functions.learners.architectures import Network
from functions.learners.augment import DEFAULT, Strength, augment
from functions.learners.calibration import Targets
from functions.learners.squares import Pixels

Weights = list[NDArray[np.float32]]


CLIP = 2.0  # the longest gradient that plain descent follows: a drawing that is all wrong must not throw the network off


@dataclass(frozen=True)
class Recipe:
    """How to train: rates are those of Adam with decoupled weight decay (Loshchilov, Hutter 2019), in one cycle (Smith 2018)."""

    steps: int
    batch: int = 128
    rate: float = 3e-3  # the highest rate
    warm: float = 0.15  # share of the steps on the way up
    decay: float = 1e-3
    average: float = 0.998  # memory of the running mean of the weights, which is what is kept; 0 keeps the last weights
    momentum: float | None = None  # plain gradient descent with this momentum instead of Adam
    freeze_statistics: bool = False  # batch-norm statistics as they are: right for small steps from a finished network
    strength: Strength = DEFAULT

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step: up in a straight line, down on half a cosine."""
        up = max(1, round(self.steps * self.warm))
        if step < up:
            return self.rate * (step + 1) / up
        return self.rate * 0.5 * (1 + math.cos(math.pi * (step - up) / max(1, self.steps - up)))


@dataclass(frozen=True)
class Moment:
    """Where a training is: ``step`` of ``steps`` done, loss and accuracy of the last batch."""

    step: int
    steps: int
    loss: float
    accuracy: float


Batch = Callable[[int], tuple[Pixels, Targets]]  # step -> squares (n, 28, 28), what to answer to each


class Trainer:
    """Trains one network, again and again if asked; the compiled step is kept, so only the first training waits for it."""

    def __init__(self, network: Network, recipe: Recipe) -> None:
        self.network = network
        self._strength, self._live_statistics = recipe.strength, not recipe.freeze_statistics
        self._optimizer = _optimizer(recipe)
        self._optimizer.build(network.trainable_variables)
        self._mean = [tf.Variable(w, trainable=False) for w in network.weights]
        self._step = tf.function(
            self._one_step,
            input_signature=[
                tf.TensorSpec((None, 28, 28), tf.uint8),
                tf.TensorSpec((None, None), tf.float32),
                tf.TensorSpec((2,), tf.int32),
                tf.TensorSpec((), tf.float32),
                tf.TensorSpec((), tf.float32),
            ],
        )

    def fit(self, recipe: Recipe, batch: Batch, *, seed: int, on_step: Callable[[Moment], None] | None = None) -> Weights:
        """Train from the network's present weights and return the weights to keep; the network is left with them.

        The same weights, recipe, batches and seed give the same result on the same machine.
        """
        self._forget()
        for step in range(recipe.steps):
            x, wanted = batch(step)
            # The running mean starts short, or the first random weights would stay in it for long.
            memory = min(recipe.average, (1 + step) / (10 + step)) if recipe.average else 0.0
            loss, accuracy = self._step(x, wanted, np.array([seed % 2**31, step], np.int32), recipe.rate_at(step), memory)
            if on_step is not None:
                on_step(Moment(step + 1, recipe.steps, float(loss), float(accuracy)))
        kept: Weights = [mean.numpy() for mean in self._mean]
        self.network.set_weights(kept)
        return kept

    def _forget(self) -> None:
        for variable in self._optimizer.variables:
            if variable.path.endswith("learning_rate"):
                continue
            variable.assign(tf.zeros_like(variable))
        for mean, weight in zip(self._mean, self.network.weights, strict=True):
            mean.assign(weight)

    def _one_step(self, x: Any, wanted: Any, seed: Any, rate: Any, memory: Any) -> tuple[Any, Any]:
        squares = augment(tf.cast(x, tf.float32) / 255.0, seed, self._strength)[..., None]  # (n, 28, 28, 1)
        with tf.GradientTape() as tape:
            logits = self.network(squares, training=self._live_statistics)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        variables = self.network.trainable_variables
        gradients = tape.gradient(loss, variables)
        self._optimizer.learning_rate.assign(rate)
        self._optimizer.apply(gradients, variables)
        for mean, weight in zip(self._mean, self.network.weights, strict=True):
            mean.assign(mean * memory + weight * (1 - memory))
        right = tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == tf.argmax(wanted, 1), tf.float32))
        return loss, right


def _optimizer(recipe: Recipe) -> Any:
    if recipe.momentum is not None:
        return keras.optimizers.SGD(recipe.rate, momentum=recipe.momentum, nesterov=True, global_clipnorm=CLIP)
    optimizer = keras.optimizers.AdamW(recipe.rate, weight_decay=recipe.decay, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def shuffled(x: Pixels, wanted: Targets, size: int, *, seed: int) -> Batch:
    """Return batches of ``size`` that go through all squares in a new random order each time round."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    start = 0

    def batch(step: int) -> tuple[Pixels, Targets]:
        nonlocal order, start
        if start + size > len(order):
            order, start = rng.permutation(len(x)), 0
        some = order[start : start + size]
        start += size
        return x[some], wanted[some]

    return batch


def predict_logits(network: Network, x: Pixels) -> NDArray[np.float32]:
    """Return the logits (n, classes) of squares (n, 28, 28)."""
    logits = _compiled(network)
    parts = [logits(x[start : start + 500]).numpy() for start in range(0, len(x), 500)]
    return np.concatenate([np.zeros((0, int(network.output_shape[-1])), np.float32), *parts])


def _compiled(network: Network) -> Any:
    if not hasattr(network, "inkloop_logits"):
        # Kept on the network: compiling takes longer than answering.
        network.inkloop_logits = tf.function(
            lambda x: network(tf.cast(x, tf.float32)[..., None] / 255.0, training=False),
            input_signature=[tf.TensorSpec((None, 28, 28), tf.uint8)],
        )
    return network.inkloop_logits
