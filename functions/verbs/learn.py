"""The verb *learn*: what people gave since the last time becomes new versions, which answer if the gate lets them.

Whether a version goes on, learns labels that it did not know, or is the first of its set, is seen from what is there: the live
version, the set's labels and the samples. So nothing has to be asked for, and nothing is lost with a message.

A crash between any two lines leaves either nothing, or files in the store that no version names: each attempt calls its
versions anew, so that an attempt that was taken over cannot write over the files of the one that followed it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions import jobs, registry
from functions.dataset.splits import divide
from functions.records import outbox
from functions.records.database import Database
from functions.records.locks import alone
from functions.records.snapshots import keep_snapshot, mark_offered, mark_passed_over, mark_taught, withdrawn_since
from functions.records.tables import Version
from functions.registry.unlearning import clean_starts
from functions.store import Store
from functions.training import retrain_policy
from functions.training.plan import OnProgress, Teaches, in_all, tasks
from functions.training.run_context import Classroom
from functions.training.save import Made
from functions.training.training_set import MOST, PASSED_OVER, Lessons, in_words, named

NEVER_MIND = "Another version was made live while this one was learning."


def learn(
    database: Database,
    store: Store,
    models: Path,
    claim: jobs.Lease,
    teachers: Mapping[str, Teaches],
    on_progress: OnProgress,
) -> dict[str, Any]:
    """Do the run that was leased, from gathering to publishing, and return its result.

    A ``learn`` run fine-tunes on the samples that no live version has learned; a ``train`` run learns all that was collected, and
    takes up at its end what quick runs taught meanwhile (``slow``).
    One that is to forget somebody does so from the newest versions that never saw what they gave, and where nothing else is
    there to learn, it lets these answer.

    Raises:
        LeaseLost: another worker has taken the run over; nothing was published.
        StoreUnavailable, BrokenArtefact: the weights to begin with cannot be read or the new ones not be kept.
        Unavailable: there is no network at all that a first one could begin from.
    """
    divide(database, claim, MOST["train"] if claim.kind == "train" else PASSED_OVER)
    with database.reading() as session:
        to_do, gathered = tasks(session, claim, teachers)
        accepted = retrain_policy.accepted(session, claim.set_name) if claim.kind == "train" else 0
    idle = in_all(lessons.idle for lessons in gathered)
    if not to_do and claim.forget and (result := _go_back(database, claim)):
        return result
    if not to_do:
        return _cancel(database, claim, gathered, idle)
    room = Classroom(database, store, models, claim, teachers, on_progress)
    made = room.quick(to_do) if claim.kind == "learn" else room.slow(to_do)
    on_progress(0.98, "publishing")
    return _publish(database, claim, made, idle, accepted)


def _publish(database: Database, claim: jobs.Lease, made: list[Made], idle: list[str], accepted: int) -> dict[str, Any]:
    """Write everything down in one transaction, and only while the lease is held."""
    activated: list[str] = []
    rejected: list[dict[str, str]] = []
    with database.writing() as session:
        jobs.hold(session, claim)
        alone(session, "activations")  # the owner may be rolling back just now
        answering = {learner: row.id for learner, row in registry.live(session, claim.set_name).items()}
        for one in made:
            version, snapshot = one.version, named(one.samples)
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
                mark_offered(session, claim.run_id, named(one.samples))
            mark_passed_over(session, claim.run_id, idle)
        result: dict[str, Any] = {"activated": activated, "rejected": rejected}
        if claim.kind == "train":
            result["accepted"] = accepted
        jobs.finish(session, claim, "done", result, f"{len(activated)} of {len(made)} new versions answer")
    return result


def _go_back(database: Database, claim: jobs.Lease) -> dict[str, Any] | None:
    """Let the newest versions answer that never saw what is to be forgotten; None where they do already."""
    with database.writing() as session:
        jobs.hold(session, claim)
        alone(session, "activations")
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


def _cancel(database: Database, claim: jobs.Lease, gathered: list[Lessons], idle: list[str]) -> dict[str, Any]:
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
