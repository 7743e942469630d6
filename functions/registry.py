"""Which symbol sets and versions exist, and which version answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from functions.errors import BadSettings, BrokenArtefact, MissingObject, UnknownSet, UnknownVersion
from functions.records.alone import alone
from functions.records.tables import Activation, SymbolSetRow, Version
from functions.store import Store, objects, outbox
from functions.symbols import SymbolSet

Kind = Literal["tflite", "npz"]
CONTENT_TYPES: dict[Kind, str] = {"tflite": "application/vnd.tflite", "npz": "application/x-npz"}


def seed(session: Session, models: Path) -> None:
    """Make the rows of what ``models/`` ships: symbol sets, original versions, their first activations.

    Seeding again changes nothing. A newer shipped original takes over from a live original, never from a learned version.
    The originals' files go to the store too, so that they can be made live again when a later release no longer ships them.

    Raises:
        BadSettings: ``models/`` is not whole, or contradicts the database.
    """
    alone(session, "seed")
    for name, shipped in _manifest(models)["sets"].items():
        _seed_set(session, SymbolSet(name, tuple(shipped["labels"])))
        for learner, entry in shipped["versions"].items():
            if session.get(Version, entry["id"]) is None:
                _seed_version(session, models, name, learner, entry)


def _seed_set(session: Session, symbols: SymbolSet) -> None:
    row = session.get(SymbolSetRow, symbols.name)
    if row is None:
        row = SymbolSetRow(name=symbols.name, labels=list(symbols.labels))
        session.add(row)
        session.flush()
        outbox.send(session, objects.set_key(row.name), objects.set_facts(row), "application/json")
    elif tuple(row.labels) != symbols.labels:
        raise BadSettings(f"The symbol set {symbols.name!r} in models/ has other labels than the one in the database.")


def _seed_version(session: Session, models: Path, set_name: str, learner: str, entry: dict[str, Any]) -> None:
    answering = live(session, set_name).get(learner)
    files = {"tflite": entry["tflite"], "npz": entry["weights"]}
    version = Version(
        id=entry["id"],
        set_name=set_name,
        learner=learner,
        original=True,
        sha256=entry["tflite"]["sha256"],
        card={"files": files, "weights_sha256": entry["weights"]["sha256"]},
        metrics=entry.get("metrics", {}),
        gate={"accepted": True, "reason": "the original, as it was shipped"},
    )
    session.add(version)
    session.flush()
    for kind, content_type in CONTENT_TYPES.items():
        body = _shipped(models, version, kind)
        if body is None:
            raise BadSettings(f"models/{files[kind]['file']} is missing or not the file that models/manifest.json describes.")
        outbox.send(session, artefact_key(version, kind), body, content_type)
    if answering is None or answering.original:
        activate(session, version.id, "seed")


def _manifest(models: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((models / "manifest.json").read_text())
    except (OSError, ValueError):
        raise BadSettings("models/manifest.json is missing or cannot be read; the shipped networks are needed.") from None
    return manifest


def symbol_set(session: Session, name: str) -> SymbolSet:
    """Return a symbol set.

    Raises:
        UnknownSet: there is none with that name.
    """
    row = session.get(SymbolSetRow, name)
    if row is None:
        raise UnknownSet(f"There is no symbol set called {name!r}.")
    return SymbolSet(row.name, tuple(row.labels))


def symbol_sets(session: Session) -> list[SymbolSet]:
    """Return every symbol set, newest first."""
    rows = session.scalars(select(SymbolSetRow).order_by(SymbolSetRow.created.desc(), SymbolSetRow.name))
    return [SymbolSet(row.name, tuple(row.labels)) for row in rows]


def version(session: Session, version_id: str) -> Version:
    """Return a version.

    Raises:
        UnknownVersion: there is none with that id.
    """
    row = session.get(Version, version_id)
    if row is None:
        raise UnknownVersion("There is no version with that id.")
    return row


def versions(session: Session, set_name: str, *, limit: int, before: str | None = None) -> list[Version]:
    """Return up to ``limit`` versions of a set, newest first, older than the version ``before``."""
    question = select(Version).where(Version.set_name == set_name)
    if before is not None and (last := session.get(Version, before)) is not None:
        earlier = Version.created < last.created
        question = question.where(earlier | ((Version.created == last.created) & (Version.id < last.id)))
    return list(session.scalars(question.order_by(Version.created.desc(), Version.id.desc()).limit(limit)))


def live(session: Session, set_name: str) -> dict[str, Version]:
    """Return the version that answers now, by learner."""
    newest = select(func.max(Activation.id)).where(Activation.set_name == set_name).group_by(Activation.learner)
    question = select(Version).join(Activation, Activation.version_id == Version.id).where(Activation.id.in_(newest))
    return {row.learner: row for row in session.scalars(question)}


def original(session: Session, set_name: str) -> dict[str, Version]:
    """Return the newest shipped version, by learner."""
    question = select(Version).where(Version.set_name == set_name, Version.original).order_by(Version.created, Version.id)
    return {row.learner: row for row in session.scalars(question)}


def activate(session: Session, version_id: str, by: str) -> Activation:
    """Let a version answer from now on: promotion and rollback alike. Activating the live one changes nothing.

    Raises:
        UnknownVersion: there is none with that id.
    """
    chosen = version(session, version_id)
    alone(session, "activations")  # their ids become visible in order, so the highest one tells whether there is news
    of_learner = select(Activation).where(Activation.set_name == chosen.set_name, Activation.learner == chosen.learner)
    newest = session.scalar(of_learner.order_by(Activation.id.desc()).limit(1))
    if newest is not None and newest.version_id == chosen.id:
        return newest
    activation = Activation(set_name=chosen.set_name, learner=chosen.learner, version_id=chosen.id, by=by[:64])
    session.add(activation)
    session.flush()
    return activation


def latest_activation(session: Session) -> int:
    """Return the id of the newest activation of all, 0 when there is none."""
    return session.scalar(select(func.max(Activation.id))) or 0


def artefact_key(version: Version, kind: Kind) -> str:
    """Return the name of a version's object."""
    return f"versions/{version.set_name}/{version.id}.{kind}"


def artefact(store: Store, models: Path, version: Version, kind: Kind) -> bytes:
    """Return a version's network (tflite) or weights (npz), checked against its recorded SHA-256.

    Raises:
        BrokenArtefact: it is missing, or its bytes are not the recorded ones.
        StoreUnavailable: the store cannot be reached.
    """
    if version.original and (body := _shipped(models, version, kind)) is not None:
        return body
    try:
        body = store.get(artefact_key(version, kind))
    except MissingObject:
        raise BrokenArtefact(f"The {kind} file of version {version.id} is missing.") from None
    if hashlib.sha256(body).hexdigest() != _sha256(version, kind):
        raise BrokenArtefact(f"The {kind} file of version {version.id} is not the one that was recorded.")
    return body


def _shipped(models: Path, version: Version, kind: Kind) -> bytes | None:
    try:
        body = (models / version.card["files"][kind]["file"]).read_bytes()
    except OSError:
        return None
    # Another release may ship another network under the same file name; the store keeps the older one.
    return body if hashlib.sha256(body).hexdigest() == _sha256(version, kind) else None


def _sha256(version: Version, kind: Kind) -> str:
    return version.sha256 if kind == "tflite" else str(version.card["weights_sha256"])
