"""Which symbol sets and versions exist, and which version answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from functions.domain.answer import LEARNERS
from functions.domain.symbols import Origin, SymbolSet
from functions.errors import BadLabel, BadSet, BadSettings, BrokenArtefact, Conflict, MissingObject, UnknownSet, UnknownVersion
from functions.records import facts, outbox
from functions.records.locks import alone
from functions.records.tables import Activation, SymbolSetRow, Version
from functions.store import Store

Kind = Literal["tflite", "npz"]
# Written out: only so does the partial index ix_versions_original serve the question, and not a walk over all that was learned.
SHIPPED = text("versions.original")
CONTENT_TYPES: dict[Kind, str] = {"tflite": "application/vnd.tflite", "npz": "application/x-npz"}


def seed(session: Session, models: Path) -> None:
    """Make the rows of what ``models/`` ships: symbol sets, original versions, their first activations.

    Seeding again changes nothing. A newer shipped original takes over from a live original, and from a learned version only
    where that is of the older form, which cannot answer any more. Labels that the owner added to a shipped set stay.
    The originals' files go to the store too, so that they can be made live again when a later release no longer ships them.

    Raises:
        BadSettings: ``models/`` is not whole, or contradicts the database.
    """
    alone(session, "seed")
    for name, entry in _manifest(models)["sets"].items():
        symbols = _shipped_set(name, entry)
        _seed_set(session, symbols)
        for learner, version_entry in entry["versions"].items():
            if session.get(Version, version_entry["id"]) is None:
                _seed_version(session, models, symbols, learner, version_entry)


def _shipped_set(name: str, entry: dict[str, Any]) -> SymbolSet:
    try:
        return SymbolSet(name, tuple(entry["labels"]), _groups(entry.get("confusable", [])))
    except (BadLabel, BadSet) as error:
        raise BadSettings(f"models/manifest.json is not whole: {error}") from None


def _seed_set(session: Session, symbols: SymbolSet) -> None:
    row = session.get(SymbolSetRow, symbols.name)
    if row is None:
        row = SymbolSetRow(name=symbols.name, labels=list(symbols.labels), origin="shipped")
        session.add(row)
    elif row.origin != "shipped":
        raise BadSettings(
            f"models/ ships a symbol set {symbols.name!r}, and the owner has defined one of that name; "
            "take it out of models/manifest.json to keep the owner's."
        )
    elif tuple(row.labels[: len(symbols.labels)]) != symbols.labels:
        raise BadSettings(f"The symbol set {symbols.name!r} in models/ has other labels than the one in the database.")
    elif _groups(row.confusable) == symbols.confusable:
        return
    row.confusable = [list(group) for group in symbols.confusable]
    session.flush()
    outbox.send(session, facts.set_key(row.name), facts.set_facts(row), "application/json")


def _groups(lists: list[list[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in lists)


def _seed_version(session: Session, models: Path, symbols: SymbolSet, learner: str, entry: dict[str, Any]) -> None:
    answering = live(session, symbols.name).get(learner)
    files = {"tflite": entry["tflite"], "npz": entry["weights"]}
    version = Version(
        id=entry["id"],
        set_name=symbols.name,
        learner=learner,
        original=True,
        sha256=entry["tflite"]["sha256"],
        labels=list(symbols.labels),
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
    if answering is None or answering.original or is_of_older_form(answering):
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
    return _symbols(row)


def symbol_sets(session: Session) -> list[SymbolSet]:
    """Return every symbol set, newest first."""
    rows = session.scalars(select(SymbolSetRow).order_by(SymbolSetRow.created.desc(), SymbolSetRow.name))
    return [_symbols(row) for row in rows]


def _symbols(row: SymbolSetRow) -> SymbolSet:
    return SymbolSet(row.name, tuple(row.labels), _groups(row.confusable))


def origins(session: Session) -> dict[str, Origin]:
    """Return where each symbol set comes from, by its name."""
    return {row.name: row.origin for row in session.scalars(select(SymbolSetRow))}  # type: ignore[misc]


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
    return {row.learner: row for row in session.scalars(_activated(set_name, func.max))}


def original(session: Session, set_name: str) -> dict[str, Version]:
    """Return the newest shipped version, by learner; where none was shipped, the first that ever answered."""
    shipped = select(Version).where(Version.set_name == set_name, SHIPPED).order_by(Version.created, Version.id)
    questions = (_activated(set_name, func.min), shipped)
    return {row.learner: row for question in questions for row in session.scalars(question)}


def _activated(set_name: str, which: Callable[[Any], Any]) -> Select[Version]:
    """Ask for the versions of a set's newest, or first, activation of each learner: one step down the index for each."""
    ids = [
        select(which(Activation.id)).where(Activation.set_name == set_name, Activation.learner == learner).scalar_subquery()
        for learner in LEARNERS
    ]
    return select(Version).join(Activation, Activation.version_id == Version.id).where(Activation.id.in_(ids))


def is_of_older_form(version: Version) -> bool:
    """Tell whether a version was made before networks could reject: its network lacks an output and cannot answer any more."""
    return version.card.get("rejects") is False


def activate(session: Session, version_id: str, by: str) -> Activation:
    """Let a version answer from now on: promotion and rollback alike. Activating the live one changes nothing.

    Raises:
        UnknownVersion: there is none with that id.
        Conflict: it is of the older form, which cannot answer any more.
    """
    chosen = version(session, version_id)
    if is_of_older_form(chosen):
        raise Conflict("This version was made before networks could reject what is not a symbol; it cannot answer any more.")
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
    except (OSError, KeyError):
        return None
    # Another release may ship another network under the same file name; the store keeps the older one.
    return body if hashlib.sha256(body).hexdigest() == _sha256(version, kind) else None


def _sha256(version: Version, kind: Kind) -> str:
    return version.sha256 if kind == "tflite" else str(version.card["weights_sha256"])
