"""End a run in one transaction: publish its versions, activate older ones, or cancel it because there was nothing to learn.

Each ending raises ``LeaseLost`` if another worker has taken the run over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.domain.webhooks import Event
from functions.learners.gate.reasons import OVERTAKEN, in_words, is_overtaken
from functions.records import outbox, webhooks
from functions.records.database import Database, locked
from functions.records.snapshots import keep_snapshot, mark_offered, mark_passed_over, mark_taught, withdrawn_since
from functions.records.tables import Version
from functions.registry.version_facts import version_objects
from functions.training import readiness
from functions.training.plan import Plan
from functions.training.save import NewVersion


def publish(database: Database, claim: jobs.Lease, made: Sequence[NewVersion], plan: Plan) -> dict[str, Any]:
    """Add the new versions, and activate those that the gate accepted. Return the run's result."""
    with jobs.holding(database, claim) as session:
        locked(session, "activations")  # the owner may be rolling back just now
        answering = {learner: row.id for learner, row in registry.live(session, claim.set_name).items()}
        versions = [_add(session, new, answering) for new in made]
        activated = [version.id for version in versions if version.gate["accepted"]]
        for version in versions:
            if version.gate["accepted"]:
                registry.activate(session, version.id, f"run {claim.run_id}")
                mark_taught(session, claim.run_id, str(version.snapshot_id))
        if activated or not any(is_overtaken(version.gate) for version in versions):
            # Otherwise the samples stay new: the next run learns them from the version that the owner activated.
            for version in versions:
                mark_offered(session, claim.run_id, str(version.snapshot_id))
            mark_passed_over(session, claim.run_id, plan.idle)
        rejected = [
            {"version": version.id, "reason": version.gate["reason"], "why": version.gate.get("why", [])}
            for version in versions
            if not version.gate["accepted"]
        ]
        for version in versions:
            if not version.gate["accepted"]:
                facts = {"learner": version.learner, "version": version.id, "reason": version.gate["reason"]}
                webhooks.tell(session, Event.VERSION_KEPT_OUT, claim.set_name, **facts)
        result: dict[str, Any] = {"activated": activated, "rejected": rejected}
        if plan.accepted is not None:
            result["accepted"] = plan.accepted
        jobs.finish(session, claim, "done", result, Step.of("published", activated=len(activated), versions=len(made)))
    return result


def go_back(database: Database, claim: jobs.Lease, plan: Plan) -> dict[str, Any] | None:
    """Activate the starting versions of a run that forgets; None if they are live already."""
    with jobs.holding(database, claim) as session:
        locked(session, "activations")
        answering = registry.live(session, claim.set_name)
        changed = [version.id for learner, version in plan.starts.items() if answering[learner].id != version.id]
        if not changed:
            return None
        for version_id in changed:
            registry.activate(session, version_id, f"run {claim.run_id}")
        result: dict[str, Any] = {"activated": changed, "rejected": []}
        jobs.finish(session, claim, "done", result, Step("reactivated"))
    return result


def cancel(database: Database, claim: jobs.Lease, plan: Plan) -> dict[str, Any]:
    """End a run that has nothing to learn; its idle samples do not request another run."""
    with jobs.holding(database, claim) as session:
        mark_passed_over(session, claim.run_id, plan.idle)
        step = readiness.lacking_step(plan.lacking) if plan.lacking else Step("nothing_new")
        jobs.finish(session, claim, "cancelled", {}, step)
    return {"activated": [], "rejected": []}


def _add(session: Session, new: NewVersion, answering: Mapping[str, str]) -> Version:
    """Add a version's row, its snapshot, and the facts about it for the bucket."""
    gate, snapshot = new.gate, new.snapshot
    # During a run that forgets, the owner may activate the version from which the run started.
    if gate["accepted"] and answering.get(new.learner) not in (new.replaces, new.parent_id):
        gate = {**gate, "accepted": False, "reason": f"{in_words(OVERTAKEN).capitalize()}.", "why": [OVERTAKEN]}
    keep_snapshot(session, new.set_name, snapshot, new.samples)
    version = Version(
        **{name: getattr(new, name) for name in ("id", "set_name", "learner", "parent_id", "run_id", "sha256", "metrics")},
        snapshot_id=snapshot,
        labels=list(new.labels),
        card={**new.card, "withdrawn_meanwhile": withdrawn_since(session, snapshot)},
        gate=gate,
    )
    session.add(version)
    session.flush()
    outbox.send(session, *version_objects(session, version))
    return version
