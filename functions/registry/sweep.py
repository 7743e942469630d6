"""Delete files of versions that were never published: of runs that failed, or whose worker was killed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from functions.records import outbox
from functions.records.database import Database, batches
from functions.records.tables import Run, Version, now
from functions.registry.version_facts import BEGINNING
from functions.store import Store

SAFE_AGE = timedelta(days=1)  # far longer than any run
MADE_HERE = re.compile(r"[0-9a-f]{32}")  # an id of ``new_id``, which begins with its time; shipped versions have others


def sweep(database: Database, store: Store, age: timedelta = SAFE_AGE) -> list[str]:
    """Delete the files below ``versions/`` that belong to no version and no running run; return their keys.

    A version with facts in the store was published. Its files stay even if the database does not know it: after the loss of a
    database, the store alone must give the versions back.

    Raises:
        StoreUnavailable: the store cannot list its objects now.
    """
    files: dict[tuple[str, str], list[str]] = {}
    for key in store.keys("versions/"):
        _, set_name, name = key.split("/", 2)
        files.setdefault((set_name, name.partition(".")[0]), []).append(key)
    left = {
        (set_name, version): keys
        for (set_name, version), keys in files.items()
        if f"versions/{set_name}/{version}.json" not in keys and MADE_HERE.fullmatch(version) and _made(version) < now() - age
    }
    with database.writing() as session:
        gone = [key for place in _nobodys(session, left) for key in left[place]]
        outbox.remove(session, *gone)
    return gone


def _nobodys(session: Session, places: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the sets and versions that no row names, and that no running run can have made."""
    places = list(places)
    known: set[str] = set()
    for some in batches([version for _, version in places]):
        known.update(session.scalars(select(Version.id).where(Version.id.in_(some))))
    running = {
        run.set_name: run for run in session.scalars(select(Run).where(Run.state == "running").order_by(Run.created.desc()))
    }
    return [
        (set_name, version)
        for set_name, version in places
        if version not in known and (set_name not in running or _made(version) < running[set_name].created)
    ]


def _made(version: str) -> datetime:
    return BEGINNING + timedelta(milliseconds=int(version[:12], 16))
