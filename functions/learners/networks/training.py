"""Train a network. The trainer does not know which one: it needs a Keras model from squares to logits and nothing more.

Why not ``keras.Model.fit`` with its EMA, ``clipnorm``, schedules and ``BackupAndRestore``: a worker trains the same network again
and again, from other weights each time. ``fit`` forgets the optimizer's state only with a new optimizer, and then it compiles the
step again. ``benchmarks/keras_trainer.py`` measures the time until the first step of a second training of the CNN: 0.7 s here,
24 s with ``fit`` (2 busy cores).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from functions.learners.calibration import Batch, Targets
from functions.learners.networks.architectures import Network
from functions.learners.networks.checkpoint import CHECKPOINT_STEPS, load, save
from functions.learners.networks.devices import Strategy, from_chief, is_chief
from functions.learners.networks.pixel_augment import STRONG, Strength, augment
from functions.learners.squares import Pixels, Weights

Floats = NDArray[np.float32]
LONGEST_GRADIENT = 2.0  # the largest norm of a gradient in plain descent: a single wrong drawing must not move the network far


@dataclass(frozen=True)
class Recipe:
    """The settings of a training: Adam with decoupled weight decay (Loshchilov, Hutter 2019), rates in one cycle (Smith 2018)."""

    steps: int
    batch: int = 128
    rate: float = 3e-3  # the highest rate
    warm: float = 0.15  # share of the steps on the way up
    decay: float = 1e-3
    average: float = 0.998  # decay of the running mean of the weights, which is the result; 0 returns the last weights
    momentum: float | None = None  # plain gradient descent with this momentum instead of Adam
    freeze_statistics: bool = False  # keep the batch-norm statistics: right for small steps from a finished network
    strength: Strength = STRONG

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step: linear warm-up, then half a cosine."""
        up = max(1, round(self.steps * self.warm))
        if step < up:
            return self.rate * (step + 1) / up
        return self.rate * 0.5 * (1 + math.cos(math.pi * (step - up) / max(1, self.steps - up)))


@dataclass(frozen=True)
class StepInfo:
    """The progress of a training: ``step`` of ``steps`` done, loss and accuracy of the last batch."""

    step: int
    steps: int
    loss: float
    accuracy: float


