"""Train the first network of a symbol set from a few dozen squares a label, on the features of another set's network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from functions.learners.calibration import Targets, targets
from functions.learners.networks.architectures import Network
from functions.learners.networks.training import Batch, Recipe, StepInfo, Trainer
from functions.learners.squares import Pixels, Squares, Weights, joined
from functions.learners.squares.sampling import BalancedSampler

SYMBOLS, OTHERS = 64, 24  # squares of each kind in a batch
# The head alone first: a body that follows a head which knows nothing yet forgets what it was taken for.
HEAD = Recipe(steps=200, batch=SYMBOLS + OTHERS, rate=3e-3, average=0.98, freeze_statistics=True)
# A tenth of the base training's rate: the strokes that letters are made of are known already.
BODY = Recipe(steps=500, batch=SYMBOLS + OTHERS, rate=3e-4, average=0.99, freeze_statistics=True)
STEPS = HEAD.steps + BODY.steps


def bootstrap(
    network: Network, start: Weights, teach: Squares, others: Squares, *, seed: int, on_step: Callable[[int], None]
) -> tuple[Weights, Weights]:
    """Train ``network`` from the weights ``start`` and return them with the head trained, then with everything trained.

    ``teach`` are collected squares, ``others`` are no symbols; all are varied as strongly as in a base training.
    """
    network.set_weights(start)
    batch = _batches(teach, others, int(network.output_shape[-1]), seed)
    only = network.layers[-1].trainable_variables
    head = Trainer(network, HEAD, learns=only).fit(HEAD, batch, seed=seed, on_step=lambda moment: on_step(moment.step))

    def further(moment: StepInfo) -> None:
        on_step(HEAD.steps + moment.step)

    return head, Trainer(network, BODY).fit(BODY, batch, seed=seed + 1, on_step=further)


def _batches(teach: Squares, others: Squares, outputs: int, seed: int) -> Batch:
    """Return batches in which every label comes as often as any other, and what is no symbol in a fixed share."""
    rng = np.random.default_rng(seed)
    none = outputs - 1
    others = joined([others, teach.take(teach.y == none)])
    teach = teach.take(teach.y < none)
    symbols, rest = BalancedSampler(teach.y, rng), BalancedSampler(others.y, rng)

    def batch(step: int) -> tuple[Pixels, Targets]:
        here, there = symbols.deal(SYMBOLS), rest.deal(OTHERS)
        y = np.concatenate([teach.y[here], others.y[there]])
        return np.concatenate([teach.x[here], others.x[there]]), targets(y, outputs)

    return batch
