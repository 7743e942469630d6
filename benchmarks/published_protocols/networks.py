"""Build and train the networks of published protocols, many steps in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from functions.learners.calibration import Batch
from functions.learners.continual.weight_averaging import symbol_accuracy
from functions.learners.networks.pixel_augment import Strength, augment
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Squares, Weights

AT_ONCE = 200  # steps that run in the graph without Python between them
BATCH = 128


class Adam:
    """Adam (Kingma and Ba 2015), one operation a variable: Keras's own takes as long as the gradients of a small network."""

    def __init__(self, rate: float) -> None:
        self._rate, self._before, self._after = rate, 0.9, 0.999

    def build(self, variables: Sequence[Any]) -> None:
        """Take the variables that ``apply`` will move."""
        self._means, self._squares = ([tf.Variable(tf.zeros_like(v.value)) for v in variables] for _ in range(2))
        self._step = tf.Variable(0.0)

    def forget(self) -> None:
        """Reset the state."""
        for variable in (*self._means, *self._squares, self._step):
            variable.assign(tf.zeros_like(variable))

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Move ``variables`` one step."""
        self._step.assign_add(1.0)
        for variable, mean, square, gradient in zip(variables, self._means, self._squares, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.value.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=self._before**self._step,
                beta2_power=self._after**self._step,
                lr=self._rate,
                beta1=self._before,
                beta2=self._after,
                epsilon=1e-8,
                grad=gradient,
            )


class GradientDescent:
    """Gradient descent without momentum."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def build(self, variables: Sequence[Any]) -> None:
        """Take the variables that ``apply`` will move."""

    def forget(self) -> None:
        """Reset the state."""

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Move ``variables`` one step."""
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign_sub(self._rate * gradient)


@dataclass(frozen=True)
class Protocol:
    """A protocol's network, optimizer, steps and batches."""

    widths: tuple[int, ...]
    optimizer: Callable[[], Adam | GradientDescent]
    steps: int | None  # for each task; None: one epoch
    batch: int = BATCH
    beside: bool = False  # replayed squares are added to a whole batch of new ones; otherwise they are half of a batch
    strength: Strength | None = None  # of the augmentation; None: no augmentation


def mlp(outputs: int, widths: tuple[int, ...], seed: int) -> Any:
    """Return a network of (n, 28, 28, 1) squares to (n, outputs) logits, fully connected; the last output is "not a symbol"."""
    seeds = keras.random.SeedGenerator(seed)
    squares = keras.Input((28, 28, 1))
    x = layers.Flatten()(squares)
    for width in widths:
        x = layers.Dense(width, activation="relu", kernel_initializer=keras.initializers.GlorotUniform(seeds))(x)
    return keras.Model(squares, layers.Dense(outputs, kernel_initializer=keras.initializers.GlorotUniform(seeds))(x))


class ProtocolTrainer:
    """Trains one network with a compiled step, many steps in one call, instead of the platform's ``Trainer``."""

    def __init__(self, outputs: int, protocol: Protocol) -> None:
        self.network = mlp(outputs, protocol.widths, 0)
        self._optimizer, self._strength = protocol.optimizer(), protocol.strength
        self._optimizer.build(self.network.trainable_variables)
        self._many = tf.function(
            self._steps,
            input_signature=[
                tf.TensorSpec((None, None, 28, 28), tf.uint8),
                tf.TensorSpec((None, None, outputs), tf.float32),
                tf.TensorSpec((2,), tf.int32),
            ],
        )

    def start(self, weights: Weights) -> ProtocolTrainer:
        """Set the network's weights."""
        self.network.set_weights(weights)
        return self

    def fit(self, batch: Batch, steps: int, *, seed: int, fresh: bool = True) -> Weights:
        """Train from the present weights and return the new weights; ``fresh`` resets the optimizer."""
        if fresh:
            self._optimizer.forget()
        for start in range(0, steps, AT_ONCE):
            parts = [batch(step) for step in range(start, min(start + AT_ONCE, steps))]
            x, wanted = (np.stack([part[which] for part in parts]) for which in (0, 1))
            self._many(x, wanted, np.array([seed % 2**31, start], np.int32))
        return [np.array(weight) for weight in self.network.get_weights()]

    def _steps(self, x: Any, wanted: Any, seed: Any) -> None:
        for step in tf.range(tf.shape(x)[0]):
            self._step(x[step], wanted[step], seed + tf.stack([0, step]))

    def _step(self, x: Any, wanted: Any, seed: Any) -> None:
        squares = tf.cast(x, tf.float32) / 255.0
        if self._strength is not None:
            squares = augment(squares, seed, self._strength)
        with tf.GradientTape() as tape:
            logits = self.network(squares[..., None], training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        self._optimizer.apply(tape.gradient(loss, self.network.trainable_variables), self.network.trainable_variables)


class Trainers:
    """One trainer for each number of outputs."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.begun: dict[tuple[tuple[str, ...], int], Weights] = {}  # weights after the first task, which no budget changes
        self._made: dict[int, ProtocolTrainer] = {}

    def of(self, labels: tuple[str, ...]) -> ProtocolTrainer:
        """Return the trainer whose network has an output for each of ``labels`` and one more."""
        outputs = len(labels) + 1
        if outputs not in self._made:
            self._made[outputs] = ProtocolTrainer(outputs, self.protocol)
        return self._made[outputs]

    def first(self, labels: tuple[str, ...], seed: int) -> Weights:
        """Return random weights."""
        return list(mlp(len(labels) + 1, self.protocol.widths, seed).get_weights())

    def answers(self, labels: tuple[str, ...], weights: Weights, tests: Iterable[Squares]) -> float:
        """Return the mean accuracy (percent) of ``weights`` over ``tests``: one head over all of ``labels``."""
        network = self.of(labels).network
        network.set_weights(weights)
        return 100 * float(np.mean([symbol_accuracy(predict_logits(network, test.x), test.y) for test in tests]))
