"""The verb *activate*: a version becomes live, for a promotion or a rollback."""

from __future__ import annotations

from sqlalchemy.orm import Session

from functions import registry
from functions.errors import BrokenArtefact, Conflict
from functions.learners.litert import checked_network
from functions.records.audit_log import Actor, note
from functions.records.database import Database, locked
from functions.records.tables import Version


def activate(
    database: Database,
    artefacts: registry.Artefacts,
    version_id: str,
    by: str,
    *,
    replaces: str | None = None,
    actor: Actor | None = None,
) -> Version:
    """Make a version live whose network can be loaded, and return it. To activate the live version changes nothing.

    The caller means it to replace the version that it names as ``replaces``, or else the one that is live when the call begins.
    So of several calls that replace the same version, one is done.

    Raises:
        UnknownVersion: there is none with that id.
        Conflict: its network cannot be loaded, or another version became live meanwhile.
        StoreUnavailable: its network cannot be read at the moment.
    """
    with database.reading() as session:
        chosen = registry.version(session, version_id)
        replaced = replaces or _live_id(session, chosen)
    # Before the transaction, which must not wait for a store.
    _check(artefacts, chosen)
    if replaces is None and replaced == chosen.id:
        return chosen
    with database.writing() as session:
        locked(session, "activations")
        if _live_id(session, chosen) != replaced:
            raise Conflict("Another version became live meanwhile; look again before you activate this one.")
        registry.activate(session, version_id, by)
        note(session, actor, "version_activated", version_id, set_name=chosen.set_name, learner=chosen.learner, replaces=replaced)
    return chosen


def _live_id(session: Session, version: Version) -> str | None:
    live = registry.live(session, version.set_name).get(version.learner)
    return live.id if live is not None else None


def _check(artefacts: registry.Artefacts, version: Version) -> None:
    if registry.is_of_older_form(version):
        return  # the registry refuses it, with the reason
    try:
        checked_network(artefacts.read(version, "tflite"), len(version.labels))
    except BrokenArtefact as error:
        raise Conflict(f"This version cannot be activated. {error}") from error
    except (ValueError, RuntimeError):
        raise Conflict("This version cannot be activated. Its network cannot be run, or has other outputs than labels.") from None
