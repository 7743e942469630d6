"""A whole platform in this process, for one campaign: the verbs, a database of its own, real teachers; only HTTP is left out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, select, update

from benchmarks.adversarial.attack_plans import DIGITS, NONE, Campaign, Visit, Word
from functions import jobs, registry
from functions.dataset.gold_questions import gold_question
from functions.dataset.labelled_drawing import Sender
from functions.domain.drawing import Drawing
from functions.domain.trust import Mode
from functions.records.database import Database, migrate, open_database
from functions.records.tables import EvidenceRow, Sample, SnapshotSample, Version, new_id, now
from functions.serving.live_models import LiveModels
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.correct import Correction, correct
from functions.verbs.gold_answer import gold_answer
from functions.verbs.learn import learn
from functions.verbs.predict import predict
from functions.verbs.recheck import recheck

SET = "digits"
ASKED_EVERY = 20  # labelled drawings of a sitting after which a known one is shown, as Contribute does it
AN_HOUR = timedelta(hours=1)  # longer than a second look or a run's quiet time has to be waited for


@dataclass(frozen=True)
class Told:
    """A word that became a sample: what the networks had answered (None: not a symbol) and what became of it at once."""

    word: Word
    sample: str
    answered: int
    status: str

    @property
    def differs(self) -> bool:
        """Tell whether it contradicts the answer."""
        return self.word.said != self.answered


@dataclass(frozen=True)
class Taught:
    """One learner's lesson: the weights it made, whether they answer now and why, and the samples it was given."""

    learner: str
    version: str
    activated: bool
    reason: str
    weights: bytes
    samples: frozenset[str]


class Pupil:
    """A teacher with seeds of the campaign's own, so that it can be played again."""

    def __init__(self, teacher: Any, seed: int) -> None:
        self._teacher, self._seed = teacher, seed

    def fine_tune(self, live: bytes, squares: Any, *, seed: int, **more: Any) -> Any:
        """Teach, with another seed than the run's, which is drawn by chance."""
        self._seed += 1
        return self._teacher.fine_tune(live, squares, seed=self._seed, **more)


def make_template(folder: Path, models: Path) -> Path:
    """Make a database in ``folder`` that campaigns begin with: the tables, the shipped sets and versions; return its path."""
    path = folder / "template.sqlite"
    database = _opened(path)
    migrate(database)
    with database.writing() as session:
        registry.seed(session, models)
    database.engine.dispose()
    return path


