"""What is kept of a version that was made: its files in the store, and the card that tells how to make it again.

Beside its network and its weights lies its *lesson*: the ids of the samples that it used without learning them anew. They change
with everything that is collected, and a database could not tell any more which ones they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from functions import jobs, registry
from functions.records.tables import Version, new_id
from functions.records.training_samples import Lesson
from functions.store import Store
from functions.training.plan import Task, seed
from functions.training.training_set import Beside, Lessons, named

if TYPE_CHECKING:
    from functions.learners.continual.fine_tuner import Candidate

CODE = 7  # raised when the same card would no longer give the same version
LIBRARIES = ("keras", "numpy", "tensorflow", "tensorflow-cpu")
FORGETS = "It was compared with the version that it began from, not with the one that answered, which has to go."


@dataclass(frozen=True)
class Course:
    """What the slow lane did: the ids of its ``starts`` by their names, the one that was better, and what came after.

    ``against`` is the version that the gate compared with in the end; None where nothing had changed meanwhile.
    """

    start: str
    starts: dict[str, str]
    against: str | None = None
    caught_up: tuple[Lesson, ...] = ()


@dataclass(frozen=True)
class Made:
    """A version that is not published yet, the samples that it learned, and the version that it replaces."""

    version: Version
    samples: tuple[str, ...]
    replaces: str | None


@dataclass(frozen=True)
class Told:
    """A version's lesson: what it used ``beside`` what it learned, and what it ``caught_up`` with after a long training."""

    beside: Beside = field(default_factory=Beside)
    caught_up: tuple[str, ...] = ()

    def as_bytes(self) -> bytes:
        """Return what is kept in the store."""
        told = {**vars(self.beside), "caught_up": self.caught_up}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def lesson_key(version: Version) -> str:
    """Return the name of the object that holds a version's lesson."""
    return f"versions/{version.set_name}/{version.id}.lesson.json"


def read_lesson(body: bytes) -> Told:
    """Return the lesson that was kept."""
    told = {name: tuple(ids) for name, ids in json.loads(body).items()}
    return Told(Beside(told["rehearsed"], told["choose"], told["judge"]), told["caught_up"])


def keep(store: Store, claim: jobs.Lease, task: Task, candidate: Candidate, course: Course | None = None) -> Made:
    """Put a candidate's files into the store, before any row names them.

    Raises:
        StoreUnavailable: they cannot be kept.
    """
    lessons, parent = task.lessons, task.parent
    fresh = course.caught_up if course is not None else ()
    given = dict(zip(lessons.samples, lessons.given, strict=True)) | {one.sample: one.label for one in fresh}
    samples = tuple(sorted(given))
    told = Told(lessons.beside, tuple(one.sample for one in fresh)).as_bytes()
    gate = candidate.gate
    if claim.forget and parent is not None and parent.id != task.replaces:
        gate = {**gate, "reason": f"{gate['reason']} {FORGETS}", "baseline": parent.id}
    version = Version(
        id=new_id(),
        set_name=claim.set_name,
        learner=task.learner,
        parent_id=parent.id if parent is not None else None,
        snapshot_id=named(samples),
        run_id=claim.run_id,
        sha256=candidate.sha256,
        labels=list(lessons.labels),
        card={
            **_card(claim, task, samples, list(given.values())),
            **(_course(course) if course is not None else {}),
            "lesson_sha256": hashlib.sha256(told).hexdigest(),
            "weights_sha256": hashlib.sha256(candidate.weights).hexdigest(),
        },
        metrics=candidate.metrics,
        gate=gate,
    )
    store.put(registry.artefact_key(version, "tflite"), candidate.tflite, registry.CONTENT_TYPES["tflite"])
    store.put(registry.artefact_key(version, "npz"), candidate.weights, registry.CONTENT_TYPES["npz"])
    store.put(lesson_key(version), told, "application/json")
    return Made(version, samples, task.replaces)


def _card(claim: jobs.Lease, task: Task, samples: tuple[str, ...], given: Sequence[str | None]) -> dict[str, Any]:
    lessons, parent = task.lessons, task.parent
    card: dict[str, Any] = {
        "parent": parent.id if parent is not None else None,
        "snapshot": named(samples),
        "run": claim.run_id,
        "kind": claim.kind,
        "seed": seed(claim, task.learner),
        "code": CODE,
        "made_with": made_with(),
        "samples": len(samples),
        "taught": _taught(claim, parent, lessons) + len(samples) - len(lessons.samples),
        # A label is one word, so nobody can mistake the other for one.
        "labels": dict(sorted(Counter(label or "not a symbol" for label in given).items())),
        "kept_apart": {"to choose": len(lessons.apart.select), "to judge": len(lessons.apart.holdout)},
        "apart": lessons.beside.apart,
        "rehearsed": {"samples": len(lessons.beside.rehearsed), "snapshot": named(lessons.beside.rehearsed)},
    }
    if parent is None:
        card["foundation"] = task.start.id
    if claim.forget:
        card["replaces"] = task.replaces
    return card


@cache
def made_with() -> dict[str, str]:
    """Return what numbers depend on in their last places: the libraries that add them up, and the machine."""
    here = {one.metadata["Name"].lower().replace("_", "-"): one.version for one in metadata.distributions()}
    libraries = {name: here[name] for name in LIBRARIES if name in here}
    return {**libraries, "machine": f"{platform.machine()} of {os.cpu_count()} cores"}


def _course(course: Course) -> dict[str, Any]:
    told: dict[str, Any] = {"start": course.start, "starts": course.starts, "caught_up": len(course.caught_up)}
    return told | ({"against": course.against} if course.against is not None else {})


def _taught(claim: jobs.Lease, parent: Version | None, lessons: Lessons) -> int:
    """Return from how many samples the whole line has learned; a ``train`` run learns all of them again."""
    before = 0 if parent is None or claim.kind == "train" else parent.card.get("taught", parent.card.get("samples", 0))
    return int(before) + len(lessons.samples)
