"""Save a new version: its files in the store, and its card.

The ids of its *used samples* are stored beside its network and its weights. Which samples a run uses changes with everything
that is collected, so the database could not tell them later.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from functions import jobs, registry
from functions.learners.continual.protocol import Candidate
from functions.records.snapshots import snapshot_id
from functions.records.tables import new_id
from functions.registry.artefacts import used_samples_key
from functions.store import put_checked
from functions.training.model_card import FullLaneCourse, card_of, course_facts
from functions.training.plan import Task
from functions.training.run_context import RunContext
from functions.training.training_set import UsedSamples

FORGETS = "It was compared with the version that it began from, not with the one that answered, which has to go."
__all__ = ["NewVersion", "read_used_samples", "save", "used_samples_key"]

STORED_NAMES = {"rehearsed": "rehearsed", "validation": "choose", "test": "judge", "caught_up": "caught_up"}  # used samples' JSON


@dataclass(frozen=True)
class NewVersion:
    """A version whose files are saved and that has no row yet.

    ``samples`` are the ids of the samples that it learned. ``replaces`` is the version that answered when its run was planned.
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


def read_used_samples(body: bytes) -> UsedSamples:
    """Return the used samples that ``save`` stored."""
    stored = json.loads(body)
    return UsedSamples(**{name: tuple(stored[key]) for name, key in STORED_NAMES.items()})


def save(context: RunContext, task: Task, candidate: Candidate, course: FullLaneCourse | None = None) -> NewVersion:
    """Put a candidate's files into the store, before any row names them; raise StoreUnavailable if they cannot be kept."""
    claim, training_set, parent = context.claim, task.training_set, task.parent
    caught_up = course.caught_up if course is not None else ()
    label_of = dict(zip(training_set.samples, training_set.given, strict=True)) | {
        sample.sample: sample.label for sample in caught_up
    }
    samples = tuple(sorted(label_of))
    used = asdict(replace(training_set.used, caught_up=tuple(sample.sample for sample in caught_up)))
    body = json.dumps({STORED_NAMES[name]: ids for name, ids in used.items()}, sort_keys=True, separators=(",", ":")).encode()
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
            "lesson_sha256": hashlib.sha256(body).hexdigest(),
            "weights_sha256": hashlib.sha256(candidate.weights).hexdigest(),
        },
        metrics=candidate.metrics,
        gate=_gate(claim, task, candidate),
    )
    store = context.artefacts.store
    put_checked(store, registry.artefact_key(new, "tflite"), candidate.tflite, registry.CONTENT_TYPES["tflite"])
    put_checked(store, registry.artefact_key(new, "npz"), candidate.weights, registry.CONTENT_TYPES["npz"])
    put_checked(store, used_samples_key(new), body, "application/json")
    return new


def _gate(claim: jobs.Lease, task: Task, candidate: Candidate) -> dict[str, Any]:
    """Return the gate's verdict, with its ``baseline`` where that is not the version that answers."""
    gate, parent = candidate.gate, task.parent
    if claim.forget and parent is not None and parent.id != task.replaces:
        return {**gate, "reason": f"{gate['reason']} {FORGETS}", "baseline": parent.id}
    return gate
