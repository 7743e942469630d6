"""The quick lane: fine-tune all learners at the same time, because somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from functions.domain.run_step import Step
from functions.learners.continual.protocol import OnProgress
from functions.training.plan import Task, cost, train_once
from functions.training.run_context import RunContext
from functions.training.save import NewVersion, save

TRAINING_SHARE = 0.95  # of a quick run's progress; saving and publishing are the rest


def train_side_by_side(context: RunContext, tasks: Sequence[Task]) -> list[NewVersion]:
    """Train each learner in a thread of its own (one training does not keep two cores busy) and save the new versions.

    The error of one training is raised; then no version is published.
    """
    parts = shared_progress(context.on_progress, [(context.figures(task), cost(task)) for task in tasks])
    with ThreadPoolExecutor(len(tasks)) as threads:
        trainings = []
        for task, part in zip(tasks, parts, strict=True):
            trainer, start = context.trainers[task.learner], context.artefacts.read(task.start, "npz")
            trainings.append(threads.submit(train_once, trainer, task.training_set, start, context.seed(task), part))
    return [save(context, task, training.result()) for task, training in zip(tasks, trainings, strict=True)]


def shared_progress(on_progress: OnProgress, parts: Sequence[tuple[Mapping[str, str], float]]) -> list[OnProgress]:
    """Return where each of several trainings reports its progress; ``parts`` are the figures of its steps, and its cost.

    The run's progress is the weighted sum of theirs. The run's step is that of the last training, which takes longest.
    """
    lock, costs, last = threading.Lock(), [cost for _, cost in parts], len(parts) - 1
    progresses, shown = [0.0] * len(parts), Step("initialising", parts[last][0])

    def report(place: int, progress: float, step: Step) -> None:
        nonlocal shown
        with lock:
            progresses[place] = progress
            if place == last:
                shown = step.within(parts[last][0])
            done = sum(cost * progress for cost, progress in zip(costs, progresses, strict=True))
            on_progress(TRAINING_SHARE * done / sum(costs), shown)

    on_progress(0.0, shown)
    return [partial(report, place) for place in range(len(parts))]
