"""Where a run's lessons take place: quick ones side by side, because somebody waits; slow ones in turn, because nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from functions import jobs, registry
from functions.learners.continual.protocol import LearnerTrainer, OnProgress
from functions.records.database import Database
from functions.records.tables import Version
from functions.store import Store
from functions.training.full_lane import conclude_task, meanwhile, train_task
from functions.training.plan import Task, cost, quick_task, seed
from functions.training.save import NewVersion, save

QUICK = 0.95  # of a quick run's progress are its lessons
LAST = 0.8  # of a slow run's progress: from there on quick runs of its set wait
PAUSE = 0.2  # seconds between two looks whether a quick run that is under way has ended


@dataclass(frozen=True)
class RunContext:
    """Does the tasks of one run with its teachers, one for each learner, and keeps what they make. Nothing is published.

    Whatever is wrong with one lesson is raised, and nothing else of the run is of use.
    """

    database: Database
    store: Store
    models: Path
    claim: jobs.Lease
    teachers: Mapping[str, LearnerTrainer]
    on_progress: OnProgress

    def quick(self, tasks: Sequence[Task]) -> list[NewVersion]:
        """Teach all learners at the same time, each in a thread of its own: one lesson does not keep two cores busy."""
        tells = together(self.on_progress, {self._doing(task): cost(task) for task in tasks})
        with ThreadPoolExecutor(len(tasks)) as threads:
            lessons = [
                threads.submit(
                    quick_task, self.teachers[task.learner], task.lessons, self._read(task.start), self._seed(task), tell
                )
                for task, tell in zip(tasks, tells, strict=True)
            ]
        return [save(self.store, self.claim, task, lesson.result()) for task, lesson in zip(tasks, lessons, strict=True)]

    def slow(self, tasks: Sequence[Task]) -> list[NewVersion]:
        """Train the learners one after the other, for minutes, and take up at the end what quick runs taught meanwhile."""
        made, trained = [], []
        done, whole = 0.0, sum(map(cost, tasks))
        for task in tasks:
            share = LAST * cost(task) / whole
            telling = self._part(task, done, share)
            telling(0.0, "")
            teacher = self.teachers[task.learner]
            if task.adds:
                candidate = quick_task(teacher, task.lessons, self._read(task.start), self._seed(task), telling)
                made.append(save(self.store, self.claim, task, candidate))
            else:
                trained.append((task, train_task(teacher, task, self._read, self._seed(task), telling)))
            done += share
        if trained:
            self._close()
        for place, (task, one) in enumerate(trained):
            telling = self._part(task, LAST + 0.15 * place / len(trained), 0.15 / len(trained))
            with self.database.reading() as session:
                now = meanwhile(session, self.claim, task)
            candidate, course = conclude_task(self.teachers[task.learner], now, one, self._read, self._seed(task), telling)
            made.append(save(self.store, self.claim, now.task, candidate, course))
        return made

    def _close(self) -> None:
        """Wait until no quick run of the set is under way, and let none begin."""
        while not jobs.close(self.database, self.claim):
            self.on_progress(LAST, "waiting for what is learned just now")
            time.sleep(PAUSE)

    def _read(self, version: Version) -> bytes:
        return registry.artefact(self.store, self.models, version, "npz")

    def _seed(self, task: Task) -> int:
        return seed(self.claim, task.learner)

    def _doing(self, task: Task) -> str:
        doing = "fine-tuning" if self.claim.kind == "learn" and task.lessons.knew else "training"
        return f"{doing} the {task.learner.upper()}"

    def _part(self, task: Task, start: float, share: float) -> OnProgress:
        doing = self._doing(task)

        def telling(progress: float, step: str) -> None:
            self.on_progress(start + share * progress, f"{doing}: {step}" if step else doing)

        return telling


def together(on_progress: OnProgress, costs: Mapping[str, float]) -> list[OnProgress]:
    """Return what each of several lessons tells its progress; ``costs`` are theirs, by what they do.

    Told is how far all of them are, and the last one's step: it takes longest.
    """
    *_, last = costs
    lock, whole, far, said = threading.Lock(), sum(costs.values()), dict.fromkeys(costs, 0.0), last

    def telling(doing: str, progress: float, step: str) -> None:
        nonlocal said
        with lock:
            far[doing] = progress
            if doing == last and step:
                said = f"{doing}: {step}"
            on_progress(QUICK * sum(cost * far[one] for one, cost in costs.items()) / whole, said)

    on_progress(0.0, last)
    return [partial(telling, doing) for doing in costs]
