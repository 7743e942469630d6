"""The full lane: train twice on everything that was collected, and let the gate decide about the better version.

A quick run changes the live version a little, and hundreds of quick runs add up to drift that no single run shows. So now and
then two starts are trained on the whole snapshot: the live version once more (*warm*), and the *base*, the version that its line
began with. The validation squares choose between the two; the test squares are used by the gate only.

A full run takes minutes, and corrections do not wait for it: quick runs of the same set go on, and their versions answer
meanwhile. The full run catches up with their samples at its end, in the steps of a quick run, and the gate compares the result
with the version that answers by then. Only this last part, some seconds, keeps quick runs waiting (``jobs.close``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.learners.continual.protocol import OnProgress
from functions.learners.continual.retrain import BASE, WARM, Retrained, conclude, retrain
from functions.records import training_samples as records
from functions.records.runs import lineage
from functions.records.training_samples import TrainingSample
from functions.training.lanes import QUICK
from functions.training.model_card import FullLaneCourse
from functions.training.plan import Task, cost, quick_task
from functions.training.run_context import RunContext
from functions.training.save import NewVersion
from functions.training.training_set import NEWEST_LEARNED, squares

LAST_PART = 0.8  # of a full run's progress: from there on quick runs of its set wait
LAST_SHARE = 0.15  # of the progress is the last part; the rest is publishing
PAUSE = 0.2  # seconds between two looks whether a quick run that is under way has ended


def train_in_turn(context: RunContext, tasks: Sequence[Task]) -> list[NewVersion]:
    """Train the learners one after the other, for minutes, catch up with quick runs, and save the new versions."""
    made, trained = [], []
    done, whole = 0.0, sum(map(cost, tasks))
    for task in tasks:
        share = LAST_PART * cost(task) / whole
        tell = context.part(task, done, share)
        tell(0.0, Step("initialising"))
        if task.adds:
            candidate = quick_task(
                context.trainer(task), task.training_set, context.weights(task.start), context.seed(task), tell
            )
            made.append(context.save(task, candidate))
        else:
            trained.append((task, _train(context, task, tell)))
        done += share
    if trained:
        _wait_for_quick_runs(context)
    for place, (task, retrained) in enumerate(trained):
        tell = context.part(task, LAST_PART + LAST_SHARE * place / len(trained), LAST_SHARE / len(trained))
        made.append(_conclude(context, task, retrained, tell))
    return made


def _train(context: RunContext, task: Task, on_progress: OnProgress) -> Retrained:
    """Train a task's learner up to the point where quick runs may have gone on meanwhile."""
    starts = {WARM: context.weights(task.start)} | ({BASE: context.weights(task.base)} if task.base is not None else {})
    return retrain(context.trainer(task), starts, task.training_set.squares, seed=context.seed(task), on_progress=on_progress)


def _wait_for_quick_runs(context: RunContext) -> None:
    """Wait until no quick run of the set is under way, and let none begin."""
    while not jobs.close(context.database, context.claim):
        context.on_progress(LAST_PART, Step("waiting_for_quick_runs"))
        time.sleep(PAUSE)


@dataclass(frozen=True)
class Meanwhile:
    """A task when the training is over: from which version it goes on now, and the ``fresh`` samples of quick runs."""

    task: Task
    fresh: tuple[TrainingSample, ...]


def meanwhile(session: Session, claim: jobs.Lease, task: Task) -> Meanwhile:
    """See what quick runs have done since a task was given.

    Where the owner chose another version meanwhile, or the live one has learned a label more, the task stays as it was, and
    what comes of it will not be let answer.
    """
    training_set, live = task.training_set, registry.live(session, claim.set_name).get(task.learner)
    if live is None or live.labels != list(training_set.labels) or task.replaces not in (live.id, *lineage(session, live)):
        return Meanwhile(task, ())
    known = {*training_set.samples, *training_set.beside.validation, *training_set.beside.test}
    newest = records.taught(session, claim.set_name, NEWEST_LEARNED, lambda ids: _others(ids, known)[: QUICK.samples])
    labels = {None, *training_set.labels}
    readable = (sample for sample in newest if sample.square is not None and sample.label in labels)
    fresh = sorted(readable, key=lambda sample: sample.sample)
    # A run that is to forget may not go on from what quick runs made of the version that has to go.
    start = task.start if claim.forget else live
    return Meanwhile(replace(task, start=start, replaces=live.id), tuple(fresh))


def _conclude(context: RunContext, task: Task, trained: Retrained, on_progress: OnProgress) -> NewVersion:
    """Catch up with the quick runs that passed, ask the gate, and save what comes of a task."""
    with context.database.reading() as session:
        now = meanwhile(session, context.claim, task)
    starts = {WARM: task.start.id} | ({BASE: task.base.id} if task.base is not None else {})
    unchanged = not now.fresh and trained.start == WARM and now.task.start.id == task.start.id
    if unchanged or not trained.came_to_something:  # the gate has decided already, or nothing could pass it
        return context.save(now.task, trained.told(), FullLaneCourse(trained.start, starts))
    fresh = squares(now.fresh, task.training_set.labels) if now.fresh else None
    live, own_seed = context.weights(now.task.start), context.seed(task)
    candidate = conclude(
        context.trainer(task), live, trained, task.training_set.squares, fresh, seed=own_seed, on_progress=on_progress
    )
    return context.save(now.task, candidate, FullLaneCourse(trained.start, starts, now.task.start.id, now.fresh))


def _others(ids: list[str], known: set[str]) -> list[str]:
    return [sample for sample in ids if sample not in known]
