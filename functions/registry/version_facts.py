"""The facts about versions and activations in the store, as canonical JSON: with them the bucket alone rebuilds both."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from functions.domain.answer import Learner
from functions.records.facts import BrokenFacts
from functions.records.outbox import Object
from functions.records.runs import Kind
from functions.records.snapshots import in_snapshot, snapshot_id
from functions.records.tables import Activation, Run, Version
from functions.registry.artefacts import FilesOf

JSON = "application/json"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


_Form = TypeVar("_Form", bound=_Facts)


class RunFacts(_Facts):
    """The run that made a version."""

    id: str
    kind: Kind
    forget: list[str] = []
    created: AwareDatetime
    started: AwareDatetime | None = None


class VersionFacts(_Facts):
    """A version, without its files."""

    format: Literal[2] = 2
    id: str
    set: str
    learner: Learner
    original: bool
    parent: str | None
    snapshot: str | None
    run: RunFacts | None
    sha256: str
    labels: list[str]
    card: dict[str, Any]
    metrics: dict[str, Any]
    gate: dict[str, Any]
    created: AwareDatetime


class ActivationFacts(_Facts):
    """A version that became live."""

    format: Literal[1] = 1
    set: str
    learner: Learner
    version: str
    by: str
    created: AwareDatetime


def facts_key(version: FilesOf) -> str:
    """Return the key of a version's facts."""
    return f"versions/{version.set_name}/{version.id}.json"


def snapshot_key(snapshot: str) -> str:
    """Return the key of the ids of a snapshot's samples."""
    return f"snapshots/{snapshot}.json"


def activation_key(activation: Activation) -> str:
    """Return the key of an activation's facts; keys sort by time, and no two databases use the same."""
    moment = (activation.created - BEGINNING) // timedelta(microseconds=1)
    return f"activations/{activation.set_name}/{moment:016x}-{activation.version_id}.json"


def version_objects(session: Session, version: Version) -> list[Object]:
    """Return the objects of a version that its rows give: its facts, and the ids of the samples that it learned."""
    found = [Object(facts_key(version), version_facts(session, version), JSON)]
    samples = in_snapshot(session, version.snapshot_id) if version.snapshot_id is not None else []
    if version.snapshot_id is not None and snapshot_id(samples) == version.snapshot_id:  # a rebuilt database lacks the withdrawn
        found.append(Object(snapshot_key(version.snapshot_id), samples_body(samples), JSON))
    return found


def samples_body(samples: list[str]) -> bytes:
    """Return the ids of samples as JSON."""
    return json.dumps(sorted(samples), separators=(",", ":")).encode()


def version_facts(session: Session, version: Version) -> bytes:
    """Return a version's facts."""
    run = session.get(Run, version.run_id) if version.run_id is not None else None
    names = ("id", "learner", "original", "sha256", "labels", "card", "metrics", "gate", "created")
    return _canonical(
        VersionFacts(
            **{name: getattr(version, name) for name in names},
            set=version.set_name,
            parent=version.parent_id,
            snapshot=version.snapshot_id,
            run=RunFacts.model_validate(run) if run is not None else None,
        )
    )


def activation_object(activation: Activation) -> Object:
    """Return the object of an activation."""
    names = ("learner", "by", "created")
    facts = ActivationFacts(
        **{name: getattr(activation, name) for name in names}, set=activation.set_name, version=activation.version_id
    )
    return Object(activation_key(activation), _canonical(facts), JSON)


def read_version_facts(body: bytes) -> VersionFacts:
    """Parse a version's facts, also those of earlier releases; raise BrokenFacts."""
    try:
        found = json.loads(body)
    except ValueError:
        raise BrokenFacts("These are not the facts of a version.") from None
    if isinstance(found, dict) and "format" not in found:
        found = _of_earlier_release(found)
    return _read(VersionFacts, json.dumps(found).encode())


def read_activation_facts(body: bytes) -> ActivationFacts:
    """Parse an activation's facts, or raise BrokenFacts."""
    return _read(ActivationFacts, body)


def _of_earlier_release(found: dict[str, Any]) -> dict[str, Any]:
    """Complete facts that had neither times nor runs: a version's id begins with its time, its card names the rest."""
    try:
        card, created = found["card"], (BEGINNING + timedelta(milliseconds=int(found["id"][:12], 16))).isoformat()
        run = {"id": card["run"], "kind": card["kind"], "created": created, "started": created}
        more = {"parent": card.get("parent"), "snapshot": card.get("snapshot"), "run": run, "created": created}
        return {name: value for name, value in found.items() if name != "set_name"} | {
            **more,
            "set": found["set_name"],
            "original": False,
            "format": 2,
        }
    except (KeyError, TypeError, ValueError):
        raise BrokenFacts("These are not the facts of a version.") from None


def _read(form: type[_Form], body: bytes) -> _Form:
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, problem["loc"])) or "JSON" for problem in error.errors()}))
        raise BrokenFacts(f"These are not the facts of a version or an activation; these fields are wrong: {where}.") from None


def _canonical(facts: _Facts) -> bytes:
    return json.dumps(facts.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
