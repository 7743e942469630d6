"""The full lane: train from two starts on everything that was collected, and let the gate decide about the better result.

A quick run changes the live version a little. Hundreds of quick runs add up to drift that no single run shows. A full run
therefore trains twice on the whole snapshot: from the live version (*warm*), and from the version that its line began with
(*base*). The validation squares choose between the two. Only the gate uses the test squares.

A full run takes minutes, and corrections do not wait for it: quick runs of the same set continue, and their versions answer
meanwhile. At its end the full run catches up with their samples by fine-tuning, and the gate compares the result with the live
version of that moment. Only this last part, some seconds, keeps quick runs waiting (``jobs.close``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.learners.continual.protocol import OnProgress
from functions.learners.continual.retrain import BASE, WARM, Retrained, best_of, conclude
from functions.records import training_samples as records
from functions.records.runs import lineage
from functions.records.training_samples import TrainingSample
from functions.training.lanes import QUICK
from functions.training.model_card import FullLaneCourse
from functions.training.plan import Task, cost, train_once
from functions.training.run_context import RunContext
from functions.training.save import NewVersion, save
from functions.training.training_set import NEWEST_LEARNED, squares
from functions.training.trials import Trial, train_here, train_on_nodes

LAST_PART = 0.8  # of a full run's progress; from here on quick runs of its set wait
LAST_SHARE = 0.15  # the last part's share of the progress; publishing is the rest
PAUSE = 0.2  # seconds between two checks whether a quick run that is under way has ended


def train_in_turn(context: RunContext, tasks: Sequence[Task]) -> list[NewVersion]:
    """Train the learners for minutes, catch up with quick runs, and save the new versions."""
    made, done, whole = [], 0.0, sum(map(cost, tasks))
    for task in (task for task in tasks if task.adds):
        share = LAST_PART * cost(task) / whole
        on_progress, start = context.part(task, done, share), context.artefacts.read(task.start, "npz")
        on_progress(0.0, Step("initialising"))
        trained = train_once(context.trainers[task.learner], task.training_set, start, context.seed(task), on_progress)
        made.append(save(context, task, trained))
        done += share
    retrained = _retrain(context, [task for task in tasks if not task.adds], done)
    while retrained and not jobs.close(context.database, context.claim):  # a quick run of the set is under way
        context.on_progress(LAST_PART, Step("waiting_for_quick_runs"))
        time.sleep(PAUSE)
    for place, (task, result) in enumerate(retrained):
        on_progress = context.part(task, LAST_PART + LAST_SHARE * place / len(retrained), LAST_SHARE / len(retrained))
        made.append(_conclude(context, task, result, on_progress))
    return made


def _retrain(context: RunContext, tasks: Sequence[Task], done: float) -> list[tuple[Task, Retrained]]:
    """Do the trials of all tasks, from ``done`` of the run's progress on, and choose the better trial of each task."""
    if not tasks:
        return []
    owners, trials = [], []
    for task in tasks:
        for name, version in {WARM: task.start, **({BASE: task.base} if task.base is not None else {})}.items():
            weights = context.artefacts.read(version, "npz")
            owners.append(task)
            trials.append(Trial(task.learner, name, weights, task.training_set.squares, context.seed(task)))
    tell = _Progress(context, owners, trials, done)
    tell(0, 0.0, Step("initialising"))
    if context.cluster is None:
        candidates = train_here(context.trainers, trials, tell)
    else:
        with context.database.reading() as session:
            symbols = registry.symbol_set(session, context.claim.set_name)
        candidates = train_on_nodes(context.cluster, symbols, trials, tell)
    made = list(zip(owners, trials, candidates, strict=True))
    return [(task, best_of({trial.start: one for owner, trial, one in made if owner is task})) for task in tasks]


class _Progress:
    """Adds the progress of trials to the progress of their run, each by its cost. ``done`` is where the run stands before."""

    def __init__(self, context: RunContext, owners: Sequence[Task], trials: Sequence[Trial], done: float) -> None:
        self._context, self._done, self._reached = context, done, [0.0] * len(trials)
        costs = [cost(task) for task in owners]
        self._shares = [(LAST_PART - done) * one / sum(costs) for one in costs]
        several = {trial.learner for trial in trials if trial.start == BASE}
        self._figures = [
            {**context.figures(task), **({"part": trial.start} if trial.learner in several else {})}
            for task, trial in zip(owners, trials, strict=True)
        ]

    def __call__(self, place: int, progress: float, step: Step) -> None:
        """Report the progress (0..1) and the step of the trial at ``place``."""
        if self._context.cluster is None:  # one after the other
            self._reached[:place] = [1.0] * place
        self._reached[place] = progress
        # Below the last part, at which quick runs begin to wait.
        reached = min(self._done + float(np.dot(self._shares, self._reached)), LAST_PART - 1e-6)
        self._context.on_progress(reached, step.within(self._figures[place]))


def _conclude(context: RunContext, task: Task, trained: Retrained, on_progress: OnProgress) -> NewVersion:
    """Catch up with the quick runs that passed, ask the gate, and save the result of a task."""
    with context.database.reading() as session:
        now, fresh = _after_quick_runs(session, context.claim, task)
    starts = {WARM: task.start.id} | ({BASE: task.base.id} if task.base is not None else {})
    unchanged = not fresh and trained.start == WARM and now.start.id == task.start.id
    if unchanged or not trained.has_share:  # the gate has decided already, or no mix can pass it
        return save(context, now, trained.with_starts(trained.candidate), FullLaneCourse(trained.start, starts))
    candidate = conclude(
        context.trainers[task.learner],
        context.artefacts.read(now.start, "npz"),
        trained,
        task.training_set.squares,
        squares(fresh, task.training_set.labels) if fresh else None,
        seed=context.seed(task),
        on_progress=on_progress,
    )
    return save(context, now, candidate, FullLaneCourse(trained.start, starts, now.start.id, fresh))


def _after_quick_runs(session: Session, claim: jobs.Lease, task: Task) -> tuple[Task, tuple[TrainingSample, ...]]:
    """Return the task with the live version of this moment, and the samples that quick runs have learned since it was planned.

    The task stays as it was if the owner has activated another line, or if the live version knows another set of labels. Its
    version will then not be activated.
    """
    training_set, live = task.training_set, registry.live(session, claim.set_name).get(task.learner)
    if live is None or live.labels != list(training_set.labels) or task.replaces not in (live.id, *lineage(session, live)):
        return task, ()
    known = {*training_set.samples, *training_set.used.validation, *training_set.used.test}
    newest = records.taught(
        session, claim.set_name, NEWEST_LEARNED, lambda ids: [one for one in ids if one not in known][: QUICK.samples]
    )
    labels = {None, *training_set.labels}
    readable = (sample for sample in newest if sample.square is not None and sample.label in labels)
    fresh = sorted(readable, key=lambda sample: sample.sample)
    # A run that forgets must not start from a successor of the version that has to go.
    start = task.start if claim.forget else live
    return replace(task, start=start, replaces=live.id), tuple(fresh)
