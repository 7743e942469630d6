"""Run a whole platform in this process for one campaign: the verbs, a database and real trainers, but no HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import event, select, update

from benchmarks.adversarial.attack_plans import Campaign, Statement, Visit
from benchmarks.adversarial.scenes import Scene
from functions import jobs, registry
from functions.dataset.gold_questions import gold_question
from functions.dataset.labelled_drawing import Sender
from functions.domain.drawing import Drawing
from functions.domain.trust import Mode
from functions.domain.trust.reason_codes import in_words
from functions.records.database import Database, open_database
from functions.records.migrate import migrate
from functions.records.tables import EvidenceRow, Sample, SnapshotSample, Version, new_id, now
from functions.serving.live_models import LiveModels
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.correct import Correction, correct
from functions.verbs.gold_answer import gold_answer
from functions.verbs.learn import learn
from functions.verbs.predict import predict
from functions.verbs.recheck import recheck

GOLD_EVERY = 20  # contributions after which a gold question is shown, as the page Contribute does
AN_HOUR = timedelta(hours=1)  # longer than the delay of a recheck or of a run


@dataclass(frozen=True)
class Submission:
    """A statement that became a sample: the class that the networks answered, and the sample's first status."""

    statement: Statement
    sample: str
    answered: int
    status: str

    @property
    def differs(self) -> bool:
        """Tell whether the statement contradicts the answer."""
        return self.statement.label != self.answered


@dataclass(frozen=True)
class TrainedVersion:
    """A version that a run trained: its weights, whether it is active and why, and the samples of its run."""

    learner: str
    version: str
    activated: bool
    reason: str
    weights: bytes
    samples: frozenset[str]


class SeededTrainer:
    """A trainer with the campaign's own seeds: the same campaign gives the same versions again."""

    def __init__(self, trainer: Any, seed: int) -> None:
        self._trainer, self._seed = trainer, seed

    def fine_tune(self, live: bytes, squares: Any, *, seed: int, **more: Any) -> Any:
        """Fine-tune with the next seed of the campaign instead of the run's random seed."""
        self._seed += 1
        return self._trainer.fine_tune(live, squares, seed=self._seed, **more)


