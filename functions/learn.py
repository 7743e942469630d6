"""The verb *learn*: what people gave since the last time becomes new versions, which answer if the gate lets them.

A crash between any two lines leaves either nothing, or files in the store that no version names: each attempt calls its
versions anew, so that an attempt that was taken over cannot write over the files of the one that followed it.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from functions import jobs, registry
from functions.learners.squares import Squares
from functions.lessons import Lessons, gather
from functions.records.alone import alone
from functions.records.database import Database
from functions.records.snapshots import keep_snapshot, mark_offered, mark_taught, withdrawn_since
from functions.records.tables import Version, new_id
from functions.store import Store, outbox

if TYPE_CHECKING:
    from functions.learners.teacher import Candidate

OnProgress = Callable[[float, str], None]  # 0..1 and what is done, in words
CODE = 1  # raised when the same card would no longer give the same version
COST = {"fnn": 1.0, "cnn": 4.0}  # how long learners take beside each other, for the progress only
NEVER_MIND = "Another version was made live while this one was learning."


class Teaches(Protocol):
    """What learning needs of ``learners.teacher.Teacher``."""

    def fine_tune(
        self, live: bytes, new: Squares, *, seed: int, on_progress: OnProgress, taught: Squares | None = None
    ) -> Candidate:
        """Learn new squares in small steps from live weights."""

    def train(self, live: bytes, collected: Squares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn all collected squares from live weights."""


@dataclass(frozen=True)
class Made:
    """A version that is not published yet, and the gate's word on it."""

    version: Version
    accepted: bool


def learn(
    database: Database,
    store: Store,
    models: Path,
    claim: jobs.Lease,
    teachers: Mapping[str, Teaches],
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Do the run that was leased, from gathering to publishing, and return its result.

    A ``learn`` run fine-tunes on the samples that no live version has learned; a ``train`` run learns all that was collected.

    Raises:
        LeaseLost: another worker has taken the run over; nothing was published.
        StoreUnavailable, BrokenArtefact: the live weights cannot be read or the new ones not be kept.
    """
    with database.reading() as session:
        symbols = registry.symbol_set(session, claim.set_name)
        live = {learner: row for learner, row in registry.live(session, claim.set_name).items() if learner in teachers}
        lessons = gather(session, symbols, claim.kind, seed=_seed(claim, "rehearsal"))
    if not lessons.samples or not live:
        return _cancel(database, claim, lessons)
    made = []
    done, whole = 0.0, sum(COST.get(learner, 1.0) for learner in live)
    for learner, parent in sorted(live.items(), key=lambda item: COST.get(item[0], 1.0)):
        share = 0.95 * COST.get(learner, 1.0) / whole
        name = learner.upper()
        telling = _part(on_progress, done, share, f"{'fine-tuning' if claim.kind == 'learn' else 'training'} the {name}")
        telling(0.0, "")
        weights = registry.artefact(store, models, parent, "npz")
        candidate = _taught(teachers[learner], claim, lessons, weights, _seed(claim, learner), telling)
        made.append(_keep(store, claim, lessons, parent, candidate, _seed(claim, learner)))
        done += share
    on_progress(0.98, "publishing")
    return _publish(database, claim, lessons, made)


def _taught(
    teacher: Teaches, claim: jobs.Lease, lessons: Lessons, weights: bytes, seed: int, on_progress: OnProgress
) -> Candidate:
    if claim.kind == "train":
        return teacher.train(weights, lessons.squares, seed=seed, on_progress=on_progress)
    return teacher.fine_tune(weights, lessons.squares, seed=seed, on_progress=on_progress, taught=lessons.rehearsed)


def _keep(store: Store, claim: jobs.Lease, lessons: Lessons, parent: Version, candidate: Candidate, seed: int) -> Made:
    """Put a candidate's files into the store, before any row names them."""
    card = {
        "parent": parent.id,
        "snapshot": lessons.snapshot,
        "run": claim.run_id,
        "kind": claim.kind,
        "seed": seed,
        "code": CODE,
        "samples": len(lessons.samples),
        "labels": dict(sorted(Counter(lessons.labels).items())),
        "weights_sha256": hashlib.sha256(candidate.weights).hexdigest(),
    }
    version = Version(
        id=new_id(),
        set_name=claim.set_name,
        learner=parent.learner,
        parent_id=parent.id,
        snapshot_id=lessons.snapshot,
        run_id=claim.run_id,
        sha256=candidate.sha256,
        card=card,
        metrics=candidate.metrics,
        gate=candidate.gate,
    )
    store.put(registry.artefact_key(version, "tflite"), candidate.tflite, registry.CONTENT_TYPES["tflite"])
    store.put(registry.artefact_key(version, "npz"), candidate.weights, registry.CONTENT_TYPES["npz"])
    return Made(version, bool(candidate.gate["accepted"]))


def _publish(database: Database, claim: jobs.Lease, lessons: Lessons, made: list[Made]) -> dict[str, Any]:
    """Write everything down in one transaction, and only while the lease is held."""
    activated: list[str] = []
    rejected: list[dict[str, str]] = []
    with database.writing() as session:
        jobs.hold(session, claim)
        alone(session, "activations")  # the owner may be rolling back just now
        answering = {learner: row.id for learner, row in registry.live(session, claim.set_name).items()}
        keep_snapshot(session, claim.set_name, lessons.snapshot, lessons.samples)
        gone = withdrawn_since(session, lessons.snapshot)
        for one in made:
            version = one.version
            version.card = {**version.card, "withdrawn_meanwhile": gone}
            if one.accepted and answering[version.learner] != version.parent_id:
                version.gate = {**version.gate, "accepted": False, "reason": NEVER_MIND}
            session.add(version)
            session.flush()
            if version.gate["accepted"]:
                registry.activate(session, version.id, f"run {claim.run_id}")
                activated.append(version.id)
            else:
                rejected.append({"version": version.id, "reason": version.gate["reason"]})
            outbox.send(session, f"versions/{version.set_name}/{version.id}.json", _facts(version), "application/json")
        if activated or not any(one.version.gate["reason"] == NEVER_MIND for one in made):
            # Otherwise nobody has looked at them yet: the next run learns them on top of what the owner chose.
            mark_offered(session, claim.run_id, lessons.snapshot, lessons.unreadable)
        if activated:
            mark_taught(session, claim.run_id, lessons.snapshot)
        result: dict[str, Any] = {"activated": activated, "rejected": rejected}
        jobs.finish(session, claim, "done", result, f"{len(activated)} of {len(made)} new versions answer")
    return result


def _cancel(database: Database, claim: jobs.Lease, lessons: Lessons) -> dict[str, Any]:
    with database.writing() as session:
        jobs.hold(session, claim)
        mark_offered(session, claim.run_id, lessons.snapshot, lessons.unreadable)
        jobs.finish(session, claim, "cancelled", {}, "there was nothing to learn")
    return {"activated": [], "rejected": []}


def _facts(version: Version) -> bytes:
    facts = {name: getattr(version, name) for name in ("id", "set_name", "learner", "sha256", "card", "metrics", "gate")}
    return json.dumps(facts, sort_keys=True, indent=1).encode()


def _seed(claim: jobs.Lease, purpose: str) -> int:
    """Return 32 bits that every attempt of a run shares."""
    return int.from_bytes(hashlib.sha256(f"{claim.run_id} {purpose}".encode()).digest()[:4])


def _part(on_progress: OnProgress, start: float, share: float, doing: str) -> OnProgress:
    def telling(progress: float, step: str) -> None:
        on_progress(start + share * progress, f"{doing}: {step}" if step else doing)

    return telling
