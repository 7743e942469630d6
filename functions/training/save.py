"""Save a new version: its files in the store, and the card that tells how to make it again.

Beside its network and its weights lie its *used samples*: the ids of the samples that it used without learning them anew. The
choice of these samples changes with everything that is collected, so the database could not tell later which ones they were.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions import jobs, registry
from functions.records.snapshots import snapshot_id
from functions.records.tables import new_id
from functions.registry.artefacts import FilesOf
from functions.store import Store
from functions.training.model_card import FullLaneCourse, card_of, course_facts
from functions.training.plan import Task
from functions.training.training_set import OtherSamples

if TYPE_CHECKING:
    from functions.learners.continual.protocol import Candidate

FORGETS = "It was compared with the version that it began from, not with the one that answered, which has to go."


@dataclass(frozen=True)
class NewVersion:
    """A version whose files are saved and that no row describes yet.

    ``samples`` are the ids of the samples that it learned; ``replaces`` is the version that answered when its run was planned.
    """

    id: str
    set_name: str
    learner: str
    run_id: str
    parent_id: str | None
    replaces: str | None
    samples: tuple[str, ...]
    labels: tuple[str, ...]
    sha256: str
    card: dict[str, Any]
    metrics: dict[str, Any]
    gate: dict[str, Any]

    @property
    def snapshot(self) -> str:
        """The id of the snapshot of the samples."""
        return snapshot_id(self.samples)


@dataclass(frozen=True)
class UsedSamples:
    """The samples that a version used ``beside`` those that it learned anew, and those that a full run ``caught_up`` with."""

    beside: OtherSamples = field(default_factory=OtherSamples)
    caught_up: tuple[str, ...] = ()

    def as_bytes(self) -> bytes:
        """Return what is kept in the store."""
        beside = self.beside
        kept = {
            "rehearsed": beside.rehearsed,
            "choose": beside.validation,
            "judge": beside.test,
            "caught_up": self.caught_up,
        }
        return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()


def used_samples_key(version: FilesOf) -> str:
    """Return the name of the object that holds a version's used samples."""
    return f"versions/{version.set_name}/{version.id}.lesson.json"


def read_used_samples(body: bytes) -> UsedSamples:
    """Return the used samples that were kept."""
    kept = {name: tuple(ids) for name, ids in json.loads(body).items()}
    return UsedSamples(OtherSamples(kept["rehearsed"], kept["choose"], kept["judge"]), kept["caught_up"])


def save(store: Store, claim: jobs.Lease, task: Task, candidate: Candidate, course: FullLaneCourse | None = None) -> NewVersion:
    """Put a candidate's files into the store, before any row names them.

    Raises:
        StoreUnavailable: they cannot be kept.
    """
    training_set, parent = task.training_set, task.parent
    caught_up = course.caught_up if course is not None else ()
    label_of = dict(zip(training_set.samples, training_set.given, strict=True)) | {
        sample.sample: sample.label for sample in caught_up
    }
    samples = tuple(sorted(label_of))
    used = UsedSamples(training_set.beside, tuple(sample.sample for sample in caught_up)).as_bytes()
    new = NewVersion(
        id=new_id(),
        set_name=claim.set_name,
        learner=task.learner,
        run_id=claim.run_id,
        parent_id=parent.id if parent is not None else None,
        replaces=task.replaces,
        samples=samples,
        labels=training_set.labels,
        sha256=candidate.sha256,
        card={
            **card_of(claim, task, samples, list(label_of.values())),
            **(course_facts(course) if course is not None else {}),
            "lesson_sha256": hashlib.sha256(used).hexdigest(),
            "weights_sha256": hashlib.sha256(candidate.weights).hexdigest(),
        },
        metrics=candidate.metrics,
        gate=_gate(claim, task, candidate),
    )
    store.put(registry.artefact_key(new, "tflite"), candidate.tflite, registry.CONTENT_TYPES["tflite"])
    store.put(registry.artefact_key(new, "npz"), candidate.weights, registry.CONTENT_TYPES["npz"])
    store.put(used_samples_key(new), used, "application/json")
    return new


def _gate(claim: jobs.Lease, task: Task, candidate: Candidate) -> dict[str, Any]:
    """Return the gate's verdict, with its ``baseline`` where that is not the version that answers."""
    gate, parent = candidate.gate, task.parent
    if claim.forget and parent is not None and parent.id != task.replaces:
        return {**gate, "reason": f"{gate['reason']} {FORGETS}", "baseline": parent.id}
    return gate
