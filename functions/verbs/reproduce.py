"""The verb *repeat*: what a version's card tells is done again, to see whether the same comes of it.

Snapshots never change and what a version learned from stays in its rows, so the same squares are there, less what was withdrawn.
On the machine that made a version the same bytes come out; another processor or another TensorFlow adds numbers in another order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.errors import BrokenArtefact, Conflict, MissingObject
from functions.learners.continual.protocol import LearnerTrainer, OnProgress, TrainingSquares
from functions.learners.continual.retrain import Retrained, conclude, retrain
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.learners.squares.sampling import HeldOut
from functions.records import training_samples as records
from functions.records.database import Database
from functions.records.snapshots import in_snapshot
from functions.records.tables import Version
from functions.records.training_samples import TrainingSample
from functions.store import Store
from functions.training.model_card import TRAINING_CODE, made_with
from functions.training.plan import quick_task
from functions.training.save import UsedSamples, read_used_samples, used_samples_key
from functions.training.training_set import TrainingSet, augmented_by_strokes, squares

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

FIGURES_SHOWN = 20  # figures that differ, the first ones
NOT_FIGURES = ("seconds",)  # how long it took is another matter


@dataclass(frozen=True)
class Reproduced:
    """A version, what came of doing the same again, and why that may be something else, in sentences."""

    version: Version
    candidate: Candidate
    differing: dict[str, tuple[Any, Any]]  # figures by their names: as recorded, and now
    figures: int  # that were compared
    reasons: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the network is the same to the bit."""
        return self.candidate.sha256 == self.version.sha256

    def told(self) -> list[str]:
        """Return both in words, line by line."""
        said = [
            f"Version {self.version.id}, the {self.version.learner.upper()} of {self.version.set_name}",
            f"  sha256 recorded  {self.version.sha256}",
            f"  sha256 now       {self.candidate.sha256}{', the same' if self.same else ''}",
            f"  {self.figures - len(self.differing)} of {self.figures} figures are the same.",
        ]
        some = list(self.differing.items())[:FIGURES_SHOWN]
        said += [f"    {name}: {recorded} recorded, {now} now" for name, (recorded, now) in some]
        said += [f"  {reason}" for reason in self.reasons]
        if not self.same and not self.reasons:
            said.append("  Nothing that is known explains it. Its code may have changed, or it was made on another processor.")
        return said


def reproduce(
    database: Database,
    store: Store,
    models: Path,
    version_id: str,
    hire: Callable[[Version], LearnerTrainer],
    on_progress: OnProgress,
) -> Reproduced:
    """Do the lesson of a version again, with the teacher that is ``hire``d for it. Nothing is published.

    Raises:
        UnknownVersion: there is none with that id.
        Conflict: nobody taught it here, or too long ago for its lesson to be known.
        BrokenArtefact, StoreUnavailable: what it was made from cannot be read.
    """
    with database.reading() as session:
        version = registry.version(session, version_id)
        told = _told(store, version)
        learned = in_snapshot(session, str(version.snapshot_id))
        given = _Given(session, told, learned)
        lessons = given.lessons(session, version)
        starts = {name: registry.version(session, one) for name, one in _starts(version).items()}
    read = partial(registry.artefact, store, models, kind="npz")
    on_progress(0.0, Step("starting"))
    candidate = _again(hire(version), version, lessons, given, {name: read(one) for name, one in starts.items()}, on_progress)
    recorded, now = _flat(version.metrics), _flat(candidate.metrics)
    differing = {name: (recorded.get(name), now.get(name)) for name in sorted({*recorded, *now})}
    differing = {name: both for name, both in differing.items() if both[0] != both[1]}
    return Reproduced(version, candidate, differing, len({*recorded, *now}), tuple(_reasons(version, given.missing)))


