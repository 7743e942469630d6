"""What a run gives each learner to do, as seen from what is there: the live version, the set's labels and the samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.errors import Unavailable
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.records import label_counts
from functions.records.tables import Version
from functions.registry.unlearning import clean_starts
from functions.training.lanes import lane_of
from functions.training.training_set import TrainingSet, gather

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

COST = {"fnn": 1.0, "cnn": 4.0}  # how long learners take beside each other, for the order and the progress only
FOUNDATIONS = ("characters", "digits")  # sets whose networks a new set begins from, the better one first


@dataclass(frozen=True)
class Task:
    """What one learner is to do: go on from ``start``, its live version or, for a first run, another set's.

    A run that is to forget begins from an older version; what is made ``replaces`` the live one all the same. A slow one
    begins from the ``base`` of the line as well, where that knows the same labels and is another one.
    """

    learner: str
    start: Version
    training_set: TrainingSet
    replaces: str | None
    base: Version | None = None

    @property
    def parent(self) -> Version | None:
        """The version whose line is continued; None for a first one."""
        return self.start if self.training_set.knew else None

    @property
    def adds(self) -> bool:
        """Whether labels are learned that the start did not know."""
        return self.training_set.labels != self.training_set.knew


@dataclass(frozen=True)
class Plan:
    """What a run is to do: its ``tasks``, the quickest first, and the ``training_sets``, also those without samples.

    ``starts`` are the versions, by learner, from which the run begins. A full run counts the ``accepted`` samples of its set.
    """

    tasks: tuple[Task, ...]
    training_sets: tuple[TrainingSet, ...]
    starts: Mapping[str, Version]
    accepted: int | None = None

    @property
    def idle(self) -> list[str]:
        """The samples that no learner can use yet."""
        every = [set(training_set.idle) for training_set in self.training_sets]
        return sorted(set.intersection(*every)) if every else []

    @property
    def lacking(self) -> dict[str, int]:
        """How many samples each label still needs; empty where nothing waits for samples."""
        return next((training_set.lacking for training_set in self.training_sets if training_set.lacking), {})


def plan_run(session: Session, claim: jobs.Lease, learners: Iterable[str], copies: AugmentedCopies | None = None) -> Plan:
    """Plan what each of some learners is to do in a run; ``copies`` are augmented copies that may be drawn already.

    Raises:
        Unavailable: there is no network at all that a first one could begin from.
    """
    lane = lane_of(claim.kind)
    symbols, live = registry.symbol_set(session, claim.set_name), registry.live(session, claim.set_name)
    starts = clean_starts(session, claim.set_name, claim.forget) if claim.forget else live
    gathered: dict[tuple[str, ...], TrainingSet] = {}
    found = []
    for learner in sorted(learners, key=lambda name: COST.get(name, 1.0)):
        start, answering = starts.get(learner), live.get(learner)
        knew = tuple(start.labels) if start is not None else ()
        if knew not in gathered:  # learners that know the same labels share their training set
            gathered[knew] = gather(session, symbols, knew, lane, seed=seed(claim, "rehearsal"), copies=copies)
        if gathered[knew].samples:
            base = _base(session, claim, start) if start is not None and lane.relearns else None
            start = start or _foundation(session, claim, learner)
            found.append(Task(learner, start, gathered[knew], answering.id if answering is not None else None, base))
    accepted = label_counts.accepted(session, claim.set_name) if lane.relearns else None
    return Plan(tuple(found), tuple(gathered.values()), starts, accepted)


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


def quick_task(
    trainer: LearnerTrainer, training_set: TrainingSet, weights: bytes, drawn: int, on_progress: OnProgress
) -> Candidate:
    """Do what ``training_set`` asks for with the weights of the start, except for the full lane; ``drawn`` is the seed."""
    if not training_set.knew:
        return trainer.bootstrap(weights, training_set.labels, training_set.squares, seed=drawn, on_progress=on_progress)
    if training_set.labels != training_set.knew:
        return trainer.add_labels(weights, training_set.labels, training_set.squares, seed=drawn, on_progress=on_progress)
    return trainer.fine_tune(weights, training_set.squares, seed=drawn, on_progress=on_progress)


def seed(claim: jobs.Lease, purpose: str) -> int:
    """Return 32 bits that every attempt of a run shares."""
    return int.from_bytes(hashlib.sha256(f"{claim.run_id} {purpose}".encode()).digest()[:4])


def cost(task: Task) -> float:
    return COST.get(task.learner, 1.0)
