"""What a run gives each learner to do, as seen from what is there: the live version, the set's labels and the samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.errors import Unavailable
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.records.tables import Version
from functions.registry.unlearning import clean_starts
from functions.training.training_set import TrainingSet, gather

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

COST = {"fnn": 1.0, "cnn": 4.0}  # how long learners take beside each other, for the order and the progress only
FOUNDATIONS = ("characters", "digits")  # sets whose networks a new set begins from, the better one first


@dataclass(frozen=True)
class Task:
    """What one learner is to do: go on from ``start``, its live version or, for a first lesson, another set's.

    A run that is to forget begins from an older version; what is made ``replaces`` the live one all the same. A slow one
    begins from the ``base`` of the line as well, where that knows the same labels and is another one.
    """

    learner: str
    start: Version
    lessons: TrainingSet
    replaces: str | None
    base: Version | None = None

    @property
    def parent(self) -> Version | None:
        """The version whose line is continued; None for a first one."""
        return self.start if self.lessons.knew else None

    @property
    def adds(self) -> bool:
        """Whether labels are learned that the start did not know."""
        return self.lessons.labels != self.lessons.knew


def tasks(session: Session, claim: jobs.Lease, teachers: Mapping[str, LearnerTrainer]) -> tuple[list[Task], list[TrainingSet]]:
    """Return what each learner is to do, the quickest first, and all lessons, also those with nothing to learn."""
    symbols, live = registry.symbol_set(session, claim.set_name), registry.live(session, claim.set_name)
    starts = clean_starts(session, claim.set_name, claim.forget) if claim.forget else live
    gathered: dict[tuple[str, ...], TrainingSet] = {}
    found = []
    for learner in sorted(teachers, key=lambda name: COST.get(name, 1.0)):
        start, answering = starts.get(learner), live.get(learner)
        knew = tuple(start.labels) if start is not None else ()
        if knew not in gathered:  # learners that know the same labels share their lessons
            gathered[knew] = gather(session, symbols, knew, claim.kind, seed=seed(claim, "rehearsal"))
        if gathered[knew].samples:
            base = _base(session, claim, start) if start is not None and claim.kind == "train" else None
            start = start or _foundation(session, claim, learner)
            found.append(Task(learner, start, gathered[knew], answering.id if answering is not None else None, base))
    return found, list(gathered.values())


def in_all(some: Iterable[Sequence[str]]) -> list[str]:
    """Return what is in each of ``some``, in order: what one learner cannot use another one may."""
    every = [set(one) for one in some]
    return sorted(set.intersection(*every)) if every else []


def _base(session: Session, claim: jobs.Lease, start: Version) -> Version | None:
    base = registry.original(session, claim.set_name).get(start.learner)
    if base is None or base.id == start.id or base.labels != start.labels or registry.is_of_older_form(base):
        return None
    # The first version of a set of one's own has learned from people, perhaps from those who are to be forgotten.
    return base if base.original or not claim.forget else None


def _foundation(session: Session, claim: jobs.Lease, learner: str) -> Version:
    for name in FOUNDATIONS:
        there = clean_starts(session, name, claim.forget) if claim.forget else registry.live(session, name)
        found = there.get(learner)
        if name != claim.set_name and found is not None and not registry.is_of_older_form(found):
            return found
    raise Unavailable(f"There is no {learner.upper()} of another symbol set that a first one could begin from.")


def quick_task(trainer: LearnerTrainer, lessons: TrainingSet, weights: bytes, drawn: int, on_progress: OnProgress) -> Candidate:
    """Do what ``lessons`` ask for with the weights of the start, if that is no matter of the slow lane; ``drawn`` is the seed."""
    if not lessons.knew:
        return trainer.bootstrap(weights, lessons.labels, lessons.squares, seed=drawn, on_progress=on_progress)
    if lessons.labels != lessons.knew:
        return trainer.add_labels(weights, lessons.labels, lessons.squares, seed=drawn, on_progress=on_progress)
    return trainer.fine_tune(weights, lessons.squares, seed=drawn, on_progress=on_progress)


def seed(claim: jobs.Lease, purpose: str) -> int:
    """Return 32 bits that every attempt of a run shares."""
    return int.from_bytes(hashlib.sha256(f"{claim.run_id} {purpose}".encode()).digest()[:4])


def cost(task: Task) -> float:
    return COST.get(task.learner, 1.0)
