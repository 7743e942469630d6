"""Train by other methods than the platform's: each makes weights from weights and drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from functions.domain.answer import Learner
from functions.domain.personalisation import adapted
from functions.learners.calibration import answers, targets
from functions.learners.continual.fine_tuner import SLOW, recipe_of
from functions.learners.continual.rehearsal_batches import HALF, RehearsalBatches, RehearsalPlan
from functions.learners.networks.architectures import build, trainable_in_fine_tuning
from functions.learners.networks.training import Trainer, predict_logits, shuffled
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.mixture import Pool, mixture
from functions.learners.pretraining.pretrain import RECIPES
from functions.learners.squares import Squares, Weights, no_squares
from functions.learners.weights_file import unpack

ADAM = 1e-3  # the default of Keras, which the demos use
EPOCHS = 30  # of "everything"; a full retraining of the platform has twelve
VISITORS = 0.1  # share of the drawings in each batch of a training from random weights


class BaselineTrainer:
    """Trains one network of ``labels`` + 1 outputs by every other method; its step is compiled once."""

    def __init__(self, learner: Learner, labels: int) -> None:
        self._learner, self._outputs = learner, labels + 1
        keras.utils.set_random_seed(0)
        self._network = build(learner, self._outputs)
        self._body = keras.Model(self._network.inputs, self._network.layers[-1].input)
        self._recipe = recipe_of(learner)
        self._quick = Trainer(self._network, self._recipe, variables=trainable_in_fine_tuning(self._network))
        self._whole = Trainer(self._network, self._recipe)

    def logits(self, weights: Weights, squares: Squares) -> NDArray[np.float32]:
        """Return the logits (n, K + 1) of ``weights`` for ``squares``."""
        self._network.set_weights(weights)
        return predict_logits(self._network, squares.x)

    def wrong(self, weights: Weights, squares: Squares) -> NDArray[np.bool_]:
        """Return which of ``squares`` (n,) the network with ``weights`` answers wrongly."""
        return np.asarray(self.logits(weights, squares)[:, :-1].argmax(1) != squares.y)

    def wrong_for(self, live: bytes, own: Squares, squares: Squares) -> NDArray[np.bool_]:
        """Return which of ``squares`` (n,) the version ``live`` answers wrongly to a visitor with ``own`` labelled squares."""
        weights, about = unpack(live)
        outputs = answers(self.logits(weights, squares), about.temperature, about.threshold)
        similarity = np.eye(self._outputs)[own.y]  # no digit is confusable with another
        given = adapted(outputs, predict_logits(self._body, squares.x), predict_logits(self._body, own.x), similarity)
        return np.asarray(given[:, :-1].argmax(1) != squares.y)

    def one_step_each(self, weights: Weights, new: Squares, optimizer: Any) -> Weights:
        """Take one gradient step of ``optimizer`` for each drawing in turn, without replay and gate, as demos do.

        Batch-norm statistics stay: the statistics of a single drawing would destroy the network.
        """
        self._network.set_weights(weights)
        for x, wanted in zip(new.x[:, None], targets(new.y, self._outputs, 0.0)[:, None], strict=True):
            with tf.GradientTape() as tape:
                logits = self._network(x[..., None].astype(np.float32) / 255, training=False)  # (1, 28, 28, 1)
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
            variables = self._network.trainable_variables
            optimizer.apply(tape.gradient(loss, variables), variables)
        return [np.array(weight) for weight in self._network.get_weights()]

    def adam(self) -> Any:
        """Return the optimizer of ``one_step_each``, which is the same in all rounds."""
        optimizer = keras.optimizers.Adam(ADAM)
        optimizer.build(self._network.trainable_variables)
        return optimizer

    def corrections_only(self, weights: Weights, new: Squares, steps: int, seed: int) -> Weights:
        """Fine-tune as the platform does, on ``new`` drawings alone; return the last weights."""
        self._network.set_weights(weights)
        batches = shuffled(new.x, targets(new.y, self._outputs), min(2 * HALF, len(new)), seed=seed)
        return self._quick.fit(replace(self._recipe, steps=steps), batches, seed=seed)

    def with_rehearsal(self, weights: Weights, new: Squares, rehearse: Squares, steps: int, seed: int) -> Weights:
        """Fine-tune as the platform does, with half of each batch from ``rehearse``, without averaging and gate."""
        batches = self._mixture(weights, new, rehearse, seed)
        return self._quick.fit(replace(self._recipe, steps=steps), batches, seed=seed)

    def everything(self, weights: Weights, drawings: Squares, rehearse: Squares, seed: int) -> Weights:
        """Retrain from the base's ``weights`` on all ``drawings`` for many epochs, with replay, without a gate."""
        batches, steps = self._mixture(weights, drawings, rehearse, seed), max(1, EPOCHS * len(drawings) // HALF)
        return self._whole.fit(replace(self._recipe, steps=steps, rate=SLOW * self._recipe.rate), batches, seed=seed)

    def from_nothing(self, name: str, collection: Collection, drawings: Squares, effort: float, seed: int) -> Weights:
        """Train random weights on a base's ``collection`` and the ``drawings``, by its recipe; ``effort`` scales the steps."""
        pools: Sequence[Pool] = (*collection.pools, Pool("visitors", drawings, VISITORS))
        network = build(self._learner, self._outputs, seed=seed)
        for stage, recipe in enumerate(RECIPES[name, self._learner]):
            recipe = replace(recipe, steps=max(1, round(effort * recipe.steps)))
            batches = mixture(pools, recipe.batch, self._outputs, seed=seed + stage)
            Trainer(network, recipe).fit(recipe, batches, seed=seed + stage)
        return [np.array(weight) for weight in network.get_weights()]

    def _mixture(self, weights: Weights, new: Squares, rehearse: Squares, seed: int) -> RehearsalBatches:
        """Return batches, half ``new`` and half replayed; the network gets ``weights``, whose logits are the replay's targets."""
        self._network.set_weights(weights)
        plan = RehearsalPlan(new, rehearse, no_squares(), small_run=False)
        return RehearsalBatches(plan, self._outputs, predict_logits(self._network, rehearse.x), seed=seed)
