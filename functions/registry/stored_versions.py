"""What the object store must have for the versions, activations and symbol sets, and how it is sent again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.records import facts, objects, outbox
from functions.records.objects import Expected
from functions.records.tables import Activation, SymbolSetRow, Version
from functions.registry.artefacts import CONTENT_TYPES, Artefacts, artefact_key, shipped_file, used_samples_key
from functions.registry.version_facts import activation_key, activation_object, version_objects
from functions.store.names import set_key


@dataclass(frozen=True)
class VersionsSentAgain:
    """The number of objects that are sent again, and the keys of those that no row can give back."""

    objects: int
    lost: tuple[str, ...]


def expected_versions(session: Session) -> list[Expected]:
    """Return what the store must have for each symbol set and version."""
    sets = [
        Expected(row.name, {set_key(row.name): _sha256(facts.set_facts(row))}) for row in session.scalars(select(SymbolSetRow))
    ]
    return sets + [Expected(row.id, _of_version(session, row)) for row in session.scalars(select(Version).order_by(Version.id))]


def send_versions_again(
    session: Session, artefacts: Artefacts, wrong: Collection[str], activations: Collection[str]
) -> VersionsSentAgain:
    """Send the ``wrong`` objects of sets and versions, and the facts of activations whose keys are not among ``activations``."""
    rows = list(session.scalars(select(Version).order_by(Version.id)))
    made = [one for row in rows for one in version_objects(session, row)]
    made += [
        outbox.Object(set_key(row.name), facts.set_facts(row), objects.JSON) for row in session.scalars(select(SymbolSetRow))
    ]
    for row in rows:
        for kind, content_type in CONTENT_TYPES.items() if row.original else ():
            if (body := shipped_file(artefacts.models, row, kind)) is not None:
                made.append(outbox.Object(artefact_key(row, kind), body, content_type))
    sent = [one for one in made if one.key in wrong]
    sent += [activation_object(row) for row in session.scalars(select(Activation)) if activation_key(row) not in activations]
    under_way = outbox.under_way(session, [one.key for one in sent])
    sent = [one for one in sent if one.key not in under_way]
    for one in sent:
        outbox.send(session, one)
    return VersionsSentAgain(len(sent), tuple(sorted(set(wrong) - {one.key for one in made})))


def _of_version(session: Session, version: Version) -> Mapping[str, str]:
    found = {one.key: _sha256(one.body) for one in version_objects(session, version)}
    found[artefact_key(version, "tflite")] = version.sha256
    if "weights_sha256" in version.card:
        found[artefact_key(version, "npz")] = version.card["weights_sha256"]
    if "lesson_sha256" in version.card:
        found[used_samples_key(version)] = version.card["lesson_sha256"]
    return found


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
