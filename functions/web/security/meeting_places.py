"""Where the processes of the platform add up what each has counted: the database, or Redis (``meeting_in_redis``)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from functions.errors import Unavailable
from functions.records.database import Database
from functions.records.limit_counts import add_counts, delete_ended_counts

CLEAN_EVERY = 600.0  # seconds between two looks for ended counts, by each process

Counts = Mapping[str, tuple[int, float]]  # of each key: a number, and when it ends (seconds since 1970)


class Away(Exception):
    """The meeting place cannot be reached now."""


class MeetingPlace(Protocol):
    """Adds the numbers of all processes."""

    name: str

    def add(self, counts: Counts) -> Counts:
        """Add to some counts, and return what all processes have counted, and until when; raise Away."""


class InDatabase:
    """Counts in the table ``limit_counts``."""

    name = "the database"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clean_at = time.time() + CLEAN_EVERY

    def add(self, counts: Counts) -> Counts:
        """Add to some counts in one transaction."""
        moment = time.time()
        try:
            with self._database.writing() as session:
                found = add_counts(session, counts, moment)
                if moment > self._clean_at:
                    delete_ended_counts(session, moment)
                    self._clean_at = moment + CLEAN_EVERY
                return found
        except (SQLAlchemyError, Unavailable) as error:
            raise Away(type(error).__name__) from error
