"""The quick lane: fine-tune all learners at the same time, because somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from functions.learners.continual.protocol import OnProgress
from functions.training.plan import Task, cost, quick_task
from functions.training.run_context import RunContext
from functions.training.save import NewVersion

TRAINING_SHARE = 0.95  # of a quick run's progress; the rest is choosing, saving and publishing


def train_side_by_side(context: RunContext, tasks: Sequence[Task]) -> list[NewVersion]:
    """Train each learner in a thread of its own (one training does not keep two cores busy) and save the new versions.

    An error of one training is raised, and nothing else of the run is of use.
    """
    tells = shared_progress(context.on_progress, {context.doing(task): cost(task) for task in tasks})
    with ThreadPoolExecutor(len(tasks)) as threads:
        trainings = [
            threads.submit(quick_task, context.trainer(task), task.lessons, context.weights(task.start), context.seed(task), tell)
            for task, tell in zip(tasks, tells, strict=True)
        ]
    return [context.save(task, training.result()) for task, training in zip(tasks, trainings, strict=True)]


def shared_progress(on_progress: OnProgress, costs: Mapping[str, float]) -> list[OnProgress]:
    """Return where each of several trainings tells its progress; ``costs`` are theirs, by what they do.

    The run's progress is the weighted sum of theirs; the run's step is the step of the last training, which takes longest.
    """
    *_, last = costs
    lock, whole, progresses, shown = threading.Lock(), sum(costs.values()), dict.fromkeys(costs, 0.0), last

    def tell(doing: str, progress: float, step: str) -> None:
        nonlocal shown
        with lock:
            progresses[doing] = progress
            if doing == last and step:
                shown = f"{doing}: {step}"
            on_progress(TRAINING_SHARE * sum(cost * progresses[name] for name, cost in costs.items()) / whole, shown)

    on_progress(0.0, last)
    return [partial(tell, doing) for doing in costs]
