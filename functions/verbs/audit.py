"""The verb *audit*: the object store is compared with the rows, and what it lacks is sent again from the rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from functions import registry
from functions.dataset.compare_store import rows_without_objects
from functions.dataset.stored_drawings import SentAgain, Source, expected_drawings, send_drawing_again
from functions.records import outbox
from functions.records.database import Database
from functions.records.tables import Setting, now
from functions.store import Store

DRAWINGS_AT_ONCE = 100  # asked about and repaired together; a repair is a transaction of some milliseconds
ROUND = timedelta(days=1)  # between the beginnings of two rounds of the worker: most objects never change
CURSOR = "audit"  # the row of ``settings`` with the place of the worker's audit


@dataclass
class Audited:
    """How many drawings were compared with their objects, and what was wrong.

    ``sent`` counts the objects that are sent again, ``pictures`` what the pictures among them are made from. ``lost`` counts the
    missing pictures that can be made again, but not to the byte. ``begins`` tells that a round of a worker begins.
    """

    drawings: int = 0
    sent: int = 0
    lost: int = 0
    begins: bool = False
    pictures: Counter[Source] = field(default_factory=Counter)

    def add(self, one: SentAgain) -> None:
        """Count what was sent again for a drawing."""
        self.sent += one.objects
        self.lost += one.lost
        if one.picture is not None:
            self.pictures[one.picture] += 1


def audit(
    database: Database, store: Store, on_progress: Callable[[int], None] = lambda drawings: None, *, remake: bool = False
) -> Audited:
    """Compare every drawing with its objects, and send again what is missing or different; ``on_progress`` counts the drawings.

    A missing picture that cannot be made again to the byte, as that of an upload, is sent only with ``remake``: the store may be
    the wrong one, and the right one may still have it.

    Raises:
        StoreUnavailable: the store cannot be asked. What was found until then is sent.
    """
    audited = Audited()
    after: str | None = ""
    while after is not None:
        after = _compare(database, store, after, DRAWINGS_AT_ONCE, audited, remake)
        on_progress(audited.drawings)
    return audited


@dataclass(frozen=True)
class AuditedVersions:
    """How many objects of sets, versions and activations are sent again, and the keys of those that no row can give back."""

    sent: int
    lost: tuple[str, ...]


def audit_versions(database: Database, artefacts: registry.Artefacts) -> AuditedVersions:
    """Compare all symbol sets, versions and activations with their objects, and send again what is missing or different.

    Facts come from the rows, the files of originals from ``models/``. The networks of learned versions are in the store alone.

    Raises:
        StoreUnavailable: the store cannot be asked.
    """
    with database.reading() as session:
        expected = registry.expected_versions(session)
        waiting = outbox.under_way(session, [key for one in expected for key in one.sha256])
    activations = set(artefacts.store.keys("activations/"))
    wrong = {key for _, keys in rows_without_objects(artefacts.store, expected, waiting) for key in keys}
    with database.writing() as session:
        again = registry.send_versions_again(session, artefacts, wrong, activations)
    return AuditedVersions(again.objects, again.lost)


def audit_next(database: Database, store: Store, drawings: int = DRAWINGS_AT_ONCE) -> Audited:
    """Audit the next ``drawings``, from where the last call ended; a round begins once a day.

    Raises:
        StoreUnavailable: the store cannot be asked; the next call asks again.
    """
    audited = Audited()
    with database.reading() as session:
        begun, after = _cursor(session)
    if after is None:
        if begun is not None and now() < begun + ROUND:
            return audited
        begun, after = now(), ""
        audited.begins = True
    after = _compare(database, store, after, drawings, audited, remake=False)
    with database.writing() as session:
        place = {"begun": (begun or now()).isoformat(), "after": after}
        session.merge(Setting(name=CURSOR, value=json.dumps(place)))
    return audited


def _cursor(session: Session) -> tuple[datetime | None, str | None]:
    """Return when the round began, and after which drawing it goes on; None if it is over, or there was none yet."""
    kept = session.get(Setting, CURSOR)
    if kept is None:
        return None, None
    place = json.loads(kept.value)
    return datetime.fromisoformat(place["begun"]), place["after"]


def _compare(database: Database, store: Store, after: str, drawings: int, audited: Audited, remake: bool) -> str | None:
    """Compare up to ``drawings``, and repair them; return after which drawing to go on, None after the last one."""
    with database.reading() as session:
        expected = expected_drawings(session, after, drawings)
        waiting = outbox.under_way(session, [key for one in expected for key in one.sha256])
    # Outside a transaction, which must not wait for a store.
    for one, wrong in rows_without_objects(store, expected, waiting):
        with database.writing() as session:
            again = send_drawing_again(session, one.id, wrong, remake=remake)
        audited.add(again)
    audited.drawings += len(expected)
    return expected[-1].id if len(expected) == drawings else None
