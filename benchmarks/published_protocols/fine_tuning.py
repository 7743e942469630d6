"""The platform's way of learning from people, with a protocol's network, optimizer and number of steps instead of its own.

What is the platform's, called and not copied: half new and half rehearsed, every label rehearsed as often as any other, the
former network's own answers wanted where it was right (``fine_tuning.Mixture``); a fifth of what is new does not teach but
chooses (``fine_tuning.plan_lesson``); an output for each label that joins (``growing.grown``); old and new weights mixed and the
share chosen on squares that never teach (``averaging.trial``, ``averaging.choose``); and, as after every long training, how often
each label came taken out of the last layer (``calibration.evened``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from benchmarks.published_protocols.memory import Balanced, Memory, Sampled
from benchmarks.published_protocols.networks import Loops
from benchmarks.published_protocols.tasks import Task
from functions.learners.calibration import Targets, targets, without_label_prior
from functions.learners.continual import rehearsal_batches
from functions.learners.continual.expand_head import expand_head
from functions.learners.continual.weight_averaging import SHARES, Trial, choose, mixed, symbol_accuracy, trial
from functions.learners.gate.decide import ADDED_LABEL_MARGIN
from functions.learners.networks.training import Batch, predict_logits, shuffled
from functions.learners.squares import Pixels, Squares, Weights

EMBEDDED = 1_000  # squares that say where a new label's output looks from, as in a lesson


@dataclass
class Told:
    """What happened in the lessons of one stream."""

    shares: list[float] = field(default_factory=list)  # of the new weights, in each lesson after the first
    below: int = 0  # lessons after which the platform would have stayed with what it had


def ours(
    loops: Loops, tasks: Iterable[Task], keeper: Balanced | Sampled, *, seed: int, even: bool = True
) -> tuple[Weights, Told]:
    """Learn ``tasks`` one after the other as the platform does, with nothing of former tasks but what ``keeper`` kept.

    ``even``: how often a lesson's labels came is then taken out of the last layer, as in a slow run. A quick one does not.
    """
    told, labels = Told(), ()
    weights: Weights = []
    for turn, task in enumerate(tasks):
        lesson = rehearsal_batches.plan_rehearsal(task.train, keeper.memory.rehearse, None, seed=seed + turn)
        if weights:
            weights = _further(loops, labels, weights, task, lesson, keeper.memory, seed + turn, even, told)
        else:
            if (task.labels, seed) not in loops.begun:
                loops.begun[task.labels, seed] = _fit(loops, task.labels, loops.first(task.labels, seed), lesson, seed)
            weights = loops.begun[task.labels, seed]
        labels = task.labels
        keeper.keep(lesson.teach, lesson.judge)
    return weights, told


def plain(loops: Loops, labels: tuple[str, ...], parts: Iterable[Squares], *, seed: int) -> Weights:
    """Learn ``parts`` one after the other with right answers and nothing else."""
    loop = loops.of(labels)
    loop.start(loops.first(labels, seed))
    weights: Weights = []
    for turn, part in enumerate(parts):
        batch = shuffled(part.x, targets(part.y, len(labels) + 1, smoothing=0.0), loops.pace.batch, seed=seed + turn)
        weights = loop.fit(batch, loops.pace.steps or len(part) // loops.pace.batch, seed=seed + turn, fresh=turn == 0)
    return weights


def _further(
    loops: Loops,
    knew: tuple[str, ...],
    weights: Weights,
    task: Task,
    lesson: rehearsal_batches.RehearsalPlan,
    memory: Memory,
    seed: int,
    even: bool,
    told: Told,
) -> Weights:
    old, new = loops.of(knew).network, loops.of(task.labels).network
    old.set_weights(weights)
    known = symbol_accuracy(predict_logits(old, memory.select.x), memory.select.y)
    joins = len(task.labels) > len(knew)
    start = _grown(old, weights, task.labels, knew, lesson, seed) if joins else weights
    learned = _fit(loops, task.labels, start, lesson, seed)
    if even:
        learned = [*learned[:-1], without_label_prior(learned[-1], rehearsal_batches.frequencies(lesson, len(task.labels) + 1))]
    trials = tries(new, start, learned, memory.select, lesson.judge, len(task.train))
    # The platform would rather stay with what it had than fall below its floor. A protocol's network has to learn every task.
    best = choose(trials, 0.0, few=False)[0]
    floor = known - ADDED_LABEL_MARGIN / 2 if joins else rehearsal_batches.floor(known, None, few=False)
    told.shares.append(best.share)
    told.below += best.known < floor
    return mixed(start, learned, best.share)


def tries(network: Any, start: Weights, learned: Weights, select: Squares, judge: Squares, count: int) -> list[Trial]:
    """Judge every mix on ``select`` of what was known and on ``judge`` of what is new, which stand for ``count`` squares."""
    found = []
    for share in SHARES:
        network.set_weights(mixed(start, learned, share))
        known, fresh = ((predict_logits(network, squares.x), squares.y) for squares in (select, judge))
        found.append(trial(share, known, fresh, count, temperature=1.0))
    return found


def _fit(loops: Loops, labels: tuple[str, ...], start: Weights, lesson: rehearsal_batches.RehearsalPlan, seed: int) -> Weights:
    loop, pace = loops.of(labels), loops.pace
    loop.start(start)
    remembered = predict_logits(loop.network, lesson.rehearse.x)
    mixture = rehearsal_batches.RehearsalBatches(lesson, len(labels) + 1, remembered, seed=seed)
    whole = pace.beside or not len(lesson.rehearse)
    deals = pace.batch // (rehearsal_batches.HALF if whole else 2 * rehearsal_batches.HALF)
    steps = pace.steps or len(lesson.teach) // (deals * rehearsal_batches.HALF)
    return loop.fit(several(mixture, deals), steps, seed=seed)


def several(batch: Batch, deals: int) -> Batch:
    """Return batches of so many deals of ``batch``: a lesson's own are of 32 new squares and 32 rehearsed ones."""

    def larger(step: int) -> tuple[Pixels, Targets]:
        dealt = [batch(step * deals + deal) for deal in range(deals)]
        return np.concatenate([x for x, _ in dealt]), np.concatenate([wanted for _, wanted in dealt])

    return larger


def _grown(
    network: Any,
    weights: Weights,
    labels: tuple[str, ...],
    knew: tuple[str, ...],
    lesson: rehearsal_batches.RehearsalPlan,
    seed: int,
) -> Weights:
    seen_by_head = keras.Model(network.inputs, network.layers[-1].input)
    some = np.random.default_rng(seed).permutation(len(lesson.rehearse))[:EMBEDDED]
    new = [lesson.teach.x[lesson.teach.y == place] for place in range(len(knew), len(labels))]
    return expand_head(
        weights, [predict_logits(seen_by_head, x) for x in new], predict_logits(seen_by_head, lesson.rehearse.x[some])
    )