class Trainer:
    """Trains one network any number of times. The compiled step is kept, so only the first training waits for it."""

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        strategy: Strategy | None = None,
        *,
        variables: Sequence[Any] | None = None,
        fused: bool = False,
    ) -> None:
        """Take a network that was built in ``strategy.scope()``; it is trained on the devices of the strategy.

        ``variables`` are trained, by default all trainable ones. A step that is ``fused`` (by XLA) is quicker, but it takes
        seconds to compile, again for each batch size, and its augmentation has other random numbers.

        Raises:
            ValueError: the network was built in another scope.
        """
        self.network = network
        self._trained = list(network.trainable_variables if variables is None else variables)
        self._strategy = strategy or tf.distribute.get_strategy()
        if not all(self._strategy.extended.variable_created_in_scope(weight.value) for weight in network.weights):
            raise ValueError("Build the network in the scope of the strategy that is to train it.")
        self._strength, self._live_statistics = recipe.strength, not recipe.freeze_statistics
        self._clipped = recipe.momentum is not None
        with self._strategy.scope():
            self._optimizer = _optimizer(recipe, self._strategy.num_replicas_in_sync)
            self._optimizer.build(self._trained)
        self._mean = [tf.Variable(weight.numpy(), trainable=False) for weight in network.weights]
        self._step = tf.function(
            self._one_step,
            jit_compile=fused or None,
            input_signature=[
                tf.TensorSpec((None, 28, 28), tf.uint8),
                tf.TensorSpec((None, None), tf.float32),
                tf.TensorSpec((2,), tf.int32),
                tf.TensorSpec((), tf.float32),
                tf.TensorSpec((), tf.float32),
            ],
        )

    def fit(
        self,
        recipe: Recipe,
        batch: Batch,
        *,
        seed: int,
        on_step: Callable[[StepInfo], None] | None = None,
        checkpoint: Path | None = None,
        about: str = "",
    ) -> Weights:
        """Train from the network's present weights and return the resulting weights; the network keeps them.

        The same weights, recipe, batches and seed give the same result on the same machine. With a ``checkpoint`` file this
        also holds for a training that was interrupted and is called again; ``about`` identifies the batches in the file. The
        file is removed at the end. A batch is divided among the devices; each device needs at least one square.
        """
        self._reset()
        fingerprint = self._fingerprint(recipe, seed, about) if checkpoint else ""
        for step in range(self._resume(checkpoint, fingerprint), recipe.steps):
            x, wanted = batch(step)
            # A short running mean at first: otherwise the first random weights would remain in it for long.
            decay = min(recipe.average, (1 + step) / (10 + step)) if recipe.average else 0.0
            loss, accuracy = self._step(x, wanted, np.array([seed % 2**31, step], np.int32), recipe.rate_at(step), decay)
            if checkpoint and (step + 1) % CHECKPOINT_STEPS == 0 and is_chief(self._strategy):
                save(checkpoint, fingerprint, step + 1, [variable.numpy() for variable in self._variables()])
            if on_step is not None:
                on_step(StepInfo(step + 1, recipe.steps, float(loss), float(accuracy)))
        kept: Weights = [mean.numpy() for mean in self._mean]
        self.network.set_weights(kept)
        if checkpoint and is_chief(self._strategy):
            checkpoint.unlink(missing_ok=True)
        return kept

    def _reset(self) -> None:
        for variable in self._optimizer.variables:
            if not variable.path.endswith("learning_rate"):
                variable.assign(tf.zeros_like(variable))
        for mean, weight in zip(self._mean, self.network.weights, strict=True):
            mean.assign(weight.numpy())

    def _variables(self) -> list[Any]:
        """Return everything that a step changes."""
        return [*self.network.variables, *self._optimizer.variables, *self._mean]

    def _fingerprint(self, recipe: Recipe, seed: int, about: str) -> str:
        # Without the names of layers: Keras numbers them in a process, so they depend on networks that were built before.
        layers = [type(layer).__name__ for layer in self.network.layers]
        digest = hashlib.sha256(repr((recipe, seed, about, layers)).encode())
        for weight in self.network.get_weights():
            digest.update(repr(weight.shape).encode() + weight.tobytes())
        return digest.hexdigest()

    def _resume(self, checkpoint: Path | None, fingerprint: str) -> int:
        """Restore the state in ``checkpoint`` if it belongs to this training; return the number of steps that are done."""
        if checkpoint is None:
            return 0
        variables = self._variables()
        found = load(checkpoint, fingerprint) if is_chief(self._strategy) else None
        step, state = found or (0, [variable.numpy() for variable in variables])
        # Only the chief has the file, and all machines have to start at the same step.
        start, *state = from_chief(self._strategy, [np.array(step), *state])
        for variable, value in zip(variables, state, strict=True):
            variable.assign(value)
        return int(start)

    def _one_step(self, x: Any, wanted: Any, seed: Any, rate: Any, decay: Any) -> tuple[Any, Any]:
        self._optimizer.learning_rate.assign(rate)
        loss, right = self._strategy.run(self._learn, (x, wanted, seed))
        for mean, weight in zip(self._mean, self.network.weights, strict=True):
            mean.assign(mean * decay + weight * (1 - decay))
        total = tf.distribute.ReduceOp.SUM
        return self._strategy.reduce(total, loss, axis=None), self._strategy.reduce(total, right, axis=None)

    def _learn(self, x: Any, wanted: Any, seed: Any) -> tuple[Any, Any]:
        """Do one device's part of a step; return the contribution of its squares to the mean loss and accuracy of the batch."""
        here, part = tf.distribute.get_replica_context(), 1.0
        if here.num_replicas_in_sync > 1:
            mine = here.replica_id_in_sync_group
            whole, seed = tf.shape(x)[0], tf.random.experimental.stateless_fold_in(seed, mine)
            x, wanted = x[mine :: here.num_replicas_in_sync], wanted[mine :: here.num_replicas_in_sync]
            part = tf.cast(tf.shape(x)[0], tf.float32) / tf.cast(whole, tf.float32)
        squares = augment(tf.cast(x, tf.float32) / 255.0, seed, self._strength)[..., None]  # (n, 28, 28, 1)
        with tf.GradientTape() as tape:
            logits = self.network(squares, training=self._live_statistics)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits)) * part
        gradients = tape.gradient(loss, self._trained)
        if here.num_replicas_in_sync > 1:
            gradients = self._agree(here, gradients)
        self._optimizer.apply(gradients, self._trained)  # sums the gradients of all devices
        return loss, tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == tf.argmax(wanted, 1), tf.float32)) * part

    def _agree(self, here: Any, gradients: list[Any]) -> list[Any]:
        """Average batch-norm statistics and gradients over the devices, where Keras does not; return the gradients."""
        mean = tf.distribute.ReduceOp.MEAN
        statistics = self.network.non_trainable_weights if self._live_statistics else []
        if statistics:
            # Copies: a variable that is read here has no device where another machine takes part.
            read = [tf.identity(one.value) for one in statistics]
            for variable, value in zip(statistics, here.all_reduce(mean, read), strict=True):
                variable.assign(value)
        # Keras clips gradients before it sums them, but the sum has to be clipped.
        return list(here.all_reduce(mean, gradients)) if self._clipped else gradients


def _optimizer(recipe: Recipe, devices: int) -> Any:
    if recipe.momentum is not None:
        # The optimizer clips the mean over the devices, then sums it.
        return keras.optimizers.SGD(
            recipe.rate, momentum=recipe.momentum, nesterov=True, global_clipnorm=LONGEST_GRADIENT / devices
        )
    optimizer = keras.optimizers.AdamW(recipe.rate, weight_decay=recipe.decay, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def shuffled(x: Pixels, wanted: Targets, size: int, *, seed: int) -> Batch:
    """Return batches of ``size`` squares; each epoch has a new random order.

    A batch depends only on its step, so a training can continue at any step.
    """
    batches = max(1, len(x) // size)

    @lru_cache(maxsize=1)
    def order(turn: int) -> NDArray[np.int64]:
        return np.random.default_rng((seed, turn)).permutation(len(x))

    def batch(step: int) -> tuple[Pixels, Targets]:
        turn, place = divmod(step, batches)
        some = order(turn)[place * size : (place + 1) * size]
        return x[some], wanted[some]

    return batch


def predict_logits(network: Network, x: Pixels | Floats) -> Floats:
    """Return the logits (n, classes) of squares (n, 28, 28). A lower half returns features (n, ...), an upper half takes them."""

    def prepare(some: Any) -> Any:
        return tf.cast(some, tf.float32)[..., None] / 255.0 if x.dtype == np.uint8 else some

    if not hasattr(network, "inkloop_compiled"):
        # Kept on the network: compilation takes longer than inference.
        network.inkloop_compiled = tf.function(
            lambda some: network(prepare(some), training=False),
            input_signature=[tf.TensorSpec((None, *x.shape[1:]), tf.as_dtype(x.dtype))],
        )
    parts = [network.inkloop_compiled(x[start : start + 500]).numpy() for start in range(0, len(x), 500)]
    return np.concatenate([np.zeros((0, *network.output_shape[1:]), np.float32), *parts])
