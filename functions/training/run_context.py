"""What every run of training needs: its claim, its trainers, the files of versions, and where to tell its progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from functions import jobs, registry
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.records.database import Database
from functions.records.tables import Version
from functions.store import Store
from functions.training.lanes import lane_of
from functions.training.model_card import FullLaneCourse
from functions.training.plan import Task, seed
from functions.training.save import NewVersion, save

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate


@dataclass(frozen=True)
class RunContext:
    """One run with its trainers, one for each learner. It saves files, and publishes nothing."""

    database: Database
    store: Store
    models: Path
    claim: jobs.Lease
    trainers: Mapping[str, LearnerTrainer]
    on_progress: OnProgress

    def trainer(self, task: Task) -> LearnerTrainer:
        """Return the trainer of a task's learner."""
        return self.trainers[task.learner]

    def weights(self, version: Version) -> bytes:
        """Return the weights of a version.

        Raises:
            StoreUnavailable, BrokenArtefact: they cannot be read, or are not the recorded ones.
        """
        return registry.artefact(self.store, self.models, version, "npz")

    def seed(self, task: Task) -> int:
        """Return the seed of a task, which every attempt of the run shares."""
        return seed(self.claim, task.learner)

    def save(self, task: Task, candidate: Candidate, course: FullLaneCourse | None = None) -> NewVersion:
        """Put a candidate's files into the store.

        Raises:
            StoreUnavailable: they cannot be kept.
        """
        return save(self.store, self.claim, task, candidate, course)

    def figures(self, task: Task) -> dict[str, str]:
        """Return what every step of a task names: its learner and the method."""
        fine_tunes = lane_of(self.claim.kind).fine_tunes(task.training_set.knew)
        return {"learner": task.learner, "method": "fine_tuning" if fine_tunes else "training"}

    def part(self, task: Task, start: float, share: float) -> OnProgress:
        """Return where a task tells its own progress: from ``start`` on it is a ``share`` of the run's (all 0..1)."""
        figures = self.figures(task)
        return lambda progress, step: self.on_progress(start + share * progress, step.within(figures))
