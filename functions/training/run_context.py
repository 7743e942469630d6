"""What every run of training needs: its claim, its trainers, the files of versions, and a place to report its progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions import jobs, registry
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.records.database import Database
from functions.training.lanes import LANES
from functions.training.plan import Task, run_seed
from functions.training.trials import Cluster


@dataclass(frozen=True)
class RunContext:
    """One run with its ``trainers`` by learner. The trials of a full run go to a ``cluster``, if there is one."""

    database: Database
    artefacts: registry.Artefacts
    claim: jobs.Lease
    trainers: Mapping[str, LearnerTrainer]
    on_progress: OnProgress
    cluster: Cluster | None = None

    def seed(self, task: Task) -> int:
        """Return the seed of a task, which every attempt of the run shares."""
        return run_seed(self.claim, task.learner)

    def figures(self, task: Task) -> dict[str, str]:
        """Return what every step of a task names: its learner and the method."""
        fine_tunes = LANES[self.claim.kind].fine_tunes(task.training_set.knew)
        return {"learner": task.learner, "method": "fine_tuning" if fine_tunes else "training"}

    def part(self, task: Task, start: float, share: float) -> OnProgress:
        """Return where a task reports its progress: a ``share`` of the run's progress, from ``start`` on (all 0..1)."""
        figures = self.figures(task)
        return lambda progress, step: self.on_progress(start + share * progress, step.within(figures))
