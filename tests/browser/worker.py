"""A worker that a test controls: it leases the queued run and publishes tiny networks."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.records.tables import Version, new_id, now
from functions.web.platform import Platform
from tests.support import tiny_models


class ManualWorker:
    """Leases the queued run, and does each step when the test says so."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        claim = jobs.lease(platform.database, now() + timedelta(hours=1))
        assert claim is not None, "no run is queued"
        self.claim = claim

    def report(self, progress: float, step: Step) -> None:
        """Report the progress of the run."""
        jobs.beat(self.platform.database, self.claim, progress, step)

    def publish(self, answer: int) -> None:
        """End the run: both new versions answer ``answer``, and become live."""
        activated = []
        with self.platform.database.writing() as session:
            for learner, parent in registry.live(session, "digits").items():
                body = tiny_models.tiny_network(answer)
                version = Version(
                    id=new_id(),
                    set_name="digits",
                    learner=learner,
                    parent_id=parent.id,
                    run_id=self.claim.run_id,
                    sha256=hashlib.sha256(body).hexdigest(),
                    labels=list(tiny_models.DIGITS),
                )
                self.platform.store.put(registry.artefact_key(version, "tflite"), body, "application/octet-stream")
                session.add(version)
                session.flush()
                registry.activate(session, version.id, f"run {self.claim.run_id}")
                activated.append(version.id)
            jobs.finish(
                session,
                self.claim,
                "done",
                {"activated": activated, "rejected": []},
                Step.of("published", activated=2, versions=2),
            )

    def reject(self) -> None:
        """End the run: the new versions fail the gate."""
        with self.platform.database.writing() as session:
            rejected = [{"version": new_id(), "reason": "worse on the hold-out"}]
            jobs.finish(
                session,
                self.claim,
                "done",
                {"activated": [], "rejected": rejected},
                Step.of("published", activated=0, versions=2),
            )
