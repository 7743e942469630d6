"""The end of a run: its versions are published, older ones come back, or nothing was to learn."""

from __future__ import annotations

import json
from typing import Any

from functions import jobs, registry
from functions.records import outbox
from functions.records.database import Database
from functions.records.locks import locked
from functions.records.snapshots import keep_snapshot, mark_offered, mark_passed_over, mark_taught, snapshot_id, withdrawn_since
from functions.records.tables import Version
from functions.registry.unlearning import clean_starts
from functions.training.readiness import in_words
from functions.training.save import NewVersion
from functions.training.training_set import TrainingSet

NEVER_MIND = "Another version was made live while this one was learning."


def publish(database: Database, claim: jobs.Lease, made: list[NewVersion], idle: list[str], accepted: int) -> dict[str, Any]:
    """Write everything down in one transaction, and only while the lease is held."""
    activated: list[str] = []
    rejected: list[dict[str, str]] = []
    with database.writing() as session:
        jobs.hold(session, claim)
        locked(session, "activations")  # the owner may be rolling back just now
        answering = {learner: row.id for learner, row in registry.live(session, claim.set_name).items()}
        for one in made:
            version, snapshot = one.version, snapshot_id(one.samples)
            keep_snapshot(session, claim.set_name, snapshot, one.samples)
            version.card = {**version.card, "withdrawn_meanwhile": withdrawn_since(session, snapshot)}
            # While a run forgets, the owner may let the version answer that it began from.
            if version.gate["accepted"] and answering.get(version.learner) not in (one.replaces, version.parent_id):
                version.gate = {**version.gate, "accepted": False, "reason": NEVER_MIND, "why": [{"kind": "overtaken"}]}
            session.add(version)
            session.flush()
            if version.gate["accepted"]:
                registry.activate(session, version.id, f"run {claim.run_id}")
                activated.append(version.id)
                mark_taught(session, claim.run_id, snapshot)
            else:
                rejected.append({"version": version.id, "reason": version.gate["reason"]})
            outbox.send(session, f"versions/{version.set_name}/{version.id}.json", _facts(version), "application/json")
        if activated or not any(one.version.gate["reason"] == NEVER_MIND for one in made):
            # Otherwise nobody has looked at them yet: the next run learns them on top of what the owner chose.
            for one in made:
                mark_offered(session, claim.run_id, snapshot_id(one.samples))
            mark_passed_over(session, claim.run_id, idle)
        result: dict[str, Any] = {"activated": activated, "rejected": rejected}
        if claim.kind == "train":
            result["accepted"] = accepted
        jobs.finish(session, claim, "done", result, f"{len(activated)} of {len(made)} new versions answer")
    return result


def go_back(database: Database, claim: jobs.Lease) -> dict[str, Any] | None:
    """Let the newest versions answer that never saw what is to be forgotten; None where they do already."""
    with database.writing() as session:
        jobs.hold(session, claim)
        locked(session, "activations")
        answering = registry.live(session, claim.set_name)
        starts = clean_starts(session, claim.set_name, claim.forget)
        changed = [version.id for learner, version in starts.items() if answering[learner].id != version.id]
        if not changed:
            return None
        for version_id in changed:
            registry.activate(session, version_id, f"run {claim.run_id}")
        result: dict[str, Any] = {"activated": changed, "rejected": []}
        jobs.finish(session, claim, "done", result, "nothing else was collected, so versions answer that never saw it")
    return result


def cancel(database: Database, claim: jobs.Lease, gathered: list[TrainingSet], idle: list[str]) -> dict[str, Any]:
    """End a run that has nothing to teach, with the reason in words; its samples wait without asking for it again and again."""
    lacking = next((lessons.lacking for lessons in gathered if lessons.lacking), {})
    with database.writing() as session:
        jobs.hold(session, claim)
        mark_passed_over(session, claim.run_id, idle)
        jobs.finish(session, claim, "cancelled", {}, in_words(lacking) if lacking else "there was nothing to learn")
    return {"activated": [], "rejected": []}


def _facts(version: Version) -> bytes:
    facts = {
        name: getattr(version, name) for name in ("id", "set_name", "learner", "labels", "sha256", "card", "metrics", "gate")
    }
    return json.dumps(facts, sort_keys=True, indent=1).encode()
