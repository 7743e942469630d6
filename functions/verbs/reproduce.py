"""The verb *reproduce*: train a version again from its card, and compare the results.

Snapshots never change and their samples stay in the database, so the squares are the same, except for withdrawn samples. The
same machine gives the same bytes. Another processor or another TensorFlow adds numbers in another order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.errors import BrokenArtefact, Conflict, MissingObject
from functions.learners.continual.protocol import Candidate, LearnerTrainer, OnProgress, TrainingSquares
from functions.learners.continual.retrain import conclude, retrain
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.learners.squares.sampling import HeldOut
from functions.records import training_samples as records
from functions.records.database import Database
from functions.records.snapshots import in_snapshot
from functions.records.tables import Version
from functions.records.training_samples import TrainingSample
from functions.store import Store
from functions.training.model_card import TRAINING_CODE, made_with
from functions.training.plan import train_once
from functions.training.save import read_used_samples, used_samples_key
from functions.training.training_set import TrainingSet, UsedSamples, augmented_by_strokes, squares

FIGURES_SHOWN = 20  # the first figures that differ
NOT_FIGURES = ("seconds",)  # the duration differs each time


@dataclass(frozen=True)
class Reproduced:
    """A version, the result of the same training, and sentences that say why the two may differ."""

    version: Version
    candidate: Candidate
    differing: dict[str, tuple[Any, Any]]  # figures by their names: as recorded, and now
    figures: int  # the number of figures that were compared
    reasons: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the network is the same to the bit."""
        return self.candidate.sha256 == self.version.sha256

    def report(self) -> list[str]:
        """Return the comparison as lines of text."""
        lines = [
            f"Version {self.version.id}, the {self.version.learner.upper()} of {self.version.set_name}",
            f"  sha256 recorded  {self.version.sha256}",
            f"  sha256 now       {self.candidate.sha256}{', the same' if self.same else ''}",
            f"  {self.figures - len(self.differing)} of {self.figures} figures are the same.",
        ]
        shown = list(self.differing.items())[:FIGURES_SHOWN]
        lines += [f"    {name}: {recorded} recorded, {now} now" for name, (recorded, now) in shown]
        lines += [f"  {reason}" for reason in self.reasons]
        if not self.same and not self.reasons:
            lines.append("  No known reason explains it. Its code may have changed, or it was made on another processor.")
        return lines


def reproduce(
    database: Database,
    artefacts: registry.Artefacts,
    version_id: str,
    trainer_of: Callable[[Version], LearnerTrainer],
    on_progress: OnProgress,
) -> Reproduced:
    """Train a version again with the trainer that ``trainer_of`` returns for it. Nothing is published.

    Raises:
        UnknownVersion: there is none with that id.
        Conflict: it was shipped, or its used samples were never stored.
        BrokenArtefact, StoreUnavailable: its starts or its used samples cannot be read.
    """
    with database.reading() as session:
        version = registry.version(session, version_id)
        samples = _Samples(session, _used_samples(artefacts.store, version), in_snapshot(session, str(version.snapshot_id)))
        training_set = samples.training_set(session, version)
        starts = {name: registry.version(session, one) for name, one in _starts(version.card, version.parent_id).items()}
    weights = {name: artefacts.read(start, "npz") for name, start in starts.items()}
    on_progress(0.0, Step("starting"))
    candidate = _train(trainer_of(version), version, training_set, samples.caught_up, weights, on_progress)
    recorded, now = _flat(version.metrics), _flat(candidate.metrics)
    names = sorted({*recorded, *now})
    differing = {name: (recorded.get(name), now.get(name)) for name in names if recorded.get(name) != now.get(name)}
    return Reproduced(version, candidate, differing, len(names), tuple(_reasons(version, samples.missing)))