def make_template(folder: Path, models: Path) -> Path:
    """Make the first database of all campaigns in ``folder``, with the shipped sets and versions; return its path."""
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
    def _no_sync(connection: Any, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # a power failure would only cost a benchmark

    return database


class CampaignPlatform:
    """The platform of one campaign."""

    def __init__(
        self,
        scene: Scene,
        folder: Path,
        begin: Path,
        models: Path,
        drawings: Sequence[Drawing],
        trainers: Mapping[str, Any],
        mode: Mode,
    ) -> None:
        folder.mkdir()
        shutil.copyfile(begin, folder / "inkloop.sqlite")
        self._folder, self._drawings, self._trainers = folder, drawings, trainers
        self._mode, self._set, self._labels = mode, scene.set_name, scene.labels
        self._database = _opened(folder / "inkloop.sqlite")
        self._artefacts = registry.Artefacts(FolderStore(folder / "objects"), models)
        self._runtime = LiveModels(self._database, self._artefacts)
        self._runtime.refresh()

    def close(self) -> None:
        """Delete the database and the objects."""
        self._database.engine.dispose()
        shutil.rmtree(self._folder)

    def play_visit(self, visit: Visit, rng: np.random.Generator) -> list[Submission]:
        """Submit the statements of a visit; return those that became samples."""
        submissions = []
        for count, statement in enumerate(visit.statements, start=1):
            submission = (
                self._contribute(visit, statement) if statement.route == "contribute" else self._correct(visit, statement)
            )
            submissions += [submission] if submission is not None else []
            if statement.route == "contribute" and count % GOLD_EVERY == 0:
                self._ask_gold_question(visit, rng)
        return submissions

    def recheck_pending(self) -> None:
        """Recheck all pending samples until no status changes, as the worker does within minutes."""
        changed = 1
        while changed:
            with self._database.writing() as session:
                session.execute(update(EvidenceRow).where(EvidenceRow.waiting).values(looked_at=now() - AN_HOUR))
            changed = sum(iter(lambda: self._recheck_once(), -1))

    def _recheck_once(self) -> int:
        """Recheck some samples and return how many are no longer pending; -1 after all were rechecked."""
        with self._database.reading() as session:
            due = session.scalar(
                select(EvidenceRow.sample_id).where(EvidenceRow.waiting, EvidenceRow.looked_at < now() - AN_HOUR / 2).limit(1)
            )
        return recheck(self._database, self._mode) if due is not None else -1

    def learn(self) -> list[TrainedVersion]:
        """Execute the queued quick run, if there is one, and return its versions."""
        claim = jobs.lease(self._database, now() + AN_HOUR, kinds=("learn",))
        if claim is None:
            return []
        learn(self._database, self._artefacts, claim, self._trainers, lambda _progress, _step: None)
        self._runtime.refresh()
        with self._database.reading() as session:
            live = {row.id for row in registry.live(session, self._set).values()}
            made = session.scalars(select(Version).where(Version.run_id == claim.run_id)).all()
            return [
                TrainedVersion(
                    row.learner,
                    row.id,
                    row.id in live,
                    row.gate["reason"],
                    self._artefacts.read(row, "npz"),
                    frozenset(
                        session.scalars(select(SnapshotSample.sample_id).where(SnapshotSample.snapshot_id == row.snapshot_id))
                    ),
                )
                for row in made
            ]

    def current_status(self, samples: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return status and reason of samples as they are now."""
        with self._database.reading() as session:
            rows = session.scalars(select(Sample).where(Sample.id.in_(samples)))
            return {row.id: (row.status, in_words(row.reason, row.reason_figures)) for row in rows}

    def _contribute(self, visit: Visit, statement: Statement) -> Submission:
        made = contribute(
            self._database,
            self._mode,
            Contribution(self._set, self._labels[statement.label], self._drawings[statement.drawing], visit.account),
            Sender(visit.block),
            networks=self._runtime,
        )
        with self._database.reading() as session:
            evidence = session.get_one(EvidenceRow, made.sample)
        return Submission(statement, made.sample, self._class(evidence.answered), made.status)

    def _correct(self, visit: Visit, statement: Statement) -> Submission | None:
        drawing = self._drawings[statement.drawing]
        seen = predict(self._database, self._runtime, set_name=self._set, drawing=drawing)
        if not statement.confirms and self._class(seen.answer.label) == statement.label:
            return None  # the visitor agrees and says nothing
        kept = predict(self._database, self._runtime, set_name=self._set, drawing=drawing, contributor=visit.account)
        answered = self._class(kept.answer.label)
        assert kept.id is not None
        label = self._labels[statement.label] if statement.label < len(self._labels) else None
        correction = Correction(kept.id, right=True) if answered == statement.label else Correction(kept.id, label=label)
        made = correct(
            self._database,
            self._artefacts.store,
            self._mode,
            correction,
            Sender(visit.block),
        )
        return Submission(statement, made.sample, answered, made.status)

    def _class(self, label: str | None) -> int:
        return len(self._labels) if label is None else self._labels.index(label)

    def _ask_gold_question(self, visit: Visit, rng: np.random.Generator) -> None:
        shown = gold_question(self._artefacts.models, self._set, int(rng.integers(2**31)))
        count, label = len(self._labels), shown.label
        if rng.random() >= visit.gold_accuracy:
            label = self._labels[(self._labels.index(label) + int(rng.integers(1, count))) % count]
        gold_answer(self._database, self._set, new_id(), shown.label, answered=label, contributor=visit.account)


def seeded_trainers(campaign: Campaign, trainers: Mapping[str, Any]) -> dict[str, SeededTrainer]:
    """Return the trainers of a campaign's learners."""
    seed = 1000 * (1 + campaign.number) + 1_000_000 * campaign.seed
    return {name: SeededTrainer(trainers[name], seed) for name in campaign.learners}