class _Given:
    """The squares that a version learned, caught up with, rehearsed and was kept away from, as far as they are still there."""

    def __init__(self, session: Session, told: UsedSamples, learned: Sequence[str]) -> None:
        late = set(told.caught_up)
        self.missing = 0
        self.taught = self._read(session, [one for one in learned if one not in late])
        self.caught_up = self._read(session, told.caught_up)
        self.rehearsed = self._read(session, told.beside.rehearsed)
        self.choose, self.judge = self._read(session, told.beside.validation), self._read(session, told.beside.test)
        self._told = told

    def lessons(self, session: Session, version: Version) -> TrainingSet:
        """Return them as a run gathered them."""
        parent = registry.version(session, version.parent_id) if version.parent_id is not None else None
        labels = tuple(version.labels)
        samples, learned = tuple(one.sample for one in self.taught), squares(self.taught, labels)
        quick = version.card.get("kind") == jobs.QUICK and parent is not None
        return TrainingSet(
            knew=tuple(parent.labels) if parent is not None else (),
            labels=labels,
            samples=samples,
            given=tuple(one.label for one in self.taught),
            squares=TrainingSquares(
                learned,
                earlier=squares(self.rehearsed, labels) or None,
                held_out=HeldOut(squares(self.choose, labels), squares(self.judge, labels)),
                augmented=augmented_by_strokes(session, samples, learned.x, AugmentedCopies()) if quick else None,
            ),
            beside=self._told.beside,
            idle=(),
        )

    def _read(self, session: Session, samples: Sequence[str]) -> list[TrainingSample]:
        found = [one for one in records.by_id(session, samples) if one.square is not None]
        self.missing += len(samples) - len(found)
        return sorted(found, key=lambda one: one.sample)


def _told(store: Store, version: Version) -> UsedSamples:
    if "lesson_sha256" not in version.card:
        raise Conflict("That version was shipped, or it was made before platforms kept what is needed to make one again.")
    try:
        body = store.get(used_samples_key(version))
    except MissingObject:
        raise BrokenArtefact(f"The lesson of version {version.id} is missing.") from None
    if hashlib.sha256(body).hexdigest() != version.card["lesson_sha256"]:
        raise BrokenArtefact(f"The lesson of version {version.id} is not the one that was recorded.")
    return read_used_samples(body)


def _starts(version: Version) -> dict[str, str]:
    """Return the versions whose weights are needed, by what they are for."""
    card = version.card
    if "starts" in card:
        return {**card["starts"], **({"against": card["against"]} if "against" in card else {})}
    return {"start": version.parent_id or card["foundation"]}


def _again(
    trainer: LearnerTrainer,
    version: Version,
    lessons: TrainingSet,
    given: _Given,
    weights: dict[str, bytes],
    on_progress: OnProgress,
) -> Candidate:
    drawn = version.card["seed"]
    if "starts" not in version.card:
        return quick_task(trainer, lessons, weights["start"], drawn, on_progress)
    against = weights.pop("against", None)
    trained: Retrained = retrain(trainer, weights, lessons.squares, seed=drawn, on_progress=on_progress)
    if against is None:
        return trained.told()
    fresh = squares(given.caught_up, lessons.labels) if given.caught_up else None
    return conclude(trainer, against, trained, lessons.squares, fresh, seed=drawn, on_progress=on_progress)


def _reasons(version: Version, missing: int) -> list[str]:
    reasons = []
    if missing:
        reasons.append(f"{missing} of its samples were withdrawn since, so their squares are gone.")
    if version.card["code"] != TRAINING_CODE:
        reasons.append(f"It was made by version {version.card['code']} of the method, and this is version {TRAINING_CODE}.")
    recorded, here = version.card.get("made_with", {}), made_with()
    reasons += [
        f"It was made with {name} {was}, and this is {here.get(name)}." for name, was in recorded.items() if was != here.get(name)
    ]
    return reasons


def _flat(figures: Any, name: str = "") -> dict[str, Any]:
    """Return nested figures by their dotted names."""
    if isinstance(figures, Mapping):
        parts = figures.items()
    elif isinstance(figures, (list, tuple)):
        parts = {str(place): one for place, one in enumerate(figures)}.items()
    else:
        return {name: figures}
    found: dict[str, Any] = {}
    for part, one in parts:
        if part not in NOT_FIGURES:
            found |= _flat(one, f"{name}.{part}" if name else part)
    return found