class _Samples:
    """The samples that a version ``learned`` or ``used``, as far as they still have squares; ``missing`` counts the others."""

    def __init__(self, session: Session, used: UsedSamples, learned: Sequence[str]) -> None:
        self.missing, self._used, late = 0, used, set(used.caught_up)
        self._learned = self._read(session, [one for one in learned if one not in late])
        self.caught_up, self._rehearsed = self._read(session, used.caught_up), self._read(session, used.rehearsed)
        self._validation, self._test = self._read(session, used.validation), self._read(session, used.test)

    def training_set(self, session: Session, version: Version) -> TrainingSet:
        """Return the training set of the version's run."""
        parent = registry.version(session, version.parent_id) if version.parent_id is not None else None
        labels = tuple(version.labels)
        samples, new = tuple(one.sample for one in self._learned), squares(self._learned, labels)
        quick = version.card.get("kind") == jobs.QUICK and parent is not None
        return TrainingSet(
            knew=tuple(parent.labels) if parent is not None else (),
            labels=labels,
            samples=samples,
            given=tuple(one.label for one in self._learned),
            squares=TrainingSquares(
                new,
                earlier=squares(self._rehearsed, labels) or None,
                held_out=HeldOut(squares(self._validation, labels), squares(self._test, labels)),
                augmented=augmented_by_strokes(session, samples, new.x, AugmentedCopies()) if quick else None,
            ),
            used=self._used,
            idle=(),
        )

    def _read(self, session: Session, samples: Sequence[str]) -> list[TrainingSample]:
        found = [one for one in records.by_id(session, samples) if one.square is not None]
        self.missing += len(samples) - len(found)
        return sorted(found, key=lambda one: one.sample)


def _used_samples(store: Store, version: Version) -> UsedSamples:
    if "lesson_sha256" not in version.card:
        raise Conflict("That version was shipped, or it was made before platforms kept what is needed to make one again.")
    try:
        body = store.get(used_samples_key(version))
    except MissingObject:
        raise BrokenArtefact(f"The list of used samples of version {version.id} is missing.") from None
    if hashlib.sha256(body).hexdigest() != version.card["lesson_sha256"]:
        raise BrokenArtefact(f"The list of used samples of version {version.id} is not the one that was recorded.")
    return read_used_samples(body)


def _starts(card: dict[str, Any], parent_id: str | None) -> dict[str, str]:
    """Return the versions whose weights are needed, by their use."""
    if "starts" in card:
        return {**card["starts"], **({"against": card["against"]} if "against" in card else {})}
    return {"start": parent_id or card["foundation"]}


def _train(
    trainer: LearnerTrainer,
    version: Version,
    training_set: TrainingSet,
    caught_up: list[TrainingSample],
    weights: dict[str, bytes],
    on_progress: OnProgress,
) -> Candidate:
    seed = version.card["seed"]
    if "starts" not in version.card:
        return train_once(trainer, training_set, weights["start"], seed, on_progress)
    against = weights.pop("against", None)
    trained = retrain(trainer, weights, training_set.squares, seed=seed, on_progress=on_progress)
    if against is None:
        return trained.with_starts(trained.candidate)
    fresh = squares(caught_up, training_set.labels) if caught_up else None
    return conclude(trainer, against, trained, training_set.squares, fresh, seed=seed, on_progress=on_progress)


def _reasons(version: Version, missing: int) -> list[str]:
    reasons = []
    if missing:
        reasons.append(f"{missing} of its samples were withdrawn since, so their squares are gone.")
    if version.card["code"] != TRAINING_CODE:
        reasons.append(f"It was made by version {version.card['code']} of the method, and this is version {TRAINING_CODE}.")
    recorded, here = version.card.get("made_with", {}), made_with()
    return reasons + [
        f"It was made with {name} {was}, and this is {here.get(name)}." for name, was in recorded.items() if was != here.get(name)
    ]


def _flat(figures: Any, name: str = "") -> dict[str, Any]:
    """Return nested figures by their dotted names."""
    if isinstance(figures, (list, tuple)):
        figures = {str(place): one for place, one in enumerate(figures)}
    if not isinstance(figures, Mapping):
        return {name: figures}
    found: dict[str, Any] = {}
    for part, one in figures.items():
        if part not in NOT_FIGURES:
            found |= _flat(one, f"{name}.{part}" if name else part)
    return found
