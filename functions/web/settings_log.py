"""Writes into the audit log when the platform starts with other settings than before; secrets only as set or not set."""

from __future__ import annotations

import json
import logging
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from functions.records.audit_log import PLATFORM, note
from functions.records.database import Database, locked
from functions.records.tables import Setting
from functions.settings import Settings
from functions.web.pages.admin_settings import GROUPS

SEEN = "settings_seen"  # the row that keeps the settings of the last start
# Machines of one platform may differ in these, and each start would seem to change them.
OF_ONE_MACHINE = {
    "PORT",
    "INKLOOP_HOST",
    "INKLOOP_HOME",
    "INKLOOP_DISK",
    "INKLOOP_MODELS",
    "WEB_WORKERS",
    "WEB_THREADS",
    "DATABASE_URL",
}

log = logging.getLogger(__name__)


def note_changes(database: Database, settings: Settings) -> None:
    """Compare the settings with those of the last start. A database that cannot be written now is no reason not to start."""
    shown = _shown(settings)
    try:
        with database.reading() as session:
            kept = session.get(Setting, SEEN)
        if kept is not None and json.loads(kept.value) == shown:
            return
        with database.writing() as session:
            locked(session, SEEN)
            kept = session.get(Setting, SEEN)
            if kept is None:
                session.add(Setting(name=SEEN, value=json.dumps(shown)))
                return
            before = json.loads(kept.value)  # another process may have written meanwhile
            changed: dict[str, Any] = {
                name: [before.get(name, ""), value] for name, value in shown.items() if before.get(name, "") != value
            }
            if changed:
                note(session, PLATFORM, "settings_changed", **changed)
            kept.value = json.dumps(shown)
    except SQLAlchemyError as error:
        log.warning("The settings cannot be compared with those of the last start: %s", type(error).__name__)


def _shown(settings: Settings) -> dict[str, str]:
    described = [one for group in GROUPS.values() for one in group if one.name not in OF_ONE_MACHINE]
    return {one.name: _text(one.value(settings), secret=one.secret) for one in described}


def _text(value: str | None, *, secret: bool) -> str:
    return "" if value is None else "set" if secret else value
