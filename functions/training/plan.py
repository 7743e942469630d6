"""Plan a run: derive the task of each learner from the live version, the set's labels and the samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.problem import Problem
from functions.errors import Unavailable
from functions.learners.continual.protocol import Candidate, LearnerTrainer, OnProgress
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.records import label_counts
from functions.records.tables import Version
from functions.registry.unlearning import clean_starts
from functions.training.lanes import LANES
from functions.training.refused_samples import NOTHING_REFUSED, RefusedSamples, refused_samples
from functions.training.training_set import TrainingSet, gather

COST = {"fnn": 1.0, "cnn": 4.0}  # relative training times, for the order of the tasks and the progress only
FOUNDATIONS = ("characters", "digits")  # sets whose networks a new set starts from, the better one first


@dataclass(frozen=True)
class Task:
    """The training of one learner: from ``start``, the live version or, for a first version, the version of another set.

    A run that forgets starts from an older version; the new version ``replaces`` the live version all the same. A full run
    also starts from the ``base`` of the line, if that is another version with the same labels.
    """

    learner: str
    start: Version
    training_set: TrainingSet
    replaces: str | None
    base: Version | None = None

    @property
    def parent(self) -> Version | None:
        """The version whose line is continued; None for a first version."""
        return self.start if self.training_set.knew else None

    @property
    def adds(self) -> bool:
        """Whether the training adds labels that the start does not know."""
        return self.training_set.labels != self.training_set.knew


@dataclass(frozen=True)
class Plan:
    """The ``tasks`` of a run, the quickest first, and all ``training_sets``, also those without samples.

    ``starts`` are the starting versions by learner. ``accepted`` counts the accepted samples of the set, in a full run only.
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
        """The number of samples that each unknown label still needs."""
        return next((training_set.lacking for training_set in self.training_sets if training_set.lacking), {})


def plan_run(session: Session, claim: jobs.Lease, learners: Iterable[str], copies: AugmentedCopies | None = None) -> Plan:
    """Plan the task of each learner in a run; ``copies`` may hold augmented copies that are drawn already.

    Raises:
        Unavailable: no other set has a network that a first version could start from.
    """
    lane = LANES[claim.kind]
    symbols, live = registry.symbol_set(session, claim.set_name), registry.live(session, claim.set_name)
    starts = clean_starts(session, claim.set_name, claim.forget) if claim.forget else live
    gathered: dict[tuple[tuple[str, ...], RefusedSamples], TrainingSet] = {}
    found = []
    for learner in sorted(learners, key=lambda name: COST.get(name, 1.0)):
        start, answering = starts.get(learner), live.get(learner)
        knew = tuple(start.labels) if start is not None else ()
        refused = refused_samples(session, claim.set_name, learner) if lane.fine_tunes(knew) else NOTHING_REFUSED
        same = knew, refused  # learners that know the same labels, and were refused the same samples, share their training set
        if same not in gathered:
            seed = run_seed(claim, "rehearsal")
            gathered[same] = gather(session, symbols, knew, lane, seed=seed, refused=refused, copies=copies)
        if gathered[same].samples:
            base = _base(session, claim, start) if start is not None and lane.relearns else None
            start = start or _foundation(session, claim, learner)
            found.append(Task(learner, start, gathered[same], answering.id if answering is not None else None, base))
    accepted = label_counts.accepted(session, claim.set_name) if lane.relearns else None
    return Plan(tuple(found), tuple(gathered.values()), starts, accepted)


def _base(session: Session, claim: jobs.Lease, start: Version) -> Version | None:
    base = registry.original(session, claim.set_name).get(start.learner)
    if base is None or base.id == start.id or base.labels != start.labels or registry.is_of_older_form(base):
        return None
    # The first version of the owner's set has learned from contributors, perhaps from those to be forgotten.
    return base if base.original or not claim.forget else None


def _foundation(session: Session, claim: jobs.Lease, learner: str) -> Version:
    for name in FOUNDATIONS:
        there = clean_starts(session, name, claim.forget) if claim.forget else registry.live(session, name)
        found = there.get(learner)
        if name != claim.set_name and found is not None and not registry.is_of_older_form(found):
            return found
    raise Unavailable(Problem("no_foundation", learner=learner.upper()))


def train_once(
    trainer: LearnerTrainer, training_set: TrainingSet, weights: bytes, seed: int, on_progress: OnProgress
) -> Candidate:
    """Make a first version, add labels, or fine-tune: whichever ``training_set`` asks for, from the weights of the start."""
    if not training_set.knew:
        return trainer.bootstrap(weights, training_set.labels, training_set.squares, seed=seed, on_progress=on_progress)
    if training_set.labels != training_set.knew:
        return trainer.add_labels(weights, training_set.labels, training_set.squares, seed=seed, on_progress=on_progress)
    return trainer.fine_tune(weights, training_set.squares, seed=seed, on_progress=on_progress)


def run_seed(claim: jobs.Lease, purpose: str) -> int:
    """Return a seed of 32 bits that every attempt of a run shares."""
    return int.from_bytes(hashlib.sha256(f"{claim.run_id} {purpose}".encode()).digest()[:4])


def cost(task: Task) -> float:
    """Return the relative training time of a task."""
    return COST.get(task.learner, 1.0)
