"""What is kept of a version that was made: its files in the store, and the card that tells how to make it again.

Beside its network and its weights lies its *lesson*: the ids of the samples that it used without learning them anew. They change
with everything that is collected, and a database could not tell any more which ones they were.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions import jobs, registry
from functions.records.snapshots import snapshot_id
from functions.records.tables import Version, new_id
from functions.store import Store
from functions.training.model_card import FullLaneCourse, card_of, course_facts
from functions.training.plan import Task
from functions.training.training_set import OtherSamples

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

FORGETS = "It was compared with the version that it began from, not with the one that answered, which has to go."


@dataclass(frozen=True)
class NewVersion:
    """A version that is not published yet, the samples that it learned, and the version that it replaces."""

    version: Version
    samples: tuple[str, ...]
    replaces: str | None


@dataclass(frozen=True)
class UsedSamples:
    """A version's lesson: what it used ``beside`` what it learned, and what it ``caught_up`` with after a long training."""

    beside: OtherSamples = field(default_factory=OtherSamples)
    caught_up: tuple[str, ...] = ()

    def as_bytes(self) -> bytes:
        """Return what is kept in the store."""
        told = {**vars(self.beside), "caught_up": self.caught_up}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def used_samples_key(version: Version) -> str:
    """Return the name of the object that holds a version's lesson."""
    return f"versions/{version.set_name}/{version.id}.lesson.json"


def read_used_samples(body: bytes) -> UsedSamples:
    """Return the lesson that was kept."""
    told = {name: tuple(ids) for name, ids in json.loads(body).items()}
    return UsedSamples(OtherSamples(told["rehearsed"], told["choose"], told["judge"]), told["caught_up"])


def save(store: Store, claim: jobs.Lease, task: Task, candidate: Candidate, course: FullLaneCourse | None = None) -> NewVersion:
    """Put a candidate's files into the store, before any row names them.

    Raises:
        StoreUnavailable: they cannot be kept.
    """
    lessons, parent = task.lessons, task.parent
    fresh = course.caught_up if course is not None else ()
    given = dict(zip(lessons.samples, lessons.given, strict=True)) | {one.sample: one.label for one in fresh}
    samples = tuple(sorted(given))
    told = UsedSamples(lessons.beside, tuple(one.sample for one in fresh)).as_bytes()
    gate = candidate.gate
    if claim.forget and parent is not None and parent.id != task.replaces:
        gate = {**gate, "reason": f"{gate['reason']} {FORGETS}", "baseline": parent.id}
    version = Version(
        id=new_id(),
        set_name=claim.set_name,
        learner=task.learner,
        parent_id=parent.id if parent is not None else None,
        snapshot_id=snapshot_id(samples),
        run_id=claim.run_id,
        sha256=candidate.sha256,
        labels=list(lessons.labels),
        card={
            **card_of(claim, task, samples, list(given.values())),
            **(course_facts(course) if course is not None else {}),
            "lesson_sha256": hashlib.sha256(told).hexdigest(),
            "weights_sha256": hashlib.sha256(candidate.weights).hexdigest(),
        },
        metrics=candidate.metrics,
        gate=gate,
    )
    store.put(registry.artefact_key(version, "tflite"), candidate.tflite, registry.CONTENT_TYPES["tflite"])
    store.put(registry.artefact_key(version, "npz"), candidate.weights, registry.CONTENT_TYPES["npz"])
    store.put(used_samples_key(version), told, "application/json")
    return NewVersion(version, samples, task.replaces)
