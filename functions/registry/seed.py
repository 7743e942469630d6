"""Open a database with its tables and with the rows of the shipped sets and versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from functions.domain.symbols import SymbolSet
from functions.errors import BadLabel, BadSet, BadSettings
from functions.learners.squares.shipped import SEE, shipped_sets
from functions.records import outbox
from functions.records.database import Database, locked, open_database
from functions.records.migrate import migrate
from functions.records.objects import send_set
from functions.records.tables import SymbolSetRow, Version
from functions.registry.artefacts import CONTENT_TYPES, artefact_key, shipped_file
from functions.registry.first_start import require_services
from functions.registry.symbol_sets import _groups
from functions.registry.version_facts import version_objects
from functions.registry.versions import activate, is_of_older_form, live
from functions.settings import Settings


def bootstrap(settings: Settings) -> Database:
    """Return the open database, with its tables and the rows of ``models/`` up to date; every process begins here.

    Raises:
        BadSettings: ``models/`` is not whole, or contradicts the database; or nobody has drawn yet and a service refuses.
        DBAPIError: the database does not answer.
    """
    database = open_database(settings.database_url)
    try:
        migrate(database)
        with database.writing() as session:
            seed(session, settings.models)
        require_services(database, settings)
    except BaseException:
        database.engine.dispose()
        raise
    return database


def seed(session: Session, models: Path) -> None:
    """Make the rows of ``models/``: symbol sets, original versions, their first activations.

    Seeding again changes nothing. A newer original replaces a live original, and a live learned version only if that is of the
    older form, which cannot answer any more. Labels that the owner added to a shipped set stay. The originals' files go to the
    store too, so that they can be activated after a later release no longer ships them.

    Raises:
        BadSettings: ``models/`` is not whole, or contradicts the database.
    """
    locked(session, "seed")
    for name, entry in shipped_sets(models).items():
        symbols = _shipped_set(name, entry)
        _seed_set(session, symbols)
        for learner, version_entry in entry["versions"].items():
            if session.get(Version, version_entry["id"]) is None:
                _seed_version(session, models, symbols, learner, version_entry)


def _shipped_set(name: str, entry: dict[str, Any]) -> SymbolSet:
    try:
        return SymbolSet(name, tuple(entry["labels"]), _groups(entry.get("confusable", [])))
    except (BadLabel, BadSet) as error:
        raise BadSettings(f"models/manifest.json is not whole: {error} {SEE}") from None


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
    send_set(session, row)


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
        body = shipped_file(models, version, kind)
        if body is None:
            raise BadSettings(
                f"models/{files[kind]['file']} is missing or not the file that models/manifest.json describes. {SEE}"
            )
        outbox.send(session, outbox.Object(artefact_key(version, kind), body, content_type))
    outbox.send(session, *version_objects(session, version))
    if answering is None or answering.original or is_of_older_form(answering):
        activate(session, version.id, "seed")
