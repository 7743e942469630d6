"""The slow lane: train on everything that was collected, twice, and let the better one stand before the gate.

A quick lesson bends the live version a little, and hundreds of them leave marks that no single one shows. So now and then both
are trained on the whole snapshot: the live version once more (*warm*), and the *base*, the version that its line began with. The
squares that choose say which one goes on; those that judge are not asked before the gate is.

It takes minutes, and corrections do not wait for it: quick runs of the same set go on, and their versions answer meanwhile. What
they taught is caught up with at the end, in the steps of a quick lesson, and the gate compares with the version that answers by
then. Only that last stretch, some seconds, keeps quick runs waiting (``jobs.close``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.learners.continual.rehearsal_batches import JUDGING
from functions.learners.squares import Squares
from functions.learners.squares.sampling import Apart
from functions.records import training_samples as records
from functions.records.runs import lineage
from functions.records.tables import Version
from functions.records.training_samples import Lesson
from functions.training.plan import OnProgress, Task
from functions.training.save import Course
from functions.training.training_set import LOOKED_AT, MOST, REMEMBERED, squares

if TYPE_CHECKING:
    from functions.learners.continual.fine_tuner import Candidate

Read = Callable[[Version], bytes]  # a version's weights

WARM, BASE = "warm", "base"
ASKED = 5_000  # squares: quick runs wait while they are asked about, and more would say little more


class TrainsLong(Protocol):
    """What the slow lane needs of ``learners.teacher.Teacher``."""

    def train(self, live: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: Apart) -> Candidate:
        """Learn all collected squares from live weights."""

    def fine_tune(
        self, live: bytes, new: Squares, *, seed: int, on_progress: OnProgress, taught: Squares | None, apart: Apart
    ) -> Candidate:
        """Learn new squares in small steps from live weights."""

    def admit(
        self, live: bytes, trained: bytes, collected: Squares, *, seed: int, on_progress: OnProgress, apart: Apart
    ) -> Candidate:
        """Let trained weights stand before the gate in place of live ones."""


@dataclass(frozen=True)
class Trained:
    """The better one of the trainings: with what it ``start``ed (warm or base), and how all of them did, by their start."""

    start: str
    candidate: Candidate
    starts: dict[str, dict[str, Any]]

    @property
    def came_to_something(self) -> bool:
        """Whether any share of the better one would do by the squares that choose."""
        return "surprise" in self.starts[self.start]

    def told(self) -> Candidate:
        """Return the candidate with the figures of all trainings among its own."""
        return self.also(self.candidate)

    def also(self, candidate: Candidate) -> Candidate:
        """Return another candidate with these figures."""
        return replace(candidate, metrics={**candidate.metrics, "starts": self.starts})


def train_both(
    teacher: TrainsLong, starts: Mapping[str, bytes], collected: Squares, *, seed: int, on_progress: OnProgress, apart: Apart
) -> Trained:
    """Train from the weights of each start and return the better one by the squares that choose."""
    made = {}
    for place, (name, weights) in enumerate(starts.items()):
        telling = _part(on_progress, place / len(starts), 1 / len(starts), "" if len(starts) == 1 else f"from the {name} start, ")
        made[name] = teacher.train(weights, collected, seed=seed, on_progress=telling, apart=apart)
    figures = {name: figures_of(candidate.metrics) for name, candidate in made.items()}
    best = better(figures)
    return Trained(best, made[best], figures)


def figures_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the mix that a training settled on did on the squares that choose; without it where none would do."""
    share = metrics.get("share", 0.0)
    chosen = next((trial for trial in metrics.get("trials", ()) if trial["share"] == share), None)
    return {"share": share} if chosen is None else {name: chosen[name] for name in ("share", "known", "new", "surprise")}


def better(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the start whose training surprises the least; the first one where none came to anything."""
    there = [name for name, one in figures.items() if "surprise" in one]
    return min(there, key=lambda name: figures[name]["surprise"]) if there else next(iter(figures))


def conclude(
    teacher: TrainsLong,
    live: bytes,
    trained: Trained,
    collected: Squares,
    fresh: Squares | None,
    *,
    seed: int,
    on_progress: OnProgress,
    apart: Apart,
) -> Candidate:
    """Catch up with the ``fresh`` squares that were taught meanwhile and let the result stand before the gate beside ``live``."""
    weights, steps = trained.candidate.weights, dict[str, Any]()
    if fresh:
        drawn = _order(collected, seed)[-REMEMBERED:]  # not those that choose, which are at the beginning
        telling = _part(on_progress, 0.0, 0.5, "catching up, ")
        taken_up = teacher.fine_tune(weights, fresh, seed=seed, on_progress=telling, taught=collected.take(drawn), apart=apart)
        if taken_up.gate["accepted"]:  # one that would forget what was trained had better not know the newest drawings
            weights = taken_up.weights
        steps = {"caught_up": {"samples": len(fresh), "share": taken_up.metrics.get("share")}}
    telling = _part(on_progress, 0.5, 0.5, "")
    candidate = teacher.admit(live, weights, _few(collected, seed), seed=seed, on_progress=telling, apart=apart)
    return trained.also(replace(candidate, metrics={**candidate.metrics, **steps}))


def _order(collected: Squares, seed: int) -> NDArray[np.int64]:
    """Return the order in which ``plan_lesson`` takes squares, to choose by and then to teach."""
    return np.random.default_rng(seed).permutation(len(collected))


def _few(collected: Squares, seed: int) -> Squares:
    """Return what the last stretch asks about: everything, or of very much some that did not teach, so that it stays short."""
    if len(collected) <= ASKED:
        return collected
    return collected.take(_order(collected, seed)[: min(ASKED, round(JUDGING * len(collected)))])


def _part(on_progress: OnProgress, start: float, share: float, doing: str) -> OnProgress:
    return lambda progress, step: on_progress(start + share * progress, f"{doing}{step}")


def train_task(teacher: TrainsLong, task: Task, read: Read, drawn: int, on_progress: OnProgress) -> Trained:
    """Do a task of a slow run, up to where others may have gone on meanwhile; ``drawn`` is the seed."""
    starts = {WARM: read(task.start)} | ({BASE: read(task.base)} if task.base is not None else {})
    lessons = task.lessons
    return train_both(teacher, starts, lessons.squares, seed=drawn, on_progress=on_progress, apart=lessons.apart)


@dataclass(frozen=True)
class Meanwhile:
    """A task as it looks when the training is over: from which version it goes on now, and what was taught meanwhile."""

    was: Task
    task: Task
    fresh: tuple[Lesson, ...]


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
    teacher: TrainsLong, now: Meanwhile, trained: Trained, read: Read, drawn: int, on_progress: OnProgress
) -> tuple[Candidate, Course]:
    """Return what comes of a task in the end, and how that came about."""
    was, task, lessons = now.was, now.task, now.task.lessons
    starts = {WARM: was.start.id} | ({BASE: was.base.id} if was.base is not None else {})
    unchanged = not now.fresh and trained.start == WARM and task.start.id == was.start.id
    if unchanged or not trained.came_to_something:  # nothing else is to be asked, or nothing is there that could be let in
        return trained.told(), Course(trained.start, starts)
    fresh = squares(now.fresh, lessons.labels) if now.fresh else None
    candidate = conclude(
        teacher, read(task.start), trained, lessons.squares, fresh, seed=drawn, on_progress=on_progress, apart=lessons.apart
    )
    return candidate, Course(trained.start, starts, task.start.id, now.fresh)


def _others(ids: list[str], known: set[str]) -> list[str]:
    return [one for one in ids if one not in known]