def _opened(path: Path) -> Database:
    database = open_database(f"sqlite:///{path}")

    @event.listens_for(database.engine, "connect")
    def _hurry(connection: Any, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # what is lost with the power is only a benchmark

    return database


class House:
    """One campaign's platform."""

    def __init__(
        self, folder: Path, begin: Path, models: Path, drawings: Sequence[Drawing], teachers: Mapping[str, Any], mode: Mode
    ) -> None:
        folder.mkdir()
        shutil.copyfile(begin, folder / "inkloop.sqlite")
        self._folder, self._models, self._drawings, self._teachers = folder, models, drawings, teachers
        self._mode = mode
        self._database = _opened(folder / "inkloop.sqlite")
        self._store = FolderStore(folder / "objects")
        self._runtime = LiveModels(self._database, self._store, models)
        self._runtime.refresh()

    def close(self) -> None:
        """Throw everything away."""
        self._database.engine.dispose()
        shutil.rmtree(self._folder)

    def receive(self, visit: Visit, rng: np.random.Generator) -> list[Told]:
        """Let somebody draw and speak; return what became samples."""
        told = []
        for count, word in enumerate(visit.words, start=1):
            made = self._contributed(visit, word) if word.door == "contribute" else self._corrected(visit, word)
            told += [made] if made is not None else []
            if word.door == "contribute" and count % ASKED_EVERY == 0:
                self._ask_known(visit, rng)
        return told

    def look_again(self) -> None:
        """Look at everything that waits until nothing changes any more, as the worker does within minutes."""
        changed = 1
        while changed:
            with self._database.writing() as session:
                session.execute(update(EvidenceRow).where(EvidenceRow.waiting).values(looked_at=now() - AN_HOUR))
            changed = sum(iter(lambda: self._some_looked_at(), -1))

    def _some_looked_at(self) -> int:
        """Return how many wait no longer; -1 once all were looked at."""
        with self._database.reading() as session:
            due = session.scalar(
                select(EvidenceRow.sample_id).where(EvidenceRow.waiting, EvidenceRow.looked_at < now() - AN_HOUR / 2).limit(1)
            )
        return recheck(self._database, self._mode) if due is not None else -1

    def learn(self) -> list[Taught]:
        """Do the quick run that is asked for, if there is one, and let what it made answer."""
        claim = jobs.lease(self._database, now() + AN_HOUR, kinds=("learn",))
        if claim is None:
            return []
        learn(self._database, self._store, self._models, claim, self._teachers, lambda _progress, _step: None)
        self._runtime.refresh()
        with self._database.reading() as session:
            live = {row.id for row in registry.live(session, SET).values()}
            made = session.scalars(select(Version).where(Version.run_id == claim.run_id)).all()
            return [
                Taught(
                    row.learner,
                    row.id,
                    row.id in live,
                    row.gate["reason"],
                    registry.artefact(self._store, self._models, row, "npz"),
                    frozenset(
                        session.scalars(select(SnapshotSample.sample_id).where(SnapshotSample.snapshot_id == row.snapshot_id))
                    ),
                )
                for row in made
            ]

    def now_of(self, samples: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return status and reason of samples as they are now."""
        with self._database.reading() as session:
            rows = session.execute(select(Sample.id, Sample.status, Sample.reason).where(Sample.id.in_(samples)))
            return {sample: (status, reason) for sample, status, reason in rows}

    def _contributed(self, visit: Visit, word: Word) -> Told:
        made = contribute(
            self._database,
            self._mode,
            Contribution(SET, str(word.said), self._drawings[word.drawing], visit.account, named=True),
            Sender(visit.block),
            networks=self._runtime,
        )
        with self._database.reading() as session:
            trace = session.get_one(EvidenceRow, made.sample)
        return Told(word, made.sample, _class(trace.answered), made.status)

    def _corrected(self, visit: Visit, word: Word) -> Told | None:
        drawing = self._drawings[word.drawing]
        seen = predict(self._database, self._runtime, set_name=SET, drawing=drawing)
        if not word.insist and _class(seen.answer.label) == word.said:
            return None  # nothing to complain about, and nothing was kept
        kept = predict(self._database, self._runtime, set_name=SET, drawing=drawing, contributor=visit.account)
        answered = _class(kept.answer.label)
        assert kept.id is not None
        label = str(word.said) if word.said != NONE else None
        correction = Correction(kept.id, right=True) if answered == word.said else Correction(kept.id, label=label)
        made = correct(
            self._database,
            self._store,
            self._mode,
            correction,
            Sender(visit.block),
        )
        return Told(word, made.sample, answered, made.status)

    def _ask_known(self, visit: Visit, rng: np.random.Generator) -> None:
        shown = gold_question(self._models, SET, int(rng.integers(2**31)))
        label = shown.label if rng.random() < visit.reads else str((int(shown.label) + int(rng.integers(1, DIGITS))) % DIGITS)
        gold_answer(self._database, set_name=SET, question=new_id(), known=shown, label=label, contributor=visit.account)


def pupils(campaign: Campaign, teachers: Mapping[str, Any]) -> dict[str, Pupil]:
    """Return the teachers of those that learn in a campaign."""
    seed = 1000 * (1 + campaign.number) + 1_000_000 * campaign.seed
    return {name: Pupil(teachers[name], seed) for name in campaign.learners}


def _class(label: str | None) -> int:
    return NONE if label is None else int(label)
