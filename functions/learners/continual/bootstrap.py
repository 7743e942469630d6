"""Train the first network of a symbol set from about thirty squares a label, on the features of another set's network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from functions.learners.calibration import Batch, Targets, targets
from functions.learners.networks.architectures import Network
from functions.learners.networks.training import Recipe, Trainer
from functions.learners.squares import Pixels, Squares, Weights, joined
from functions.learners.squares.sampling import BalancedSampler

SYMBOLS, NEGATIVES = 64, 24  # squares of each kind in a batch
# First the head alone: gradients through an untrained head would destroy the features of the body.
HEAD = Recipe(steps=200, batch=SYMBOLS + NEGATIVES, rate=3e-3, average=0.98, freeze_statistics=True)
# A tenth of the pretraining's rate: the body knows the strokes of letters already.
BODY = Recipe(steps=500, batch=SYMBOLS + NEGATIVES, rate=3e-4, average=0.99, freeze_statistics=True)
STEPS = HEAD.steps + BODY.steps


def bootstrap(
    network: Network, start: Weights, new: Squares, negatives: Squares, *, seed: int, on_step: Callable[[int, int], None]
) -> tuple[Weights, Weights]:
    """Train ``network`` from the weights ``start``; return the weights with a trained head, then with all layers trained.

    All squares are augmented as strongly as in a pretraining. ``on_step`` gets the number of the step and ``STEPS``.
    """
    network.set_weights(start)
    batch = _batches(new, negatives, int(network.output_shape[-1]), seed)
    variables = network.layers[-1].trainable_variables
    head = Trainer(network, HEAD, variables=variables).fit(HEAD, batch, seed=seed, on_step=lambda info: on_step(info.step, STEPS))
    body = Trainer(network, BODY)
    return head, body.fit(BODY, batch, seed=seed + 1, on_step=lambda info: on_step(HEAD.steps + info.step, STEPS))


def _batches(new: Squares, negatives: Squares, outputs: int, seed: int) -> Batch:
    """Return batches that are balanced by label, with a fixed number of negatives."""
    rng = np.random.default_rng(seed)
    none = outputs - 1
    negatives = joined([negatives, new.take(new.y == none)])
    new = new.take(new.y < none)
    of_symbols, of_negatives = BalancedSampler(new.y, rng), BalancedSampler(negatives.y, rng)

    def batch(step: int) -> tuple[Pixels, Targets]:
        here, there = of_symbols.draw(SYMBOLS), of_negatives.draw(NEGATIVES)
        y = np.concatenate([new.y[here], negatives.y[there]])
        return np.concatenate([new.x[here], negatives.x[there]]), targets(y, outputs)

    return batch
