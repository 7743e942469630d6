"""Tells whether the database and the disk can be written, for the health check of a web process."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from functions.domain.problem import Problem
from functions.errors import Unavailable
from functions.records.database import Database
from functions.records.tables import Setting

LEAST_FREE = 16 * 2**20  # bytes: a drawing needs some kilobytes, and SQLite's log some megabytes
NAME, PROBE = "write_check", "x" * 2**16
FULL, REFUSED = Problem("disk_full"), Problem("database_readonly")


class WriteHealth:
    """Whether writing works; after a failure, each question tries to write until that succeeds."""

    def __init__(self) -> None:
        self._doubted = False
        self._trying = threading.Lock()

    def doubt(self) -> None:
        """Note that a request could not be served, perhaps because nothing can be written."""
        self._doubted = True

    def reasons(self, database: Database, folder: Path | None) -> list[str]:
        """Return why drawings cannot be kept now; ``folder`` is where the database or the objects are, None if elsewhere."""
        if folder is not None and _free(folder) < LEAST_FREE:
            return [FULL]
        if self._doubted and self._trying.acquire(blocking=False):  # the others go on doubting meanwhile
            try:
                self._doubted = not _can_write(database.probing())
            finally:
                self._trying.release()
        return [REFUSED] if self._doubted else []


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _can_write(database: Database) -> bool:
    try:
        # As much as a large drawing, because less may fit where a drawing does not. Deleted, it leaves its room to drawings.
        with database.writing() as session:
            session.merge(Setting(name=NAME, value=PROBE))
        with database.writing() as session:
            session.execute(delete(Setting).where(Setting.name == NAME))
    except (SQLAlchemyError, Unavailable):
        return False
    return True
