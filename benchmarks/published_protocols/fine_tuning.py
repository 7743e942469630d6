"""Fine-tune as the platform does, with a protocol's network, optimizer and number of steps.

The platform's own functions do the following: half new and half replayed squares, every label replayed equally often, and the
former network's own answers as targets where they were right (``rehearsal_batches.RehearsalBatches``); a fifth of the new squares
for validation (``rehearsal_batches.plan_rehearsal``); an output for each new label (``expand_head``); an average of old and new
weights whose share is chosen on validation squares (``weight_averaging.trial`` and ``choose``); and label frequencies taken out
of the last layer (``calibration.without_label_prior``), as after every full retraining.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from benchmarks.published_protocols.memory import BalancedMemory, Memory, ReservoirMemory
from benchmarks.published_protocols.networks import Trainers
from benchmarks.published_protocols.tasks import Task
from functions.learners.calibration import Batch, Targets, targets, without_label_prior
from functions.learners.continual import rehearsal_batches
from functions.learners.continual.expand_head import expand_head
from functions.learners.continual.weight_averaging import SHARES, Trial, choose, mixed, symbol_accuracy, trial
from functions.learners.gate.decide import ADDED_LABEL_MARGIN
from functions.learners.networks.training import predict_logits, shuffled
from functions.learners.squares import Pixels, Squares, Weights

EMBEDDED = 1_000  # squares that initialise a new label's output, as in a run of the platform


@dataclass
class StreamLog:
    """The averaging of each task of one stream."""

    shares: list[float] = field(default_factory=list)  # share of the new weights, for each task after the first
    below: int = 0  # tasks after which the platform would have kept the old weights


def fine_tune_stream(
    trainers: Trainers, tasks: Iterable[Task], keeper: BalancedMemory | ReservoirMemory, *, seed: int, even: bool = True
) -> tuple[Weights, StreamLog]:
    """Learn ``tasks`` in turn as the platform does; of former tasks only the squares of ``keeper`` are used.

    ``even``: take the label frequencies out of the last layer after each task, as a full retraining does.
    """
    log, labels = StreamLog(), ()
    weights: Weights = []
    for turn, task in enumerate(tasks):
        plan = rehearsal_batches.plan_rehearsal(task.train, keeper.memory.rehearse, None, seed=seed + turn)
        if weights:
            weights = _train_next(trainers, labels, weights, task, plan, keeper.memory, seed + turn, even, log)
        else:
            if (task.labels, seed) not in trainers.begun:
                trainers.begun[task.labels, seed] = _fit(trainers, task.labels, trainers.first(task.labels, seed), plan, seed)
            weights = trainers.begun[task.labels, seed]
        labels = task.labels
        keeper.keep(plan.train, plan.validation)
    return weights, log


def train_without_replay(trainers: Trainers, labels: tuple[str, ...], parts: Iterable[Squares], *, seed: int) -> Weights:
    """Learn ``parts`` in turn from their labels alone."""
    trainer = trainers.of(labels)
    trainer.start(trainers.first(labels, seed))
    weights: Weights = []
    for turn, part in enumerate(parts):
        batch = shuffled(part.x, targets(part.y, len(labels) + 1, smoothing=0.0), trainers.protocol.batch, seed=seed + turn)
        weights = trainer.fit(
            batch, trainers.protocol.steps or len(part) // trainers.protocol.batch, seed=seed + turn, fresh=turn == 0
        )
    return weights


def _train_next(
    trainers: Trainers,
    knew: tuple[str, ...],
    weights: Weights,
    task: Task,
    plan: rehearsal_batches.RehearsalPlan,
    memory: Memory,
    seed: int,
    even: bool,
    log: StreamLog,
) -> Weights:
    old, new = trainers.of(knew).network, trainers.of(task.labels).network
    old.set_weights(weights)
    known = symbol_accuracy(predict_logits(old, memory.select.x), memory.select.y)
    joins = len(task.labels) > len(knew)
    start = _grown(old, weights, task.labels, knew, plan, seed) if joins else weights
    learned = _fit(trainers, task.labels, start, plan, seed)
    if even:
        learned = [*learned[:-1], without_label_prior(learned[-1], rehearsal_batches.frequencies(plan, len(task.labels) + 1))]
    trials = tries(new, start, learned, memory.select, plan.validation, len(task.train))
    # The platform would keep the old weights below its floor. A protocol's network has to learn every task.
    best = choose(trials, 0.0, small_run=False)[0]
    floor = known - ADDED_LABEL_MARGIN / 2 if joins else rehearsal_batches.floor(known, None, small_run=False)
    log.shares.append(best.share)
    log.below += best.known < floor
    return mixed(start, learned, best.share)


def tries(network: Any, start: Weights, learned: Weights, select: Squares, test: Squares, count: int) -> list[Trial]:
    """Validate every average on known squares (``select``) and on new squares, which represent ``count`` squares."""
    found = []
    for share in SHARES:
        network.set_weights(mixed(start, learned, share))
        known, fresh = ((predict_logits(network, squares.x), squares.y) for squares in (select, test))
        found.append(trial(share, known, fresh, count, temperature=1.0))
    return found


def _fit(
    trainers: Trainers, labels: tuple[str, ...], start: Weights, plan: rehearsal_batches.RehearsalPlan, seed: int
) -> Weights:
    trainer, protocol = trainers.of(labels), trainers.protocol
    trainer.start(start)
    remembered = predict_logits(trainer.network, plan.rehearse.x)
    mixture = rehearsal_batches.RehearsalBatches(plan, len(labels) + 1, remembered, seed=seed)
    whole = protocol.beside or not len(plan.rehearse)
    deals = protocol.batch // (rehearsal_batches.HALF if whole else 2 * rehearsal_batches.HALF)
    steps = protocol.steps or len(plan.train) // (deals * rehearsal_batches.HALF)
    return trainer.fit(several(mixture, deals), steps, seed=seed)


def several(batch: Batch, deals: int) -> Batch:
    """Return larger batches: each joins ``deals`` batches, which have 32 new and 32 replayed squares."""

    def larger(step: int) -> tuple[Pixels, Targets]:
        dealt = [batch(step * deals + deal) for deal in range(deals)]
        return np.concatenate([x for x, _ in dealt]), np.concatenate([wanted for _, wanted in dealt])

    return larger


def _grown(
    network: Any,
    weights: Weights,
    labels: tuple[str, ...],
    knew: tuple[str, ...],
    plan: rehearsal_batches.RehearsalPlan,
    seed: int,
) -> Weights:
    seen_by_head = keras.Model(network.inputs, network.layers[-1].input)
    some = np.random.default_rng(seed).permutation(len(plan.rehearse))[:EMBEDDED]
    new = [plan.train.x[plan.train.y == place] for place in range(len(knew), len(labels))]
    return expand_head(
        weights, [predict_logits(seen_by_head, x) for x in new], predict_logits(seen_by_head, plan.rehearse.x[some])
    )
