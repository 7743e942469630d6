"""The slow lane: train on everything that was collected, twice, and let the better one stand before the gate.

A quick lesson bends the live version a little, and hundreds of them leave marks that no single one shows. So now and then both
are trained on the whole snapshot: the live version once more (*warm*), and the *base*, the version that its line began with. The
squares that choose say which one goes on; those that judge are not asked before the gate is.

It takes minutes, and corrections do not wait for it: quick runs of the same set go on, and their versions answer meanwhile. What
they taught is caught up with at the end, in the steps of a quick lesson, and the gate compares with the version that answers by
then. Only that last stretch, some seconds, keeps quick runs waiting (``jobs.close``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.learners.continual.retrain import BASE, WARM, Retrained, conclude, retrain
from functions.records import training_samples as records
from functions.records.runs import lineage
from functions.records.tables import Version
from functions.records.training_samples import TrainingSample
from functions.training.model_card import FullLaneCourse
from functions.training.plan import Task
from functions.training.training_set import LOOKED_AT, MOST, squares

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

Read = Callable[[Version], bytes]  # a version's weights


def train_task(trainer: LearnerTrainer, task: Task, read: Read, drawn: int, on_progress: OnProgress) -> Retrained:
    """Do a task of a slow run, up to where others may have gone on meanwhile; ``drawn`` is the seed."""
    starts = {WARM: read(task.start)} | ({BASE: read(task.base)} if task.base is not None else {})
    return retrain(trainer, starts, task.lessons.squares, seed=drawn, on_progress=on_progress)


@dataclass(frozen=True)
class Meanwhile:
    """A task as it looks when the training is over: from which version it goes on now, and what was taught meanwhile."""

    was: Task
    task: Task
    fresh: tuple[TrainingSample, ...]


def meanwhile(session: Session, claim: jobs.Lease, task: Task) -> Meanwhile:
    """See what quick runs have done since a task was given.

    Where the owner chose another version meanwhile, or the live one has learned a label more, the task stays as it was, and
    what comes of it will not be let answer.
    """
    lessons, live = task.lessons, registry.live(session, claim.set_name).get(task.learner)
    if live is None or live.labels != list(lessons.labels) or task.replaces not in (live.id, *lineage(session, live)):
        return Meanwhile(task, task, ())
    known = {*lessons.samples, *lessons.beside.choose, *lessons.beside.judge}
    newest = records.taught(session, claim.set_name, LOOKED_AT, lambda ids: _others(ids, known)[: MOST["learn"]])
    labels = {None, *lessons.labels}
    fresh = sorted((one for one in newest if one.square is not None and one.label in labels), key=lambda one: one.sample)
    # A run that is to forget may not go on from what quick runs made of the version that has to go.
    start = task.start if claim.forget else live
    return Meanwhile(task, replace(task, start=start, replaces=live.id), tuple(fresh))


def conclude_task(
    trainer: LearnerTrainer, now: Meanwhile, trained: Retrained, read: Read, drawn: int, on_progress: OnProgress
) -> tuple[Candidate, FullLaneCourse]:
    """Return what comes of a task in the end, and how that came about."""
    was, task, lessons = now.was, now.task, now.task.lessons
    starts = {WARM: was.start.id} | ({BASE: was.base.id} if was.base is not None else {})
    unchanged = not now.fresh and trained.start == WARM and task.start.id == was.start.id
    if unchanged or not trained.came_to_something:  # nothing else is to be asked, or nothing is there that could be let in
        return trained.told(), FullLaneCourse(trained.start, starts)
    fresh = squares(now.fresh, lessons.labels) if now.fresh else None
    candidate = conclude(trainer, read(task.start), trained, lessons.squares, fresh, seed=drawn, on_progress=on_progress)
    return candidate, FullLaneCourse(trained.start, starts, task.start.id, now.fresh)


def _others(ids: list[str], known: set[str]) -> list[str]:
    return [one for one in ids if one not in known]
