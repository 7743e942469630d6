"""Wait for a database that is away, and say so once an outage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from functions.errors import BadSettings
from functions.records.database import why_away, why_refused
from functions.store.outage_log import OutageLog

SOONEST, LATEST = 1.0, 10.0  # seconds between two tries
DATABASE = "The database"

Result = TypeVar("Result")


def outlast(
    attempt: Callable[[], Result], outages: OutageLog, stop: threading.Event, patience: float = float("inf")
) -> Result | None:
    """Return what ``attempt`` returns as soon as the database answers; None if ``stop`` is set before.

    Raises:
        BadSettings: the database refuses, which waiting does not mend.
        DBAPIError: the database is still away after ``patience`` seconds.
    """
    wait, until = SOONEST, time.monotonic() + patience
    while not stop.is_set():
        try:
            result = attempt()
        except DBAPIError as error:
            if (refused := why_refused(error)) is not None:
                raise BadSettings(refused) from error
            outages.away(DATABASE, why_away(error))
            if time.monotonic() >= until:
                raise
            stop.wait(min(wait, max(0.0, until - time.monotonic())))
            wait = min(2 * wait, LATEST)
        else:
            outages.back(DATABASE)
            return result
    return None
