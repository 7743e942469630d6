"""A version as a run publishes it."""

from __future__ import annotations

import hashlib

from functions import registry
from functions.records.tables import Version
from functions.web.platform import Platform
from tests.support import tiny_models


def learned(here: Platform, version_id: str = "b" * 32, answer: int = 7, learner: str = "cnn") -> str:
    """Publish a version, as a run does, without making it live."""
    tflite = tiny_models.tiny_network(answer)
    with here.database.writing() as session:
        version = Version(
            id=version_id,
            set_name="digits",
            learner=learner,
            parent_id=f"digits-{learner}-1",
            sha256=hashlib.sha256(tflite).hexdigest(),
            labels=list(tiny_models.DIGITS),
            card={"seed": 1},
            gate={"accepted": True, "reason": "not worse"},
        )
        session.add(version)
        session.flush()
        here.store.put(registry.artefact_key(version, "tflite"), tflite, "application/octet-stream")
    return version_id
